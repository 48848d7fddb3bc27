"""A stall's name, its person's name and its menu as others see them, who are not to see all that was written."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.db.models import Case, Value, When

from accounts.models import Person, Session
from accounts.texts import HIDDEN, TextCheck, hidden_text

# The columns of a seller that hold texts; each is a kind of TextCheck, and has a flag.
TEXTS = ("name", "person_name", "menu")


def flag(column: str) -> str:
    """Return the name of the column that tells whether the text is hidden."""
    return f"{column}_hidden"


def shown(column: str, prefix: str = "") -> Case:
    """Return a text of a seller, to which the prefix leads, as everybody but the seller is to see it."""
    hidden: Value = Value([hidden_text()], models.JSONField()) if column == "menu" else Value(hidden_text())
    return Case(When(**{prefix + flag(column): True}, then=hidden), default=prefix + column)


class SeenTexts(models.Model):
    """Which of a seller's texts others are not to see, until they are written anew."""

    name_hidden = models.BooleanField(default=False, db_default=False, editable=False)
    person_name_hidden = models.BooleanField(default=False, db_default=False, editable=False)
    menu_hidden = models.BooleanField(default=False, db_default=False, editable=False)

    name: Any
    person_name: Any
    menu: Any

    class Meta:
        abstract = True

    @property
    def shown_name(self) -> str:
        """The name as others see it, in the reader's language."""
        return str(HIDDEN) if self.name_hidden else self.name

    @property
    def shown_person_name(self) -> str:
        return str(HIDDEN) if self.person_name_hidden else self.person_name

    @property
    def shown_menu(self) -> list[str]:
        return [str(HIDDEN)] if self.menu_hidden else self.menu

    def anew(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return the changes without the texts that it has already: what is hidden is not shown for being sent again.

        To leave out what was there when the row was read is as if it had been written before any change since.
        """
        return {
            column: value for column, value in changes.items() if column not in TEXTS or value != getattr(self, column)
        }


def unhidden(changed: Collection[str]) -> dict[str, bool]:
    """Return what else is set where these columns are: a text that is written anew is shown."""
    return {flag(column): False for column in TEXTS if column in changed}


def forget_checks(seller: int, changed: Collection[str]) -> None:
    """Forget what was to be checked of the seller (by id) in these columns, which have another text by now."""
    for column in TEXTS:
        if column in changed:
            TextCheck.objects.forget(column, [seller])


def await_checks(seller: int, changes: Mapping[str, Any], writer: Person | None) -> None:
    """Let the texts that the person wrote for the seller (by id) be checked, if texts are, in place of older ones."""
    written = [column for column in TEXTS if column in changes]
    if writer is None or not written or not TextCheck.objects.is_on():
        return
    openid = Session.objects.openid_of(writer, Session.App.SELLER)
    forget_checks(seller, written)
    for column in written:
        TextCheck.objects.await_check(column, seller, changes[column], openid)
