"""Every write of what processes keep in memory is announced: each test is watched for one that is not.

What is kept (see callme_site/storage/versions.py): who holds a session and which seller that person is bound to, until
EVERYTHING or the session has another version; the live orders of a seller, its day and how long its students waited
lately, until its orders have; where a person has live orders, until its bindings have or the orders of one of these
sellers; how an order of its own ended that lives no more, until its bindings have; what students see of sellers, until
SELLERS has. The three functions below say which writes that concerns, and why the others need no announcement.
"""

import re
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created

from callme_site.storage.versions import EVERYTHING, SELLERS, Change, bindings_of, orders_of, session_of

WRITE = re.compile(r"\s*(INSERT|REPLACE|UPDATE|DELETE|TRUNCATE)\b", re.IGNORECASE)
# What students are told of sellers, and of whom; and what a stall that takes a number knows of itself.
LISTED = {"name", "name_hidden", "picture", "menu", "menu_hidden", "months", "switched_off", "paused_until", "proof"}
# What is kept of an order.
KEPT_OF_ORDERS = {
    "seller_id", "number", "live_number", "taken_at", "bound_at", "called_at", "last_called_at", "closed_at", "ending",
    "buyer_id", "note", "note_hidden",
}  # fmt: skip


def parted(sql: str, words: str) -> tuple[str, str, str]:
    """Return what stands before the first of these words, which one that is, and what stands behind it."""
    found = re.split(rf"\b({words})\b", sql, maxsplit=1, flags=re.IGNORECASE)
    return tuple(found) if len(found) == 3 else (sql, "", "")


def with_literals(values: str, params: Sequence[Any]) -> list[Any]:
    """Return the values of an INSERT, of which some stand in its text."""
    given = iter(params)
    literals = {"NULL": None}
    return [
        next(given, None) if value == "%s" else literals.get(value, value)
        for value in re.findall(r"%s|NULL|\d+|'\w*'", values)
    ]


class Statement:
    """A statement that writes: its verb, the columns that it sets, and the text and parameters of its WHERE."""

    def __init__(self, sql: str, params: Sequence[Any] | None) -> None:
        text = re.sub(r'[`"]', "", sql).replace("= (%s)", "= %s")
        self.verb = WRITE.match(text)[1].upper()
        before, _, self.where = parted(text, "WHERE")
        self.head, values, rest = parted(before, "SET|VALUES|SELECT")
        self.params = list(params or ())
        if values.upper() == "VALUES":
            self.params = with_literals(rest, self.params)
        self.where_params = self.params[before.count("%s") :]
        if re.search(r"\bON (DUPLICATE|CONFLICT)\b", text, re.IGNORECASE):
            self.verb = "REPLACE"  # it may write what is there
        named = re.search(r"\(([^()]*)\)", self.head)
        self.inserted = [column.strip() for column in named[1].split(",")] if named else []
        self.set = parted(before, "SET")[2]
        self.columns = set(re.findall(r"(\w+)\s*=", self.set))

    def gives(self, column: str) -> bool:
        """Return whether a row is inserted with a value in the column; if in doubt, it is."""
        count = len(self.inserted)
        if column not in self.inserted or len(self.params) % count:
            return True
        return any(value is not None for value in self.params[self.inserted.index(column) :: count])

    def sellers(self) -> list[int]:
        """Return the ids of the sellers whose rows alone it writes, as far as it says so."""
        if self.verb == "INSERT" and "seller_id" in self.inserted:
            return [int(seller) for seller in self.params[self.inserted.index("seller_id") :: len(self.inserted)]]
        named = re.search(r"\bseller_id = %s(?! OR )", self.where)
        if named is None or " OR " in self.where[: named.start()]:
            return []
        return [int(self.where_params[self.where[: named.start()].count("%s")])]

    def buyers(self) -> list[int]:
        """Return the ids of the people to whom it gives orders."""
        if self.verb != "UPDATE":
            column = self.inserted.index("buyer_id") if "buyer_id" in self.inserted else len(self.params)
            return [buyer for buyer in self.params[column :: len(self.inserted) or 1] if buyer is not None]
        given = re.search(r"\bbuyer_id = %s", self.set)
        if given:
            return [self.params[self.set[: given.start()].count("%s")]]
        had = re.search(r"COALESCE\((\w+\.)?buyer_id, (?:%s|0)\) = %s", self.where)
        return [self.where_params[self.where[: had.end()].count("%s") - 1]] if had and self.revives else []

    @property
    def revives(self) -> bool:
        """Whether it brings orders that were closed back to life, and so back to their buyers."""
        return self.verb == "UPDATE" and re.search(r"\blive_number = (?!NULL)", self.set) is not None


def of_session(statement: Statement) -> set[int]:
    """A session that begins is known to nobody. One that begins anew is asked for again when its old hour is over.

    That an hour is over every process knows by itself, whether the row is still there or not.
    """
    one_again = statement.verb == "UPDATE" and is_where(statement, "id = %s")
    expired = statement.verb == "DELETE" and is_where(statement, "started_at <= %s")
    if statement.verb == "INSERT" or one_again or expired:
        return set()
    named = re.fullmatch(r"digest IN \([%s, ]+\)", re.sub(r"\w+\.", "", statement.where).strip())
    return set(map(session_of, statement.where_params)) if named else {EVERYTHING}


def is_where(statement: Statement, condition: str) -> bool:
    return re.sub(r"\w+\.", "", statement.where).strip() == condition


def of_order(statement: Statement) -> set[int]:
    """Kept are live orders, and of those that have ended what tells of today and of the last hour.

    An order that is inserted as one that has ended comes from elsewhere, and is older; only such ones are pruned.
    """
    if statement.verb == "INSERT" and not statement.gives("live_number"):
        return set()
    if statement.verb == "UPDATE" and not statement.columns & KEPT_OF_ORDERS:
        return set()
    if statement.verb == "DELETE" and re.search(r"\bclosed_at < %s", statement.where):
        return set()
    if statement.revives and not statement.buyers():
        return {EVERYTHING}
    sellers = {orders_of(seller) for seller in statement.sellers()}
    return sellers | set(map(bindings_of, statement.buyers())) if sellers else {EVERYTHING}


def of_seller(statement: Statement) -> set[int]:
    """Kept are whom it is bound to, and what students are told: not its telephone or mini-program code."""
    if statement.verb == "INSERT":
        return {EVERYTHING} if statement.gives("person_id") else {SELLERS}
    if statement.verb == "UPDATE" and "person_id" not in statement.columns:
        return {SELLERS} if statement.columns & LISTED else set()
    return {EVERYTHING}


TABLES = {"accounts_session": of_session, "queueing_order": of_order, "sellers_seller": of_seller}


class Guard:
    """Sees every statement of every connection while a test runs, and knows what its thread has announced."""

    def __init__(self) -> None:
        self.watching = False
        self.faults: list[str] = []
        self.here = threading.local()

    def start(self) -> None:
        self.watching, self.faults = True, []
        connection_created.connect(self.join, dispatch_uid="announced")
        for connection in connections.all(initialized_only=True):
            self.join(connection)

    def join(self, connection: Any, **kwargs: Any) -> None:
        if self.see not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.see)

    def stop(self) -> None:
        """Look no longer: what a test leaves behind is swept away without a word."""
        self.watching = False

    def notice(self, begin: Callable[..., Change]) -> Callable[..., Change]:
        """Wrap VersionFile.begin so that what is announced is known."""

        @wraps(begin)
        def noticed(*args: Any, **kwargs: Any) -> Change:
            change = begin(*args, **kwargs)
            self.announced().add(change)
            return change

        return noticed

    def announced(self) -> weakref.WeakSet[Change]:
        if not hasattr(self.here, "changes"):
            self.here.changes = weakref.WeakSet()
        return self.here.changes

    @contextmanager
    def unannounced(self) -> Iterator[None]:
        """Let this thread write what it likes: as by hand in SQL, or before anybody has asked for it."""
        before, self.here.free = getattr(self.here, "free", False), True
        try:
            yield
        finally:
            self.here.free = before

    def see(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if self.watching and WRITE.match(sql) and not getattr(self.here, "free", False):
            versions = {version for change in self.announced() if not change.ended for version in change.versions}
            for some in params if many else [params]:
                self.compare(Statement(sql, some), versions)
        return execute(sql, params, many, context)

    def compare(self, statement: Statement, announced: set[int]) -> None:
        tables = [table for table in TABLES if re.search(rf"\b{table}\b", statement.head)]
        needed = {version for table in tables for version in TABLES[table](statement)}
        if EVERYTHING not in announced and not needed <= announced:
            stack = [line for line in traceback.extract_stack() if line.filename.startswith(str(settings.BASE_DIR))]
            places = [f"{line.filename}:{line.lineno}" for line in stack if ".venv" not in line.filename][:-2]
            facts = f"it changes {sorted(needed)}, announced are {sorted(announced)}"
            self.faults.append(f"{statement.verb} {tables[0]}: {facts}; by {' '.join(places[-4:])}")

    def check(self) -> None:
        """Raise AssertionError where something was written without a word."""
        faults, self.faults = self.faults, []
        assert not faults, "\n".join(["written without an announcement:", *dict.fromkeys(faults)])


guard = Guard()
unannounced = guard.unannounced
