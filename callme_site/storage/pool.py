"""The database connections of a server process: so many at most, however many threads answer requests.

A request takes one when it first needs it, and gives it back at its end, or before it waits for somebody else's server.
One that is answered from memory takes none. The threads come and go, the connections stay: the last one given back is
the next one taken, so that in quiet times few are in use.
"""

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from callme_site.capacity import CONNECTIONS, threads

PATIENCE = 5  # seconds that a request waits for a connection
QUICK_PATIENCE = 0.1  # seconds that one waits that may not wait longer
FRESH = 1  # second for which a connection counts as alive after its use; it is asked whether it is after a longer rest


class MustWait(Exception):
    """The answer has to be waited for, and whoever is asked for it may not."""


def permits(count: int) -> "SimpleQueue[None]":
    """Return so many permits, to be taken and put back; a semaphore of Python's is slower."""
    queue: SimpleQueue[None] = SimpleQueue()
    for _ in range(count):
        queue.put(None)
    return queue


class Pool:
    """Connections for the threads that are answering a request; to other threads Django gives their own as ever."""

    def __init__(self, size: int, quick: int) -> None:
        # With the time of its last use; None: not opened yet.
        self.idle: list[tuple[BaseDatabaseWrapper | None, float]] = [(None, 0)] * size
        self.permits = permits(size)  # as many as there are idle ones
        self.quick = permits(quick)  # as many as threads that may not wait can still have
        self.held_up = False  # none of these has come back lately
        self.here = threading.local()
        self.create = connections.create_connection
        connections.create_connection = self.connection  # type: ignore[method-assign]  # Django has no other place for it

    def connection(self, alias: str) -> BaseDatabaseWrapper:
        """Return what Django shall use in this thread from now on; raises as `own`."""
        if not getattr(self.here, "answering", False) or alias != DEFAULT_DB_ALIAS:
            return self.create(alias)
        self.here.known_to_django = True
        return self.own()

    def own(self) -> BaseDatabaseWrapper:
        """Return the connection of this thread, which is answering a request, taken now if it has none.

        Raises OperationalError where all stay in use, MustWait in a thread that may not.
        """
        taken = getattr(self.here, "taken", None)
        return self.take() if taken is None else taken

    def take(self) -> BaseDatabaseWrapper:
        if not self.here.may_wait:
            try:
                self.quick.get(timeout=0 if self.held_up else QUICK_PATIENCE)
            except Empty:
                self.held_up = True
                raise MustWait from None
        try:
            self.permits.get(timeout=PATIENCE)
        except Empty:
            if not self.here.may_wait:
                self.quick.put(None)
            raise OperationalError("all connections are in use") from None
        idle, used = self.idle.pop()
        self.here.taken = taken = idle or self.shared()
        taken.close_if_unusable_or_obsolete()
        taken.health_check_done = taken.health_check_done or monotonic() - used < FRESH  # type: ignore[attr-defined]
        taken.queries_log.clear()
        return taken

    def shared(self) -> BaseDatabaseWrapper:
        connection = self.create(DEFAULT_DB_ALIAS)
        connection.inc_thread_sharing()
        return connection

    def answering(self, *, may_wait: bool = True) -> "Answering":
        """Let this thread answer a request, or go on with it, as long as the context lasts."""
        return Answering(self, may_wait)

    def give_back(self) -> None:
        """Give back the connection that this thread has taken, if it has; not within a transaction."""
        taken = self.here.__dict__.pop("taken", None)
        if self.here.__dict__.pop("known_to_django", False):
            with suppress(AttributeError):
                del connections[DEFAULT_DB_ALIAS]
        if taken is not None:
            self.idle.append((taken, monotonic()))
            self.permits.put(None)
            if not self.here.may_wait:
                self.held_up = False
                self.quick.put(None)


class Answering:
    """A context; one that contextlib makes of a generator costs a tenth of a poll."""

    def __init__(self, pool: Pool, may_wait: bool) -> None:
        self.pool, self.may_wait = pool, may_wait

    def __enter__(self) -> None:
        here = self.pool.here
        here.answering, here.may_wait = True, self.may_wait

    def __exit__(self, *_error: object) -> None:
        try:
            self.pool.give_back()
        finally:
            self.pool.here.answering = False


pool = Pool(CONNECTIONS, quick=threads() - 1)


def own_connection() -> BaseDatabaseWrapper:
    """Return this thread's connection as Django would, whose way to it costs as much as to send a statement."""
    return pool.own() if getattr(pool.here, "answering", False) else connections[DEFAULT_DB_ALIAS]
