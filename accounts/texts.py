"""Texts that people write for others: those that WeChat has yet to check, and those that a clerk has to decide on."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import openids
from callme_site.storage.retries import retried

# WeChat's document of msg_sec_check, version 2: so long a text at most, of somebody who was there so lately.
CHARACTERS = 2500
GIVE_UP = timedelta(hours=2)
ASKING = timedelta(seconds=60)  # after which whoever asks WeChat is taken for dead; longer than WeChat is waited for
SOON, AT_MOST = timedelta(seconds=5), timedelta(minutes=10)  # until a text is asked about again, doubled each time


HIDDEN = _("(text was not approved)")


@lru_cache(maxsize=4)
def hidden_text_in(language: str) -> str:
    with override(language):
        return str(HIDDEN)


def hidden_text() -> str:
    """Return what phones and boards show in the place of a text that WeChat or a clerk has found wrong."""
    return hidden_text_in(settings.LANGUAGE_CODE)


def parts(text: str | Sequence[str]) -> list[str]:
    """Return what is checked of a text, or of a list of them, by the line: as few texts as CHARACTERS allow."""
    lines = [text] if isinstance(text, str) else text
    found: list[str] = []
    for line in filter(None, lines):
        for begin in range(0, len(line), CHARACTERS):
            piece = line[begin : begin + CHARACTERS]
            if found and not begin and len(found[-1]) + 1 + len(piece) <= CHARACTERS:
                found[-1] += f"\n{piece}"
            else:
                found.append(piece)
    return found


class TextCheckManager(models.Manager["TextCheck"]):
    def is_on(self) -> bool:
        """Return whether texts are checked."""
        return settings.CONTENT_CHECK and bool(settings.OPENID_KEYS)

    def together(self) -> AbstractContextManager[Any]:
        """Be one transaction, in which a text and its checks are written, where texts are checked."""
        return transaction.atomic() if self.is_on() else nullcontext()

    def await_check(self, kind: str, subject: int, text: str | Sequence[str], openid: str) -> None:
        """Let a new text of the subject (by id) be checked, of whose writer the openid is kept, encrypted.

        WeChat checks nothing of somebody unknown: without an openid it is left for a clerk.
        """
        now = timezone.now()
        how = {"state": TextCheck.State.WAITING, "due_at": now} if openid else {"state": TextCheck.State.UNCHECKED}
        row: dict[str, Any] = {"kind": kind, "subject": subject, "openid": openid, "written_at": now, **how}
        self.bulk_create(TextCheck(text=part, **row) for part in parts(text))

    def forget(self, kind: str, subjects: Collection[int]) -> None:
        """Forget the checks of what was written there: there is another text by now, or none."""
        self.filter(kind=kind, subject__in=subjects).delete()

    def left(self) -> models.QuerySet["TextCheck"]:
        """Return what is left for a clerk to decide on."""
        return self.filter(due_at=None)

    def claim(self, limit: int) -> list["TextCheck"]:
        """Return so many texts at most that are due, the longest due first; nobody else asks about them for ASKING.

        One that was asked about and is older than GIVE_UP is left for a clerk.
        """
        now, claimed = timezone.now(), list["TextCheck"]()
        for check in self.filter(due_at__lte=now).order_by("due_at", "pk")[:limit]:
            if check.tries and check.written_at <= now - GIVE_UP:
                check.leave()
            elif check.record(state=TextCheck.State.ASKING, due_at=now + ASKING, tries=F("tries") + 1):
                check.tries += 1
                claimed.append(check)
        return claimed


class TextCheck(models.Model):
    """A text that WeChat has not yet passed. The row goes with WeChat's verdict, or with the clerk's."""

    class Kind(models.TextChoices):
        NOTE = "note", _("note")
        NAME = "name", _("name")
        PERSON_NAME = "person_name", _("person's name")
        MENU = "menu", _("menu")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be checked")
        ASKING = "asking", _("being checked")
        REVIEW = "review", _("WeChat is in doubt")
        UNCHECKED = "unchecked", _("WeChat could not check it")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    subject = models.PositiveBigIntegerField()  # the id of the order or seller, of which this app knows nothing
    text = models.TextField(_("text"))
    # Of who wrote it, encrypted, until WeChat was asked.
    openid = models.CharField(max_length=openids.KEPT_LENGTH, blank=True, default="")
    state = models.CharField(_("why"), max_length=9, choices=State)
    due_at = models.DateTimeField(null=True)  # when WeChat is to be asked; never, where a clerk is
    tries = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField(_("written at"))

    objects = TextCheckManager()

    class Meta:
        verbose_name = _("text to decide on")
        verbose_name_plural = _("texts to decide on")
        default_permissions = ()
        permissions = [("decide_textcheck", _("Can decide on texts"))]
        indexes = [
            models.Index(fields=["due_at"], name="due_text_check"),
            models.Index(fields=["kind", "subject"], name="text_check_of_a_subject"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def as_claimed(self) -> models.QuerySet["TextCheck"]:
        """The row, unless somebody else has claimed it since, or it went with a verdict or a newer text."""
        return TextCheck.objects.filter(pk=self.pk, tries=self.tries, due_at__isnull=False)

    @retried
    def record(self, **changes: Any) -> bool:
        """Write what has become of it; return whether it is still this one's."""
        return self.as_claimed.update(**changes) > 0

    @retried
    def settle(self) -> None:
        """Keep nothing of it, as the verdict is there."""
        self.as_claimed.delete()

    def leave(self, state: "TextCheck.State | None" = None) -> None:
        """Leave it for a clerk; WeChat is not asked again."""
        self.record(state=state or TextCheck.State.UNCHECKED, openid=openids.NONE, due_at=None)

    def postpone(self) -> None:
        """Ask again later, or leave it for a clerk where it is too old by then."""
        again = timezone.now() + min(SOON * 2 ** min(self.tries, 10), AT_MOST)
        if again > self.written_at + GIVE_UP:
            self.leave()
        else:
            self.record(state=TextCheck.State.WAITING, due_at=again)
