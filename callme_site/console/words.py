"""Rows as they are read: words for ticks and crosses, and no link to a page that is not open to the reader."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Field, ForeignKey, Model
from django.http import HttpRequest
from django.utils.translation import gettext

NOTHING = "-"  # as Django has it; of what a page computes itself, it would show Python's None


def yes_or_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def without_icons(model: type[Model], names: Iterable[Any]) -> list[Any]:
    """Return the names of a list's columns, with words in the place of Django's icons."""
    return [words(field) if isinstance(field := field_of(model, name), BooleanField) else name for name in names]


def to_read(request: HttpRequest, model: type[Model], names: Iterable[Any]) -> list[Any]:
    """Return the names of what a page shows and nobody changes there: in words, and without links that lead nowhere."""
    read = []
    for name in without_icons(model, names):
        field = field_of(model, name)
        closed = isinstance(field, ForeignKey) and not may_open(request, field.related_model)
        read.append(unlinked(field) if field and closed else name)
    return read


def field_of(model: type[Model], name: Any) -> Field | None:
    """Return the model's own field of that name."""
    return next((field for field in (*model._meta.fields, *model._meta.many_to_many) if field.name == name), None)


def may_open(request: HttpRequest, model: Any) -> bool:
    """Return whether the reader may open the pages of the model's rows."""
    page = admin.site._registry.get(model)
    return page is not None and page.has_view_or_change_permission(request)


@cache
def words(field: Field) -> Callable[[Model], str]:
    def read(row: Model) -> str:
        value = field.value_from_object(row)
        return NOTHING if value is None else yes_or_no(value)

    return named(read, field)


@cache
def unlinked(field: Field) -> Callable[[Model], str]:
    def read(row: Model) -> str:
        value = getattr(row, field.name)
        return NOTHING if value is None else str(value)

    return named(read, field)


def in_place_of(model: type[Model], name: str, read: Callable[[Any], str]) -> Any:
    """Return the function to stand for the model's field of that name, as a column or a line of a row's page.

    Its type is that of a name: by Django's stubs, pages have lines of nothing else.
    """
    return named(read, model._meta.get_field(name))


def named(read: Callable[[Any], str], field: Any) -> Callable[[Any], str]:
    """Return the function under the field's name and heading, sorted by as the field is."""
    read.__name__ = field.name
    return admin.display(description=field.verbose_name, ordering=field.name)(read)
