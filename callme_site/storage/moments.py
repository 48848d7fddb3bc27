"""Moments as the databases' texts, or as whole seconds: for a time as such, mysqlclient and Django pay in Python."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, Func


def as_text(moment: datetime) -> str:
    """Return a moment of UTC as both databases write it, so that their texts can be compared with it."""
    return moment.isoformat(" ", "microseconds")[: len("2026-11-30 12:00:00.000000")]


def from_text(text: str) -> datetime:
    """Return the moment that a database has written so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Seconds(Func):
    """A time as whole seconds since 1970."""

    template = "TIMESTAMPDIFF(SECOND, '1970-01-01', %(expressions)s)"
    output_field = BigIntegerField()

    def get_db_converters(self, connection: Any) -> list[Any]:
        return []  # it is a whole number already

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Without the fraction, which strftime rounds.
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)
