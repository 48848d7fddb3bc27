"""Codes that are none: counted by client address, and a slow lane for the logins of whoever sends too many.

The workers of a host count together, in memory that the process which starts them has made. There are so many buckets,
which addresses share if they have to: whoever sends from thousands of them makes others slow, and needs no more memory.
"""

import fcntl
import functools
import mmap
import os
import random
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from django.conf import settings

from accounts import wechat

BUCKETS = 4096
BUCKET = struct.Struct("qii")  # the minute of the last failure, how many in it, how many in the minute before
LANE = 16  # logins in one slow lane, of a process; nobody else's wait for those
LANES = 64  # in all of them
PATIENCE = 2.5  # seconds that one waits in its lane
DELAY = 1.0  # seconds until one is refused, or a wrong code of a lane: who asks again at once takes each free place
PACE = 0.02  # seconds


class LoginErrors:
    """The shared memory; its file has no name, and its locks end with the process that holds them."""

    def __init__(self) -> None:
        self.file = os.memfd_create("login_errors")
        os.truncate(self.file, BUCKETS * BUCKET.size)
        self.memory = mmap.mmap(self.file, BUCKETS * BUCKET.size)
        self.seed = os.urandom(16)  # nobody can choose an address that has somebody else's bucket
        self.lock = threading.Lock()
        self.lanes: dict[int, threading.Lock] = {}
        self.waiting: Counter[int] = Counter()
        self.delayed = threading.BoundedSemaphore(LANES)

    def bucket(self, address: str) -> int:
        return random.Random(self.seed + address.encode()).randrange(BUCKETS)  # noqa: S311

    def counts(self, bucket: int, minute: int) -> tuple[int, int]:
        """Return the failures in that minute and in the one before."""
        last, count, before = BUCKET.unpack_from(self.memory, bucket * BUCKET.size)
        return {minute: (count, before), minute - 1: (0, count)}.get(last, (0, 0))

    def add(self, bucket: int) -> None:
        """Count a failure."""
        minute = int(monotonic() // 60)
        # The file's lock is the process's; among its threads it is none.
        with self.lock:
            fcntl.lockf(self.file, fcntl.LOCK_EX, BUCKET.size, bucket * BUCKET.size)
            try:
                count, before = self.counts(bucket, minute)
                BUCKET.pack_into(self.memory, bucket * BUCKET.size, minute, count + 1, before)
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN, BUCKET.size, bucket * BUCKET.size)

    def too_many(self, bucket: int) -> bool:
        """Return whether there were too many in the last minute; of the minute before, the part that still counts."""
        minute, second = divmod(monotonic(), 60)
        count, before = self.counts(bucket, int(minute))
        return count + before * (1 - second / 60) >= settings.LOGIN_ERRORS_A_MINUTE

    @contextmanager
    def limit(self, address: str, query: str = "login") -> Iterator[None]:
        """Let a code from there have its turn to be taken to WeChat, and count it if it is refused.

        Raises wechat.Unavailable.
        """
        bucket = self.bucket(address)
        if not self.too_many(bucket):
            with wechat.limit(query):
                # Others from there may have failed while it waited.
                if not self.too_many(bucket):
                    with self.counting(bucket):
                        yield
                    return
        try:
            with self.slow_lane(bucket), wechat.limit(query), self.counting(bucket):
                yield
        except wechat.CodeRefused:
            # Else it would be back in its place before any of those who were refused one.
            self.delay()
            raise

    @contextmanager
    def counting(self, bucket: int) -> Iterator[None]:
        try:
            yield
        except wechat.CodeRefused:
            self.add(bucket)
            raise

    @contextmanager
    def slow_lane(self, bucket: int) -> Iterator[None]:
        """Be the only one of this bucket on this host; raises wechat.Unavailable where too many wait, or too long."""
        until = monotonic() + PATIENCE
        with self.lock:
            full = self.waiting[bucket] >= LANE or self.waiting.total() >= LANES
            if not full:
                self.waiting[bucket] += 1
                lane = self.lanes.setdefault(bucket, threading.Lock())
        if full:
            self.delay()
            raise wechat.busy("slow_login")
        try:
            if not lane.acquire(timeout=PATIENCE):
                raise wechat.busy("slow_login")
            try:
                with self.alone(bucket, until):
                    yield
                sleep(PACE)  # it is another worker's turn
            finally:
                lane.release()
        finally:
            with self.lock:
                self.waiting[bucket] -= 1
                if not self.waiting[bucket]:
                    del self.waiting[bucket], self.lanes[bucket]

    def delay(self) -> None:
        """Keep one waiting who is about to be refused, unless too many are kept."""
        if self.delayed.acquire(blocking=False):
            sleep(DELAY)
            self.delayed.release()

    @contextmanager
    def alone(self, bucket: int, until: float) -> Iterator[None]:
        """Be alone among the processes."""
        lane = 1, BUCKETS * BUCKET.size + bucket  # a byte past the end, for each bucket
        while True:
            try:
                fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, *lane)
                break
            except BlockingIOError:
                if monotonic() > until:
                    raise wechat.busy("slow_login") from None
                sleep(PACE / 2)
        try:
            yield
        finally:
            fcntl.lockf(self.file, fcntl.LOCK_UN, *lane)


@functools.cache
def login_errors() -> LoginErrors:
    return LoginErrors()
