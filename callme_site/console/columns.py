"""Columns that a higher app contributes to a lower one's pages; the lower app has a place for them, and knows none."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.html import format_html

from callme_site.console.words import NOTHING


@dataclass(frozen=True, eq=False)
class Column:
    """What a higher app knows of a lower app's rows. It can stand wherever Django's admin takes a function of a row."""

    name: str
    short_description: str | Promise  # its heading, by the name that Django's admin gives it
    values: Callable[[Collection[int]], Mapping[int, object]]  # of each of these ids; in one statement
    before: str = ""  # the column in front of which it stands; at the end where there is none of that name
    phrase: str | Promise = "%s"  # what a sentence about the row says of a value
    find: Callable[[str], Collection[int]] | None = None  # the ids of the rows that a search for a text finds by it
    address: Callable[[int], str] | None = None  # where a value leads, by the row's id
    permission: str = ""  # that one has to have to see it

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, row: Model) -> Any:
        value = self.values([row.pk])[row.pk]
        if value is None:
            return NOTHING
        return format_html('<a href="{}">{}</a>', self.address(row.pk), value) if self.address else value

    def in_a_sentence(self, row: Model) -> str:
        """Return the phrase that a sentence about the row has for its value; "" for one that has none."""
        value = self.values([row.pk])[row.pk]
        return "" if value is None else str(self.phrase) % (value,)

    def is_for(self, user: User | AnonymousUser) -> bool:
        """Return whether the user may see it."""
        return not self.permission or user.has_perm(self.permission)

    def read(self, pks: Collection[int]) -> "Column":
        """Return the column of these rows alone, with their values read."""
        values = self.values(pks)
        return replace(self, values=lambda _pks: values)


def placed(columns: Collection[Column], among: Collection[Any]) -> list[Any]:
    """Return the names `among` which the columns stand, with the columns in their places."""
    names = list(among)
    for column in columns:
        names.insert(names.index(column.before) if column.before in names else len(names), column)
    return names
