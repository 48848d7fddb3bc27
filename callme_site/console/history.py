"""Django's history of rows, told in the language of whoever reads it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.text import capfirst

from callme_site.sentences import Sentence, said

Row = TypeVar("Row", bound=Model)


def write_history(staff_user: User, rows: Iterable[Row], sentence: Sentence, named: Callable[[Row], str] = str) -> None:
    """Write what staff did into the history of these rows; `named` says what the list of recent actions calls one."""
    LogEntry.objects.bulk_create(
        LogEntry(
            user=staff_user,
            content_type=ContentType.objects.get_for_model(row),
            object_id=row.pk,
            object_repr=named(row)[:200],
            action_flag=CHANGE,
            change_message=sentence.stored(),
        )
        for row in rows
    )


django_change_message = LogEntry.get_change_message


def change_message(entry: LogEntry) -> str:
    """Return what was done: our sentence, or what Django makes of its own record."""
    return capfirst(said(entry.change_message)) or django_change_message(entry)


def show_sentences() -> None:
    """Let every page of the admin that shows what was done show our sentences; Django has no other place for that."""
    LogEntry.get_change_message = change_message  # type: ignore[assignment,method-assign]
