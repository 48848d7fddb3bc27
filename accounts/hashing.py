"""Checking passwords, which is slow on purpose: on one core of this host at a time, so that phones have the others."""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts import browsers
from callme_site.storage.pool import pool

AT_ONCE = 2  # logins of a process, the one whose turn it is among them: who would wait for more hears so at once
PATIENCE = {True: 15, False: 5}  # seconds that one waits: in known browsers, and in others
PAUSE = 0.02  # seconds between two looks
RETRY_AFTER = 3  # seconds
# Any file of the checkout will do for a lock among its processes: nothing is written to it.
TURN, QUEUE = Path(__file__), Path(browsers.__file__)

# Of known browsers and of others: strangers never take the places of staff.
places = {known: threading.BoundedSemaphore(AT_ONCE) for known in (True, False)}


class Busy(Exception):
    """Too many passwords wait to be checked."""


@contextmanager
def one_at_a_time(known: bool) -> Iterator[None]:
    """Be the only one on this host whose password is checked; raises Busy, at once where too many wait already.

    Strangers wait for each other first: a known browser finds one of them before it at most, and those of staff.
    """
    if not places[known].acquire(blocking=False):
        raise Busy
    pool.give_back()  # who waits needs no database connection
    try:
        with ExitStack() as locks:
            until = time.monotonic() + PATIENCE[known]
            for path in (TURN,) if known else (QUEUE, TURN):
                locks.enter_context(locked(path, until))
            yield
    finally:
        places[known].release()


@contextmanager
def locked(path: Path, until: float) -> Iterator[None]:
    """Hold the lock of a file, for which threads compete like processes; raises Busy when it is too late."""
    with path.open() as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy from None
                time.sleep(PAUSE)
        yield


@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Let the admin log somebody in when it is that one's turn."""
    if request.method != "POST":
        return admin.site.login(request)
    try:
        with one_at_a_time(browsers.is_known(request)):
            return admin.site.login(request)
    except Busy:
        response = render(request, "admin/busy.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
