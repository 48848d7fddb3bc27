"""What a process keeps in memory of the database, exactly as long as nobody on this host has changed it.

All processes of this host that use one database (the server's workers, crontab's jobs, people's commands, another
checkout) share a file of version numbers. Who is about to change something says so there before the change and after
its COMMIT (`changing`); who keeps something notes the versions before reading it, and trusts it while they stand still,
for a minute at most: so long may hide what somebody changes in SQL by hand. Where several hosts serve one database
(MEMORY), polls alone are answered from memory, and that of a second at most.

A change under way is a lease: its process renews it as long as it lasts, be that an hour. What ends without a word, as
its process was killed, its connection lost at the COMMIT or its transaction rolled back by somebody else, is renewed no
more, and within a minute counts no more.
"""

import errno
import fcntl
import functools
import mmap
import os
import stat
import struct
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection
from django.db.transaction import on_commit
from django.utils import timezone

from callme_site.storage.pool import own_connection
from callme_site.storage.retries import AWAY, is_conflict

V = TypeVar("V")

# What is changed and kept apart has a version of its own; sellers whose orders share one merely disturb each other.
EVERYTHING, SELLERS, FIRST_SESSIONS, FIRST_PEOPLE, FIRST_ORDERS = 0, 1, 2, 1026, 2050
COUNT = 5120

# A lease counts from the period in which it was taken or renewed last to the end of the third after it: 45 to 60
# seconds, in which the database has certainly ended what a lost connection had asked of it.
PERIOD = 15.0  # seconds
PERIODS = 4
# A version; how many leases each of the last periods has; which periods these are. Who changes this layout changes the
# file's name, as an older checkout may use it at the same time.
VERSION, LEASES = struct.Struct("q"), struct.Struct("4i4i")
SIZE = VERSION.size + LEASES.size
RECORD = struct.Struct(VERSION.format + LEASES.format)
NO_LEASE = [0] * PERIODS

SECONDS = {"one-host": 60, "several-hosts": 1, "off": 0}  # for which a memory is trusted at most, by MEMORY
Version = tuple[tuple[int, ...], tuple[int, ...]]  # what is asked about; the numbers of everything, and of these


def session_of(digest: str) -> int:
    """Return which version is that of the session with that digest."""
    return FIRST_SESSIONS + int(digest[:8], 16) % (FIRST_PEOPLE - FIRST_SESSIONS)


def bindings_of(person: int) -> int:
    """Return which version is that of the orders that a person has bound; that they end is told by `orders_of`."""
    return FIRST_PEOPLE + person % (FIRST_ORDERS - FIRST_PEOPLE)


def orders_of(seller: int) -> int:
    """Return which version is that of a seller's orders."""
    return FIRST_ORDERS + seller % (COUNT - FIRST_ORDERS)


def period() -> int:
    """Return the number of the present period, the same for all processes of this host."""
    return int(time.monotonic() / PERIOD)


class Change:
    """A change under way of what these versions stand for, with the period of its lease."""

    def __init__(self, file: "VersionFile", versions: tuple[int, ...]) -> None:
        self.file, self.versions = file, versions
        self.period: int | None = None
        self.ended = False

    def renew(self) -> None:
        """Let the lease, unless it has ended, count from now on."""
        self.file.lease(self, period())

    def end(self) -> None:
        self.file.lease(self, None)


class VersionFile:
    """The shared file; raises OSError where it cannot be had."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.file, new = opened(path)
        weakref.finalize(self, os.close, self.file)
        # A page that the disk or the memory has no room for would end the process when it is written.
        os.posix_fallocate(self.file, 0, COUNT * SIZE)
        self.memory = mmap.mmap(self.file, COUNT * SIZE)
        self.looked_at = time.monotonic()
        if new:
            with self.locked():
                # What was kept by the versions of a file that is gone is not known by those of this one, whatever the
                # clock says.
                VERSION.pack_into(self.memory, EVERYTHING, int.from_bytes(os.urandom(7)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        # The file's lock goes with its process; among the threads that share the open file it is no lock.
        with self.lock:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)

    def begin(self, *versions: int) -> Change:
        """Take a lease: something that these versions stand for is about to change."""
        change = Change(self, versions)
        change.renew()
        keep_renewing(change)
        return change

    def lease(self, change: Change, to: int | None) -> None:
        """Move a change's lease to that period, or end it, and make its versions others."""
        with self.locked():
            if change.ended or change.period == to:
                return
            before, change.period, change.ended = change.period, to, to is None
            for version in change.versions:
                at = version * SIZE
                number, *leases = RECORD.unpack_from(self.memory, at)
                counts, periods = leases[:PERIODS], leases[PERIODS:]
                if before is not None and periods[before % PERIODS] == before:
                    counts[before % PERIODS] -= 1
                if to is not None:
                    place = to % PERIODS
                    counts[place] = counts[place] + 1 if periods[place] == to else 1
                    periods[place] = to
                # Readers take no lock. They read the version first, so that none has the new one without the lease.
                LEASES.pack_into(self.memory, at + VERSION.size, *counts, *periods)
                VERSION.pack_into(self.memory, at, number + 1)

    def version(self, version: int) -> int | None:
        """Return a number that is another after each change, or None while one is under way."""
        number, *leases = RECORD.unpack_from(self.memory, version * SIZE)
        if leases[:PERIODS] == NO_LEASE:
            return number
        now = period()
        counting = zip(leases[:PERIODS], leases[PERIODS:], strict=True)
        return None if any(count and now - PERIODS < begun <= now for count, begun in counting) else number

    def number(self, version: int) -> int:
        """Return that number whatever is under way."""
        return VERSION.unpack_from(self.memory, version * SIZE)[0]

    def is_gone(self) -> bool:
        """Return whether it has been removed, and another may be in its place by now.

        An ordinary user's files in /dev/shm are removed when that user logs out (logind's RemoveIPC).
        """
        self.looked_at = time.monotonic()
        return not os.fstat(self.file).st_nlink


def opened(path: str) -> tuple[int, bool]:
    """Open the file, and return whether it is new.

    Its folder may be open to everybody: raises OSError for a link, and for what strangers could write.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        file, new = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        # Without O_CREAT: the kernel (fs.protected_regular) refuses that for another user's file, be it of our group.
        file, new = os.open(path, flags), False
    try:
        if new:
            os.fchmod(file, 0o660)
            if os.geteuid() == 0:
                # What root does by hand must not shut the server out.
                checkout = settings.BASE_DIR.stat()
                os.fchown(file, checkout.st_uid, checkout.st_gid)
        elif not is_ours(os.fstat(file)):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)
    except BaseException:
        os.close(file)
        raise
    return file, new


def is_ours(file: os.stat_result) -> bool:
    """Return whether it is a file that only our user, our group or root can have made, and can write."""
    ours = os.geteuid() in (0, file.st_uid) or file.st_uid == 0 or file.st_gid == os.getegid()
    return ours and stat.S_ISREG(file.st_mode) and file.st_nlink == 1 and not file.st_mode & stat.S_IWOTH


@functools.cache
def opened_once() -> VersionFile:
    return VersionFile(str(settings.VERSIONS_FILE))


def version_file(*, looked: float = 0) -> VersionFile:
    """Return the shared file, opened anew where it is gone; `looked`: seconds for which the last look is enough."""
    file = opened_once()
    if time.monotonic() - file.looked_at >= looked and file.is_gone():
        opened_once.cache_clear()
        file = opened_once()
    return file


# A change is in here while somebody holds it: the code that makes it, then Django until the COMMIT. With a ROLLBACK
# Django drops what was to be done on COMMIT, and tells nobody.
under_way: weakref.WeakSet[Change] = weakref.WeakSet()
under_way_lock = threading.Lock()


def keep_renewing(change: Change) -> None:
    renewer()
    with under_way_lock:
        under_way.add(change)


def renew_all() -> None:
    """Renew the leases of all changes that this process has under way."""
    with under_way_lock:
        changes = list(under_way)
    for change in changes:
        change.renew()


@functools.cache
def renewer() -> threading.Thread:
    """Start the thread that renews leases as long as this process lives."""

    def run() -> None:
        while True:
            time.sleep(PERIOD / 3)
            renew_all()

    thread = threading.Thread(target=run, name="renewer", daemon=True)
    thread.start()
    return thread


@contextmanager
def changing(*versions: int) -> Iterator[Callable[..., None]]:
    """Say that what these versions stand for may change from here to the COMMIT; also a decorator.

    What is yielded says the same of further versions, from there on: it is for who has to look first. Within somebody
    else's transaction, the change ends with that transaction's COMMIT.
    """
    changes: list[Change] = []

    def announce(*further: int) -> None:
        changes.append(version_file().begin(*further))

    if versions:
        announce(*versions)
    try:
        yield announce
    except BaseException as error:
        refused = isinstance(error, Exception) and not isinstance(error, AWAY)
        # Else nobody knows whether it took effect, or still will.
        if connection.in_atomic_block or refused or is_conflict(error):
            end(changes)
        raise
    else:
        end(changes)
    finally:
        changes.clear()  # the error that goes on holds this frame


def end(changes: list[Change]) -> None:
    """End the changes at the COMMIT, which without a transaction has been."""
    for change in changes:
        if own_connection().in_atomic_block:
            on_commit(change.end)
        else:
            change.end()


def current(*of: int, polled: bool = False) -> Version | None:
    """Return the version of some things together, to compare with; None where nothing may be kept at this time.

    A poll is asked again in a moment; what it is told may be a second old where there are several hosts.
    """
    if settings.MEMORY != "one-host" and not (polled and settings.MEMORY == "several-hosts"):
        return None
    file = version_file(looked=1)
    numbers = []
    for version in (EVERYTHING, *of):
        number = file.version(version)
        if number is None:
            return None
        numbers.append(number)
    return of, tuple(numbers)


def nobody_else_since(before: Version | None) -> bool:
    """Return whether no change of these was announced since that was their version but the caller's own.

    That is one, of all of them, and still under way.
    """
    if before is None:
        return False
    of, (everything, *numbers) = before
    file = version_file(looked=1)
    own = all(file.number(version) == number + 1 for version, number in zip(of, numbers, strict=True))
    return own and file.version(EVERYTHING) == everything


def is_still() -> bool:
    """Return whether nothing is under way that keeps everything out of the memory."""
    return version_file(looked=1).version(EVERYTHING) is not None


class Cache(Generic[V]):
    """Values of one kind that this process keeps; when there are too many it forgets them all."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: dict[Hashable, tuple[Version, float, V]] = {}

    def get(self, key: Hashable, version: Version | None) -> V | None:
        """Return what is kept under the key, if its version is still this one."""
        kept = self.values.get(key)
        if kept is None or kept[0] != version or time.monotonic() >= kept[1]:
            return None
        return kept[2]

    def kept(self, key: Hashable, version: Version | None, make: Callable[[], tuple[V, datetime | None]]) -> V:
        """Return what is kept under the key, or else what `make` returns now that this is the version.

        Beside that it returns until when it holds at most, or None.
        """
        value = self.get(key, version)
        if value is None:
            value, until = make()
            self.set(key, version, value, until)
        return value

    def carry(self, key: Hashable, before: Version | None, then: Callable[[V], V | None]) -> None:
        """Keep on what was kept before the caller's own change, which has ended, for as long as it would have been.

        `then` returns what that change has made of it, or None. Where anybody else has announced a change since, it is
        not kept on: each makes the version two more at least, one at its begin and one at its end.
        """
        kept = self.values.get(key)
        if kept is None or before is None or kept[0] != before:
            return
        of, (everything, *numbers) = before
        after = of, (everything, *(number + 2 for number in numbers))
        if current(*of, polled=True) == after and (value := then(kept[2])) is not None:
            self.values[key] = after, kept[1], value

    def set(self, key: Hashable, version: Version | None, value: V, until: datetime | None = None) -> None:
        """Keep a value that was read after this was the version, `until` then at most."""
        if version is None:
            return
        seconds: float = SECONDS[settings.MEMORY]
        if until is not None:
            seconds = min(seconds, (until - timezone.now()).total_seconds())
        if len(self.values) >= self.most:
            self.values.clear()
        self.values[key] = version, time.monotonic() + seconds, value
