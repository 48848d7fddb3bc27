"""What a process keeps in memory of the database, exactly as long as nobody on this host has changed it.

All processes of a checkout (the server's workers, crontab's jobs, people's commands) share a few numbers in a file. Who
is about to change something says so there before the change and after its COMMIT (`changing`); who keeps something
notes how the numbers stood before reading it, and trusts it while they stand still, for a minute at most: so long
may hide what somebody changes in SQL by hand. Where several hosts serve one database (MEMORY), polls alone are answered
from memory, and that of a second at most.
"""

import fcntl
import functools
import mmap
import os
import struct
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.transaction import on_commit

from callme_site.database import is_conflict

V = TypeVar("V")

# What is changed and kept apart has a room of its own; sellers whose orders share one merely disturb each other.
EVERYTHING, SELLERS, FIRST_ORDERS = 0, 1, 2
ROOMS = 4096
ROOM = struct.Struct("qqd")  # its version, changes under way, in doubt until then
DOUBT = 60.0  # seconds within which the database has certainly ended what a lost connection had asked of it
SECONDS = {"one-host": 60, "several-hosts": 1, "off": 0}  # for which a memory is trusted at most, by MEMORY
State = tuple[int, int]


def orders_of(seller: int) -> int:
    """Return the room of a seller's orders."""
    return FIRST_ORDERS + seller % (ROOMS - FIRST_ORDERS)


class Tally:
    """The shared file; raises OSError where it cannot be had."""

    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        os.truncate(self.file, ROOMS * ROOM.size)
        self.memory = mmap.mmap(self.file, ROOMS * ROOM.size)
        self.lock = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        # The file's lock is the process's, and goes with it; among its threads it is no lock.
        with self.lock:
            fcntl.lockf(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN)

    def mark(self, rooms: tuple[int, ...], begun: int, *, doubt: bool = False) -> None:
        """Count changes that begin (1) or end (-1); doubt: whether it took effect, or still will, is not known."""
        with self.locked():
            for room in rooms:
                version, under_way, doubted = ROOM.unpack_from(self.memory, room * ROOM.size)
                doubted = time.monotonic() + DOUBT if doubt else doubted
                ROOM.pack_into(self.memory, room * ROOM.size, version + 1, max(under_way + begun, 0), doubted)

    def version(self, room: int) -> int | None:
        """Return a number that is another after each change, or None while one is under way or in doubt."""
        version, under_way, doubted = ROOM.unpack_from(self.memory, room * ROOM.size)
        return None if under_way or time.monotonic() < doubted else version

    def forget(self) -> None:
        """Begin anew, as each server process does: one that died in the middle of a change has left it under way."""
        with self.locked():
            for room in range(ROOMS):
                version, _under_way, _doubted = ROOM.unpack_from(self.memory, room * ROOM.size)
                ROOM.pack_into(self.memory, room * ROOM.size, version + 1, 0, 0.0)


@functools.cache
def tally() -> Tally:
    return Tally(settings.CHANGES_FILE)


@contextmanager
def changing(*rooms: int) -> Iterator[None]:
    """Say that what is in these rooms may change from here to the COMMIT; also a decorator."""
    tally().mark(rooms, 1)
    try:
        yield
    except BaseException as error:
        refused = isinstance(error, Exception) and not isinstance(error, OperationalError | InterfaceError)
        tally().mark(rooms, -1, doubt=not refused and not is_conflict(error))
        raise
    on_commit(lambda: tally().mark(rooms, -1))


def state(room: int = EVERYTHING, *, polled: bool = False) -> State | None:
    """Return how the room stands, to compare with; None where nothing may be kept at this time.

    A poll is asked again in a moment; what it is told may be a second old where there are several hosts.
    """
    if settings.MEMORY != "one-host" and not (polled and settings.MEMORY == "several-hosts"):
        return None
    everything, versions = tally().version(EVERYTHING), tally().version(room)
    return None if everything is None or versions is None else (everything, versions)


class Memory(Generic[V]):
    """Values of one kind that this process keeps; when there are too many it forgets them all."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: dict[Hashable, tuple[State, float, V]] = {}

    def recall(self, key: Hashable, state: State | None) -> V | None:
        """Return what is kept under the key, if the room stands as it stood then."""
        kept = self.values.get(key)
        if kept is None or kept[0] != state or time.monotonic() >= kept[1]:
            return None
        return kept[2]

    def keep(self, key: Hashable, state: State | None, value: V) -> None:
        """Keep a value that was read after the room stood so."""
        if state is None:
            return
        if len(self.values) >= self.most:
            self.values.clear()
        self.values[key] = state, time.monotonic() + SECONDS[settings.MEMORY], value
