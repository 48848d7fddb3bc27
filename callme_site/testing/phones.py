"""What all phones have in common, whatever sends for them: the fields of a query, and its bytes on a connection."""

import re
from typing import Any

NOT_READY = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}
HEAD = "POST /? HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def waits(ahead: int) -> dict[str, Any]:
    """Return the answer to a poll whose own order waits behind so many, where the settings are the usual ones."""
    return {**NOT_READY, "ahead": ahead, "retryAfter": min(2 + max(ahead - 2, 0) // 2, 10)}


def is_not_ready(answer: dict[str, Any] | None) -> bool:
    """Return whether it is the answer to a poll that is not ready, whatever else that is told."""
    return answer is not None and answer.items() >= NOT_READY.items()


def query_fields(query: str, session_key: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return the fields of a query, the session's key among them where there is one."""
    session = {} if session_key is None else {"sessionKey": session_key}
    return {"query": query, **session, **fields}


def request(body: str, headers: str = "") -> bytes:
    """Return the request that brings an urlencoded form, as the deployed clients send it."""
    return f"{HEAD}{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def length_of_body(head: bytes) -> int | None:
    """Return what the head of an answer says of the length of its body."""
    length = LENGTH.search(head)
    return length and int(length[1])
