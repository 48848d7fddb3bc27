"""What the database asks of its callers: to try again after a conflict that it resolved against them."""

import functools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 5
PATIENCE = 3  # seconds after which a conflict is no longer tried again: a phone will not wait longer

# MariaDB's manual, "Error Codes": 1020 row changed since it was read, 1205 lock wait timeout, 1213 deadlock.
MYSQL_CONFLICTS = {1020, 1205, 1213}
# sqlite.org/rescode.html: 5 SQLITE_BUSY, 6 SQLITE_LOCKED.
SQLITE_CONFLICTS = {5, 6}


def is_conflict(error: DatabaseError) -> bool:
    """Return whether the same work may well succeed if it is done again.

    A broken constraint counts: somebody else inserted the row first, and the second run sees it.
    """
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    sqlite_code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return sqlite_code in SQLITE_CONFLICTS or (bool(error.args) and error.args[0] in MYSQL_CONFLICTS)


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


def row(sql: str, parameters: Sequence[Any]) -> tuple | None:
    """Return the first row of a SELECT; no ping before it: where the kept connection turns out dead, it is repeated."""
    if connection.in_atomic_block:
        return _row(sql, parameters)
    connection.health_check_done = True
    try:
        return _row(sql, parameters)
    except (OperationalError, InterfaceError):
        connection.close()
        return _row(sql, parameters)


def _row(sql: str, parameters: Sequence[Any]) -> tuple | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()
