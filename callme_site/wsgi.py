"""The WSGI application that bin/serve runs."""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.client import responses
from typing import Any, cast

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, StreamingHttpResponse

from callme_site.storage.pool import MustWait, pool

READ_AT_MOST = 2 * 1024 * 1024  # bytes; nginx lets no more through


class Request(WSGIRequest):
    """A request whose senseless Content-Type counts as none, and whose path may be no Latin-1."""

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except Exception:
            # Of RFC 2231's ways to write a parameter, Django and Python's email each know some that make them stumble:
            # ValueError, TypeError …; outside of all that answers errors. What has another cause is raised again.
            # And granian hands on as UTF-8 what a path has unquoted, where WSGI wants Latin-1.
            path = environ.get("PATH_INFO", "").encode(errors="replace").decode("latin-1")
            super().__init__({**environ, "CONTENT_TYPE": "", "PATH_INFO": path})


class QueryRequest(Request):
    """A request whose headers are looked at when somebody asks for more than META: most queries do without."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.META = environ

    def __getattr__(self, name: str) -> Any:
        if len(self.__dict__) > 1:
            raise AttributeError(name)
        super().__init__(self.META)
        return getattr(self, name)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callme_site.settings")
handler = get_wsgi_application()
handler.request_class = Request

from callme_site.wire import gateway  # noqa: E402  # its models are there from now on
from callme_site.wire.answers import Answer  # noqa: E402

# In the environ: takes a function that answers, to be called by a thread that may wait (callme_site/server.py).
LATER = "callme.later"


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """Answer a request: the phones' queries here and now, what waits or is for a browser by LATER, if that is there.

    A query goes the short way, without what Django does around each request: signals, middlewares, a ping.
    """
    later = environ.get(LATER, at_once)
    # Only the thread that granian has called can read the body, and granian hangs up on one that nobody read, and tells
    # nobody: nginx would send somebody else's query next on that connection, and have to answer it 503.
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read() if is_read(environ) else b"")
    if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/":
        request = QueryRequest(environ)
        try:
            with pool.answering(may_wait=False):
                answer = gateway.phones_answer(request, may_wait=False)
                if answer is not None:
                    return send(answer, environ, start_response)
        except MustWait:
            return later(lambda: answer_query(request, environ, start_response))
    return later(lambda: answer_browser(environ, start_response))


def at_once(answer: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    return answer()


def answer_query(request: QueryRequest, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    with pool.answering():
        return send(gateway.reply(request), environ, start_response)


def answer_browser(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """Let Django answer."""
    if environ.get("PATH_INFO") == "/health":
        start_response = naming_worker(start_response)
    with pool.answering():
        response = handler(environ, start_response)
        if isinstance(response, HttpResponse):
            # Nothing is held any more while the phone takes its time to receive it.
            response.close()
            return [response.content]
    return streamed(cast(StreamingHttpResponse, response))


def send(answer: Answer, environ: dict[str, Any], start_response: Callable) -> list[bytes]:
    """Send what the gateway answers."""
    start_response(f"{answer.status} {responses[answer.status]}", answer.headers)
    return [answer.content]


def is_read(environ: dict[str, Any]) -> bool:
    """Return whether there is a body that is not too long."""
    length = environ.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and len(length) < 19 and int(length) <= READ_AT_MOST


def naming_worker(start_response: Callable) -> Callable:
    """Let an answer tell which process gave it: bin/serve waits for one of each."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *error)

    return start


def streamed(response: StreamingHttpResponse) -> Iterator[bytes]:
    """Answer what is made while it is sent."""
    with pool.answering(), closing(response):
        yield from response
