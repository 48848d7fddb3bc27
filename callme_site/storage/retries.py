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
Sent = tuple[str, Sequence[Any]]  # a statement's text, and its parameters

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


def read(database: BaseDatabaseWrapper, *sent: Sent) -> list[Sequence[tuple]]:
    """Return the rows of SELECTs; no ping before them: where the kept connection turns out dead, they are repeated."""
    if not database.in_atomic_block:
        database.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
        try:
            return [rows for rows, _ in executed(database, *sent)]
        except AWAY:
            database.close()
    return [rows for rows, _ in executed(database, *sent)]


def write(database: BaseDatabaseWrapper, sent: Sent) -> int:
    """Run a statement that changes rows, and return how many."""
    with mark_for_rollback_on_error() if database.in_atomic_block else nullcontext():
        return executed(database, sent)[0][1]


def executed(database: BaseDatabaseWrapper, *sent: Sent) -> list[tuple[Sequence[tuple], int]]:
    """Run the statements, and return the rows that each brings and how many it changed.

    They are sent by mysqlclient's connection, where nobody watches them, and all at once: a cursor costs as much as the
    rest, Django's around it once more, and to send each by itself and wait for it thrice as much (four short ones).
    """
    if database.vendor != "mysql" or database.execute_wrappers or database.queries_logged:
        return [with_cursor(database, *statement) for statement in sent]
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    mysql = database.connection
    with database.wrap_database_errors:
        mysql.query(b";".join(with_literals(mysql, *statement) for statement in sent))
        results = [result(mysql)]
        while len(results) < len(sent):
            mysql.next_result()
            results.append(result(mysql))
    return [(rows.fetch_row(0) if rows else (), count) for rows, count in results]


def with_cursor(database: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> tuple[Sequence[tuple], int]:
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else (), cursor.rowcount


def with_literals(mysql: Any, sql: str, parameters: Sequence[Any]) -> bytes:
    literals = [b"%d" % part if type(part) is int else mysql.literal(part) for part in parameters]
    return sql.encode() % tuple(literals)


def result(mysql: Any) -> tuple[Any, int]:
    """Return what mysqlclient has received for a statement, still to be read, or None and how many rows it changed."""
    # To ask for rows gives Python's lock away, for as long as another thread keeps it.
    return (mysql.store_result(), 0) if mysql.field_count() else (None, mysql.affected_rows())
