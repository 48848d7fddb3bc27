"""Log lines tell what went wrong and where, and nothing that is not for a log."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from django.db import Error, connection


class Formatter(logging.Formatter):
    """Writes an exception without what the database said of it, which quotes statements, and the values in them."""

    def formatException(self, ei: Any) -> str:
        return "\nfrom which came\n".join(reversed([describe(error) for error in chain(ei[1])]))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, what it came from, what that came from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def describe(error: BaseException) -> str:
    """Return the exception's way through the code, its class, and its message; of the database's the code alone."""
    way = "".join(traceback.format_tb(error.__traceback__))
    database_errors = (Error, connection.Database.Error)  # type: ignore[attr-defined]
    message = error.args[:1] if isinstance(error, database_errors) else error
    if isinstance(message, tuple):
        message = next((code for code in message if isinstance(code, int)), "")
    return f"{way}{type(error).__module__}.{type(error).__qualname__}: {message}"
