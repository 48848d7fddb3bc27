"""The floor of the WSGI server: an application that always says the same."""

from collections.abc import Callable, Iterable
from typing import Any

ANSWER = b'{"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """Answer any request."""
    start_response("200 OK", HEADERS)
    return [ANSWER]
