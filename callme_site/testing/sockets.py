"""Requests byte for byte over a socket, as no client library would send them, and the answers that come back."""

import json
import re
import select
import socket
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

PATIENCE = 20  # seconds; a busy machine


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers.get("content-type") == "application/json", self
        return json.loads(self.body)


def send(port: int, request: bytes, *, patience: float = PATIENCE, source: str = "") -> list[Answer]:
    """Send the bytes to this machine's port, from that address of its own, and return all that is answered to them.

    Behind the first answer a request of our own follows on the same connection, so that whatever answers were still to
    come before its own have come by then. Where nothing comes within `patience` seconds, the end of our sending is
    told, which is what a server may have waited for.
    """
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0)) as connection,
        connection.makefile("rb") as stream,
    ):
        with suppress(ConnectionError):  # refused before all of it was read; the answer is there all the same
            connection.sendall(request)
        if not select.select([connection], [], [], patience)[0]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            return list(iter(lambda: read_answer(stream), None))
        answers = [read_answer(stream, bodiless=request.startswith(b"HEAD "))]
        with suppress(ConnectionError):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while answers[-1] is not None:
            answers.append(read_answer(stream))
        ours = len(answers) > 2 and answers[-2].body.startswith(b'{"database": "reached"')
        return answers[: -2 if ours else -1]


def read_answer(stream: BufferedReader, *, bodiless: bool = False) -> Answer | None:
    """Return the next answer, or None at the end of them; raises AssertionError for what is none."""
    try:
        line = stream.readline()
        if not line:
            return None
        status = re.fullmatch(rb"HTTP/1\.[01] ([1-5]\d\d)( .*)?\r\n", line)
        assert status, line
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if status[1] == b"100":
            return read_answer(stream, bodiless=bodiless)
        body = b"" if bodiless or status[1] in (b"204", b"304") else read_body(stream, headers)
        return Answer(int(status[1]), headers, body)
    except ConnectionError:
        return None


def read_body(stream: BufferedReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return stream.read(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return stream.read()
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body
