"""Moments as the databases' own texts: for a time as such, mysqlclient and Django each pay in Python."""

from datetime import UTC, datetime


def as_text(moment: datetime) -> str:
    """Return a moment of UTC as both databases write it, so that their texts can be compared with it."""
    return moment.isoformat(" ", "microseconds")[: len("2026-11-30 12:00:00.000000")]


def from_text(text: str) -> datetime:
    """Return the moment that a database has written so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
