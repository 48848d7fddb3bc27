"""Tracebacks in the log."""

import sys

import pytest
from django.db import DatabaseError, ProgrammingError, connection

from callme_site.operation.logs import Formatter

STATEMENT, VALUE = "SELECT %s FROM `nowhere at all`", "secret"


def fail(error, cause=None):
    raise error from cause


def bad_statement():
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [VALUE])


def logged(function, *args):
    """Return what the log would have of what the function raises."""
    try:
        function(*args)
    except Exception:
        return Formatter().formatException(sys.exc_info())


def messages(text):
    return [line for line in text.splitlines() if not line.startswith(" ")]


def test_it_tells_what_and_where_but_no_sql(db):
    text = logged(bad_statement)
    assert "in bad_statement" in text
    driver, between, error = messages(text)
    assert (between, error.startswith("django.db.utils.")) == ("from which came", True)
    assert driver.split(".")[0] in ("sqlite3", "MySQLdb")
    for word in (VALUE, "nowhere", "SELECT"):
        assert word not in text


def test_it_keeps_the_databases_code():
    error = ProgrammingError(1064, "You have an error in your SQL syntax near 'SELECT secret'")
    assert messages(logged(fail, error)) == ["django.db.utils.ProgrammingError: 1064"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("a"), "builtins.KeyError: 'a'"),
        (ValueError(), "builtins.ValueError: "),
        (OSError(2, "no"), "builtins.FileNotFoundError: [Errno 2] no"),
    ],
)
def test_it_keeps_what_others_say_and_how_it_came(error, message):
    assert messages(logged(fail, error)) == [message]
    expected = ["django.db.utils.DatabaseError: ", "from which came", message]
    assert messages(logged(fail, error, DatabaseError("secret"))) == expected
