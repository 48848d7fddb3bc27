"""What the database asks of its callers: to try again after a conflict that it resolved against them."""

import functools
import random
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import mark_for_rollback_on_error

P = ParamSpec("P")
R = TypeVar("R")

AWAY = (OperationalError, InterfaceError)  # what is raised while the database cannot be reached
ATTEMPTS = 5
PATIENCE = 3  # seconds after which a conflict is no longer tried again: a phone will not wait longer

# MariaDB's manual, "Error Codes": 1020 row changed since it was read, 1205 lock wait timeout, 1213 deadlock; and
# 1062 duplicate entry: somebody else inserted the row first, and the second run sees it.
MYSQL_CONFLICTS = {1020, 1205, 1213}
MYSQL_DUPLICATE = 1062
# sqlite.org/rescode.html: 5 SQLITE_BUSY, 6 SQLITE_LOCKED; and 1555 SQLITE_CONSTRAINT_PRIMARYKEY,
# 2067 SQLITE_CONSTRAINT_UNIQUE.
SQLITE_CONFLICTS = {5, 6}
SQLITE_DUPLICATES = {1555, 2067}


def is_conflict(error: BaseException) -> bool:
    """Return whether the same work may well succeed if it is done again; what breaks any other rule never will."""
    mysql_code = error.args[0] if error.args else None
    sqlite_code = getattr(error.__cause__, "sqlite_errorcode", 0)
    if isinstance(error, IntegrityError):
        return mysql_code == MYSQL_DUPLICATE or sqlite_code in SQLITE_DUPLICATES
    if not isinstance(error, OperationalError):
        return False
    return mysql_code in MYSQL_CONFLICTS or sqlite_code & 0xFF in SQLITE_CONFLICTS


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Make a change of state run again, whole, when the database chose it as the loser of a conflict.

    It opens its own transaction inside; COMMIT can raise a conflict too. At most 5 attempts with growing, random
    pauses. Within somebody else's transaction it cannot be repeated alone, so there the error goes on to the owner.
    """

    @functools.wraps(function)
    def attempts(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return function(*args, **kwargs)
            except DatabaseError as error:
                out_of_time = time.monotonic() - started > PATIENCE
                if connection.in_atomic_block or attempt == ATTEMPTS or out_of_time or not is_conflict(error):
                    raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")

    return attempts


def read(database: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> Sequence[tuple]:
    """Return the rows of a SELECT; no ping before it: where the kept connection turns out dead, it is repeated."""
    if database.in_atomic_block:
        return executed(database, sql, parameters)[0]
    database.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    try:
        return executed(database, sql, parameters)[0]
    except AWAY:
        database.close()
        return executed(database, sql, parameters)[0]


def write(database: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> int:
    """Run a statement that changes rows, and return how many."""
    with mark_for_rollback_on_error() if database.in_atomic_block else nullcontext():
        return executed(database, sql, parameters)[1]


def executed(database: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> tuple[Sequence[tuple], int]:
    """Run the statement, and return the rows that it brings and how many it changed.

    It is sent by mysqlclient's connection, where nobody watches the statements: a cursor costs as much as the rest, and
    Django's around it once more.
    """
    if database.vendor != "mysql" or database.execute_wrappers or database.queries_logged:
        with database.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else (), cursor.rowcount
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    mysql = database.connection
    with database.wrap_database_errors:
        literals = [b"%d" % part if type(part) is int else mysql.literal(part) for part in parameters]
        mysql.query(sql.encode() % tuple(literals))
        # To ask for rows gives Python's lock away, for as long as another thread keeps it.
        if not mysql.field_count():
            return (), mysql.affected_rows()
        return mysql.store_result().fetch_row(0), 0
