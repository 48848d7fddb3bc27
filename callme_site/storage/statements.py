"""Statements that are compiled once and run many times: compiling a queryset costs more than running it."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

from callme_site.storage.pool import own_connection
from callme_site.storage.retries import Sent, read, write

Compiled = tuple[str, tuple[Any, ...]]
# What every database takes as it is. To ask Django for it costs as much as to send the statement.
AS_THEY_ARE = {int, str, type(None)}


class Parameter(Expression):
    """The place of a value, of that kind of field, that is known when the statement runs."""

    def __init__(self, name: str, output_field: Field) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        return "%s", (self,)

    def value(self, values: dict[str, Any], database: BaseDatabaseWrapper) -> Any:
        """Return the value of that name as the database takes it."""
        value = values[self.name]
        if type(value) in AS_THEY_ARE:
            return value
        if type(value) is datetime and value.tzinfo is UTC:
            return str(value.replace(tzinfo=None))  # as the fields of both databases have it, which are in UTC
        return self.output_field.get_db_prep_value(value, database)


def inlined(sql: str, parameters: Sequence[Any]) -> Compiled:
    """Return the statement with what never changes in its text, as far as it is plain: the driver escapes the rest."""
    literals = [literal(part) for part in parameters]
    *texts, last = re.split("(?<!%)%s", sql)
    filled = "".join(text + (known or "%s") for text, known in zip(texts, literals, strict=True))
    return filled + last, tuple(part for part, known in zip(parameters, literals, strict=True) if known is None)


def literal(value: Any) -> str | None:
    """Return a whole number, NULL or a word as SQL has it; None for anything else."""
    if value is None:
        return "NULL"
    if isinstance(value, str) and re.fullmatch("[a-z_]*", value):
        return f"'{value}'"
    return str(value) if type(value) is int else None


class Statement:
    """A statement with Parameters in it, made by `compile` at its first use."""

    compiled: Compiled | None = None
    places: list[tuple[int, Parameter]]  # of the Parameters among what is compiled
    compile: Callable[[], Compiled]

    def bound(self, values: dict[str, Any]) -> tuple[BaseDatabaseWrapper, Sent]:
        """Return the thread's connection, and what to send to it where these are the values."""
        if self.compiled is None:
            compiled = inlined(*self.compile())
            self.places = [(place, part) for place, part in enumerate(compiled[1]) if isinstance(part, Parameter)]
            self.compiled = compiled
        database = own_connection()
        sql, parameters = self.compiled
        bound, taken = list(parameters), {}
        for place, part in self.places:
            if part.name not in taken:
                taken[part.name] = part.value(values, database)
            bound[place] = taken[part.name]
        return database, (sql, bound)


class Select(Statement):
    """Brings the rows that the queryset of `build`, made with values_list, would bring."""

    def __init__(self, build: Callable[[], QuerySet]) -> None:
        self.build = build

    def compile(self) -> Compiled:
        compiler = self.build().query.get_compiler(connection=connection)
        compiled = compiler.as_sql()
        self.converters = compiler.get_converters([column for column, *_ in compiler.select])
        self.convert = compiler.apply_converters
        return compiled

    def rows(self, **values: Any) -> Any:
        """Return the rows, each a sequence."""
        return self.converted(*read(*self.bound(values)))

    def row(self, **values: Any) -> Any:
        """Return the first row, a sequence, or None."""
        return next(iter(self.rows(**values)), None)

    def converted(self, rows: Any) -> Any:
        return list(self.convert(rows, self.converters)) if self.converters else rows


def rows_together(*asked: tuple[Select, dict[str, Any]]) -> list[Any]:
    """Return the rows of several, with the values of each: to wait for each by itself costs more than most do."""
    if not asked:
        return []
    bound = [select.bound(values) for select, values in asked]
    found = read(bound[0][0], *[sent for _, sent in bound])
    return [select.converted(rows) for (select, _), rows in zip(asked, found, strict=True)]


class Update(Statement):
    """`build` returns the queryset, of one table, and by field what it is set to."""

    def __init__(self, build: Callable[[], tuple[QuerySet, dict[str, Any]]]) -> None:
        self.build = build

    def compile(self) -> Compiled:
        queryset, values = self.build()
        query = cast(UpdateQuery, queryset.query.chain(UpdateQuery))
        query.add_update_values(values)
        return query.get_compiler(connection=connection).as_sql()

    def run(self, **values: Any) -> int:
        """Return how many rows it changed."""
        return write(*self.bound(values))


class Insert(Statement):
    """Inserts the row of the model instance that `build` returns."""

    def __init__(self, build: Callable[[], Model]) -> None:
        self.build = build

    def compile(self) -> Compiled:
        row = self.build()
        query = InsertQuery(type(row))
        query.insert_values([field for field in row._meta.local_concrete_fields if not field.primary_key], [row])
        ((sql, parameters),) = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(parameters)

    def run(self, **values: Any) -> None:
        write(*self.bound(values))
