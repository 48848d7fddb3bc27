"""Races on MariaDB: many threads at once, and the means to take a protection away and see that it was one."""

import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from callme_site.storage import retries
from callme_site.storage.retries import write
from callme_site.storage.statements import Select, Update
from callme_site.testing.announced import unannounced

RETRIED = retries.retried(lambda: None).__code__
TIMEOUT = 30  # seconds after which a test whose threads miss each other fails instead of hanging


def race(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at once, each on a connection of its own; return what each of them returned or raised."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION innodb_lock_wait_timeout = %s", [TIMEOUT])
            start.wait(TIMEOUT)
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    # On a busy machine fifty threads may well wait longer than a phone would.
    with patch.object(retries, "PATIENCE", TIMEOUT), ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def meeting(parties: int) -> Callable[[], None]:
    """Return a place where so many threads wait for each other, each of them the first time that it comes along."""
    barrier, here = threading.Barrier(parties), threading.local()

    def meet() -> None:
        if not hasattr(here, "been"):
            here.been = True
            barrier.wait(TIMEOUT)

    return meet


def meet_before(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, parties: int) -> None:
    """Let so many threads meet before that method, so that none of them knows what the others are about to write."""
    method, meet = getattr(owner, name), meeting(parties)

    def late(self: Any, *args: Any, **kwargs: Any) -> Any:
        meet()
        return method(self, *args, **kwargs)

    monkeypatch.setattr(owner, name, late)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away all row locks that are asked for by select_for_update."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self.all())


def unretried(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Let a retried method run only once."""
    attempts = inspect.unwrap(getattr(owner, name), stop=lambda function: function.__code__ is RETRIED)
    monkeypatch.setattr(owner, name, attempts.__wrapped__)


def read_then_save(monkeypatch: pytest.MonkeyPatch, parties: int) -> None:
    """Replace each compiled UPDATE by the reading of the rows, a meeting, and the saving of what was read."""
    meet = meeting(parties)

    @unannounced()  # whose they are, the saved rows do not say
    def run(self: Update, **values: Any) -> int:
        queryset, changes = self.build()
        read = Select(lambda: queryset.values_list("pk"))
        rows = [pk for (pk,) in read.rows(**values)]
        meet()

        def saved(pk: int) -> tuple[QuerySet, dict[str, Any]]:
            return queryset.model.objects.filter(pk=pk), changes

        for pk in rows:
            write(*Update(partial(saved, pk)).bound(values))
        return len(rows)

    monkeypatch.setattr(Update, "run", run)


@contextmanager
def without_constraint(model: type[Model], name: str) -> Iterator[None]:
    """Take a unique constraint out of the database; at the end the model's rows are deleted, and it is back."""
    fields = next(constraint.fields for constraint in model._meta.constraints if constraint.name == name)
    columns = ", ".join(model._meta.get_field(field).column for field in fields)
    with connection.cursor() as cursor:
        # The foreign key among the columns needs an index all the time.
        cursor.execute(f"ALTER TABLE {model._meta.db_table} ADD INDEX without_{name} ({columns}), DROP INDEX {name}")
        try:
            yield
        finally:
            with unannounced():
                model.objects.all().delete()
            cursor.execute(
                f"ALTER TABLE {model._meta.db_table} ADD UNIQUE INDEX {name} ({columns}), DROP INDEX without_{name}"
            )


@contextmanager
def foreign_key(model: type[Model], name: str) -> Iterator[None]:
    """Let the retries, too, know that the model's field is a foreign key."""
    field, table = model._meta.get_field(name), model._meta.db_table
    target = f"{field.related_model._meta.db_table} (id)"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT meanwhile FOREIGN KEY ({field.column}) REFERENCES {target}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} DROP FOREIGN KEY meanwhile")
