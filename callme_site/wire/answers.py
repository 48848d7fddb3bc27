"""Answers as every client parses them: JSON, whatever happened."""

import json
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.http import HttpResponse

logger = logging.getLogger(__name__)

ENCODER = json.JSONEncoder(ensure_ascii=False)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
RETRY_AFTER = 3  # seconds; the phones' own pace of polling


class Fail(Exception):
    """A query that cannot do what was asked: docs/protocol.md's failMsg, and fields to send beside it."""

    def __init__(self, reason: str, **beside: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.beside = beside


def encoded(answer: dict[str, Any]) -> bytes:
    return ENCODER.encode(answer).encode()


def encoded_once(answer: dict[str, Any]) -> bytes:
    """Return the same, quicker where the answer holds one object under two names, as that of `note` does."""
    objects = {id(value): value for value in answer.values() if type(value) is dict}
    if not objects:
        return encoded(answer)
    texts = {place: ENCODER.encode(value) for place, value in objects.items()}
    parts = [f'"{name}": {texts.get(id(value)) or ENCODER.encode(value)}' for name, value in answer.items()]
    return f"{{{', '.join(parts)}}}".encode()


class Answer(NamedTuple):
    """An answer as it is sent: Django's HttpResponse costs more than many a query."""

    content: bytes
    status: int
    headers: list[tuple[str, str]]

    def as_response(self) -> HttpResponse:
        return HttpResponse(self.content, status=self.status, headers=dict(self.headers))


def as_json(content: dict[str, Any] | bytes, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
    """Return the answer in the form that every client parses."""
    content = content if isinstance(content, bytes) else encoded(content)
    own = [
        ("Content-Type", "application/json"),
        # These are the middlewares' business elsewhere; see phones_first.
        ("Content-Length", str(len(content))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Answer(content, status, [*own, *headers.items()])


def database_away(error: Exception) -> Answer:
    """Return the answer to whoever asks while the database cannot be reached, and log which error told so."""
    logger.error("database_unavailable error=%s code=%s", type(error).__name__, error.args[:1])
    return as_json({"queryErr": "Server Error"}, 503, {"Retry-After": str(RETRY_AFTER)})
