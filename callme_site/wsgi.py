"""The WSGI application that bin/serve runs."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

from callme_site import changes

READ_AT_MOST = 2 * 1024 * 1024  # bytes; nginx lets no more through


class Request(WSGIRequest):
    """A request whose senseless Content-Type counts as none."""

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except Exception:
            # Of RFC 2231's ways to write a parameter, Django and Python's email each know some that make them stumble:
            # ValueError, TypeError …; outside of all that answers errors. What has another cause is raised again.
            super().__init__({**environ, "CONTENT_TYPE": ""})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callme_site.settings")
handler = get_wsgi_application()
handler.request_class = Request
changes.tally().forget()


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """Answer a request, and read what the answer did without of its body.

    granian hangs up on a body that nobody read, and says so to nobody: nginx would send somebody else's query next on
    that connection, and have to answer it 503.
    """
    response = handler(environ, start_response)
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and len(length) < 19 and int(length) <= READ_AT_MOST:
        environ["wsgi.input"].read()
    return response
