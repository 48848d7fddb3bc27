"""Hundreds of phones that poll at their pace, and how long they wait."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from callme_site.testing.phones import NOT_READY, length_of_body, query_fields, request
from callme_site.testing.serving import Serving

PHONES = 500
PACE = 3  # seconds between two polls of a phone
POLLS = 2  # of each phone
CAMPUS = "198.51.100.1"


class Phones:
    """Phones that poll over a connection each, all in one thread, as a thread each would be slow by itself."""

    def __init__(self, server: Serving, sessions: list[str], port: int = 0) -> None:
        self.server = server
        self.port = port or int(server.url.rpartition(":")[2])
        self.sessions = sessions
        self.waits: list[tuple[float, float]] = []  # when a poll began, and its seconds

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: dict[str, Any], headers: str = ""
    ) -> dict[str, Any]:
        writer.write(request(urlencode(fields), headers))
        head = await reader.readuntil(b"\r\n\r\n")
        return json.loads(await reader.readexactly(length_of_body(head)))

    async def poll(self, phone: int) -> None:
        """Poll a few times at the phones' pace."""
        await asyncio.sleep(PACE * phone / PHONES)
        fields = query_fields("hungry", self.sessions[phone % len(self.sessions)], sellerId=1, marchSn=99)
        async with self.connected() as connection:
            for _ in range(POLLS):
                began = time.monotonic()
                assert await self.ask(*connection, fields) == NOT_READY
                self.waits.append((began, time.monotonic() - began))
                await asyncio.sleep(max(0, began + PACE - time.monotonic()))

    async def poll_all(self) -> None:
        """Let every phone poll."""
        self.waits = []
        await asyncio.gather(*(self.poll(phone) for phone in range(PHONES)))

    async def log_in(self, code: str, address: str = CAMPUS) -> tuple[dict[str, Any], float]:
        """Log in from that address; return the answer, and the seconds that it took."""
        began = time.monotonic()
        async with self.connected() as connection:
            fields = query_fields("login", code=f"{code}-{began}")
            answer = await self.ask(*connection, fields, f"X-Forwarded-For: {address}\r\n")
        return answer, time.monotonic() - began

    def longest(self) -> float:
        return max(wait for _poll, wait in self.waits)

    def longest_of_99_in_100(self, began: float = 0, ended: float = float("inf")) -> float:
        """Return the 99th percentile of the waits of polls that began within that time."""
        waits = sorted(wait for poll, wait in self.waits if began <= poll <= ended)
        assert len(waits) > 50
        return waits[len(waits) * 99 // 100]


def logins(server: Serving, count: int) -> list[str]:
    """Let so many students log in; return the keys of their sessions."""
    return [server.ask("login", code=f"sandbox-phone{phone}-{time.time()}")["sessionKey"] for phone in range(count)]
