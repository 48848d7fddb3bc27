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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.transaction import on_commit

from callme_site.storage.pool import own_connection
from callme_site.storage.retries import AWAY, is_conflict

# What is changed and kept apart has a version of its own; sellers whose orders share one merely disturb each other.
EVERYTHING, SELLERS, FIRST_SESSIONS, FIRST_PEOPLE, FIRST_ORDERS = 0, 1, 2, 1026, 2050
COUNT = 5120

# A lease counts from the period in which it was taken or renewed last to the end of the third after it: 45 to 60
# seconds, in which the database has certainly ended what a lost connection had asked of it.
PERIOD = 15.0  # seconds
PERIODS = 4
# A version's record: its number, of eight bytes; how many leases each of the last periods has, and which periods these
# are, of four bytes each. Who changes this layout changes the file's name, as an older checkout may use it at the same
# time.
SIZE = struct.calcsize("q4i4i")
EIGHTS, FOURS = SIZE // 8, SIZE // 4  # how many of eight bytes, and of four, a record has
LEASES, BEGUN = 2, 2 + PERIODS  # where these begin, in fours of bytes

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


Follow = Callable[[int, bool], None]


class Change:
    """A change under way of what these versions stand for, with the period of its lease.

    `follow` is told of each move of the first version, under the file's lock: the new number, and if that is the end.
    """

    def __init__(self, file: "VersionFile", versions: tuple[int, ...], follow: Follow | None = None) -> None:
        self.file, self.versions, self.follow = file, versions, follow
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
        memory = memoryview(mmap.mmap(self.file, COUNT * SIZE))
        self.numbers, self.counts = memory.cast("q"), memory.cast("i")
        self.looked_at = time.monotonic()
        if new:
            # What was kept by the versions of a file that is gone is not known by those of this one, whatever the clock
            # says.
            self.locked(self.numbers.__setitem__, EVERYTHING, int.from_bytes(os.urandom(7)))

    def locked(self, do: Callable[..., None], *args: Any) -> None:
        # The file's lock goes with its process; among the threads that share the open file it is no lock.
        with self.lock:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                do(*args)
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)

    def begin(self, *versions: int, follow: Follow | None = None) -> Change:
        """Take a lease: something that these versions stand for is about to change."""
        change = Change(self, versions, follow)
        change.renew()
        keep_renewing(change)
        return change

    def lease(self, change: Change, to: int | None) -> None:
        """Move a change's lease to that period, or end it, and make its versions others."""
        self.locked(self.move, change, to)

    def move(self, change: Change, to: int | None) -> None:
        if change.ended or change.period == to:
            return
        before, change.period, change.ended = change.period, to, to is None
        for version in change.versions:
            # Readers take no lock. They read the version first, so that none has the new one without the lease.
            if before is not None:
                self.count(version, before, -1)
            if to is not None:
                self.count(version, to, 1)
            self.numbers[version * EIGHTS] += 1
        if change.follow is not None:
            change.follow(self.number(change.versions[0]), change.ended)

    def count(self, version: int, period: int, more: int) -> None:
        """Let the version have so many leases more of that period; of one that is long over, none count any more."""
        at = version * FOURS + period % PERIODS
        leases = self.counts[at + LEASES] if self.counts[at + BEGUN] == period else 0
        if leases + more >= 0:
            self.counts[at + LEASES] = leases + more
            self.counts[at + BEGUN] = period

    def version(self, version: int) -> int | None:
        """Return a number that is another after each change, or None while one is under way."""
        at = version * EIGHTS
        number = self.numbers[at]
        if not self.numbers[at + 1] and not self.numbers[at + 2]:  # the counts of all four periods
            return number
        now, counts = period(), self.counts[version * FOURS + LEASES : (version + 1) * FOURS].tolist()
        counting = zip(counts[:PERIODS], counts[PERIODS:], strict=True)
        return None if any(count and now - PERIODS < begun <= now for count, begun in counting) else number

    def number(self, version: int) -> int:
        """Return that number whatever is under way."""
        return self.numbers[version * EIGHTS]

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
        end(changes, error)
        raise
    else:
        end(changes)
    finally:
        changes.clear()  # the error that goes on holds this frame


def end(changes: Iterable[Change], error: BaseException | None = None) -> None:
    """End the changes at the COMMIT, which without a transaction has been; not where it may still come."""
    within = own_connection().in_atomic_block
    if error is not None:
        refused = isinstance(error, Exception) and not isinstance(error, AWAY)
        # Else nobody knows whether it took effect, or still will.
        if not (within or refused or is_conflict(error)):
            return
    for change in changes:
        if within:
            on_commit(change.end)
        else:
            change.end()


def is_trusted(polled: bool) -> bool:
    """Return whether what is kept in memory may be told; to a poll, where the others may not be."""
    return settings.MEMORY == "one-host" or (polled and settings.MEMORY == "several-hosts")


def current(*of: int, polled: bool = False) -> Version | None:
    """Return the version of some things together, to compare with; None where nothing may be kept at this time.

    A poll is asked again in a moment; what it is told may be a second old where there are several hosts.
    """
    if not is_trusted(polled):
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
    return [everything, *(number + 1 for number in numbers)] == [*map(file.number, (EVERYTHING, *of))]


def is_still() -> bool:
    """Return whether nothing is under way that keeps everything out of the memory."""
    return version_file(looked=1).version(EVERYTHING) is not None
