"""granian's command line, for what bin/serve needs of its workers: python -m callme_site.server, then as granian.

They are forked, so that they share what stands here before they are, and they hear a signal at any time. granian's own
inherit its handlers, which keep a signal from ending a worker that is still loading callme: it would be killed at last,
after the seconds that are meant for the requests under way.

Few threads answer the phones' queries: all want Python's lock, and the more of them wait for it, the longer each does.
What has to wait for somebody else is handed over to other threads. granian's own way to call a WSGI application knows
no answer but the one that is returned, so `calling` is in its place.
"""

import gc
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from granian.cli import entrypoint
from granian.server import mp
from granian.wsgi import Response, ResponseIterWrap

from accounts.login_errors import login_errors
from callme_site.capacity import WAITING_THREADS, threads
from callme_site.storage.pool import permits, pool

logger = logging.getLogger(__name__)

ENVIRON = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
SIGNALS = {signal.SIGINT, signal.SIGTERM}


def hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def go_on() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def begin() -> None:
    """Until it serves, a worker has nothing to end tidily."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    go_on()


# By name, as what annotates `later` is made anew at each request.
Body = list[bytes]
Make = Callable[[], Iterable[bytes]]
HANDED_OVER: Body = []  # stands for the answer that another thread gives


def calling(application: Callable, scope_opts: dict[str, Any], access_log_fmt: Any = None) -> Callable:
    """Return what granian's threads call for each request, with where to answer it and what was asked."""
    waiting = ThreadPoolExecutor(WAITING_THREADS, "waiting")
    pool.quick = permits(threads(settings.MEMORY) - 1)
    # What is loaded by now stays. A collection that looks through it holds all requests for tens of milliseconds.
    gc.collect()
    gc.freeze()

    def call(protocol: Any, scope: dict[str, Any]) -> None:
        response = Response()

        def later(make: Make) -> Body:
            waiting.submit(send, protocol, response, make)
            return HANDED_OVER

        send(protocol, response, lambda: application({**ENVIRON, **scope, "callme.later": later}, response))

    return call


def send(protocol: Any, response: Response, make: Make) -> None:
    """Send the answer that is made, unless it was handed over."""
    try:
        body = make()
    except Exception:
        logger.exception("request_failed")
        protocol.response_bytes(500, [], b"")
        return
    if body is HANDED_OVER:
        return
    if isinstance(body, list):
        protocol.response_bytes(response.status, response.headers, b"".join(body))
    else:
        protocol.response_iter(response.status, response.headers, ResponseIterWrap(body))


if __name__ == "__main__":
    login_errors()
    multiprocessing.set_start_method("fork")
    mp._wsgi_call_wrap = calling  # type: ignore[assignment]  # by other names
    os.register_at_fork(before=hold, after_in_parent=go_on, after_in_child=begin)
    entrypoint()
