"""Many phones in one thread: each is a script that yields requests and gets the answers, on a connection of its own."""

import heapq
import json
import re
import select
import socket
import time
from array import array
from collections.abc import Generator, Iterable
from typing import Any, NamedTuple

from callme_site.testing.phones import length_of_body, request

LATE = 10  # seconds that the last answers may take
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Ask(NamedTuple):
    """A request: the name that its latency is kept under, its form body, and when it is due (0: at once)."""

    name: str
    body: str
    due: float = 0.0


Script = Generator[Ask, dict[str, Any], None]


class Measurement:
    """The time that is measured, and what came of all requests in it; all in seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.start = self.until = 0.0
        self.latencies: dict[str, array] = {}
        self.errors = self.wrong = 0
        self.samples: list[str] = []

    def begin(self) -> None:
        """Let the time begin."""
        self.start = time.monotonic()
        self.until = self.start + self.seconds

    def add(self, name: str, now: float, latency: float) -> None:
        """Count an answer, unless it came when the time was over."""
        if now <= self.until:
            self.latencies.setdefault(name, array("d")).append(latency)

    def error(self, what: object) -> None:
        self.errors += 1
        self.sample(what)

    def mistake(self, what: object) -> None:
        """Count an answer that is not what it has to be."""
        self.wrong += 1
        self.sample(what)

    def sample(self, what: object) -> None:
        """Keep the first few for people to read."""
        if len(self.samples) < 5:
            self.samples.append(str(what))


class Phone:
    """A script and its connection."""

    def __init__(self, script: Script, port: int) -> None:
        self.script = script
        self.port = port
        self.asked: Ask | None = None
        self.waits = False  # for an answer
        self.asked_at = 0.0
        self.got = b""
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=LATE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """Send what the script asks; raises OSError."""
        # A request that had to wait for an answer to the one before it is late from the moment at which it was due.
        self.asked_at = self.asked.due or time.monotonic()
        self.waits, self.got = True, b""
        self.socket.sendall(request(self.asked.body))

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer once it is whole; raises OSError."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionResetError("the connection was closed")
        self.got += part
        head, end, body = self.got.partition(b"\r\n\r\n")
        length = length_of_body(head) if end else None
        if length is None or len(body) < length:
            return None
        self.waits = False
        return head, body


class Loop:
    """Runs phones until all their scripts have ended."""

    def __init__(self, port: int, measurement: Measurement) -> None:
        self.port = port
        self.measurement = measurement
        self.epoll = select.epoll()
        self.phones: dict[int, Phone] = {}
        self.waiting: list[tuple[float, int, Phone]] = []

    def watch(self, phone: Phone) -> None:
        self.phones[phone.socket.fileno()] = phone
        self.epoll.register(phone.socket, select.EPOLLIN)

    def run(self, scripts: Iterable[Script]) -> None:
        """Connect a phone for each script, and let the time begin; return when all scripts have ended."""
        for script in scripts:
            self.watch(Phone(script, self.port))
        self.measurement.begin()
        for phone in list(self.phones.values()):
            self.go_on(phone, None)
        while self.phones and (now := time.monotonic()) < self.measurement.until + LATE:
            while self.waiting and self.waiting[0][0] <= now:
                self.send(heapq.heappop(self.waiting)[2])
            pause = min(max(self.waiting[0][0] - now, 0.0), 1.0) if self.waiting else 1.0
            for descriptor, _event in self.epoll.poll(pause):
                self.hear(self.phones[descriptor])
        for phone in self.phones.values():
            self.measurement.error(f"no answer to {phone.asked.name}")

    def go_on(self, phone: Phone, answer: dict[str, Any] | None) -> None:
        """Give the script its answer, and send what it asks next, at its time."""
        try:
            phone.asked = phone.script.send(answer)
        except StopIteration:
            self.forget(phone)
            return
        if phone.asked.due > time.monotonic():
            heapq.heappush(self.waiting, (phone.asked.due, id(phone), phone))
        else:
            self.send(phone)

    def send(self, phone: Phone) -> None:
        try:
            phone.send()
        except OSError as error:
            self.fail(phone, error)

    def hear(self, phone: Phone) -> None:
        """Take what has arrived; an answer that is whole goes to the script."""
        if not phone.waits:  # nginx ends a connection that has been idle; a real phone would not notice either
            self.connect_anew(phone)
            return
        try:
            answer = phone.receive()
            if answer is None:
                return
            head, body = answer
            now = time.monotonic()
            if not head.startswith(b"HTTP/1.1 200 "):
                raise ValueError(head.partition(b"\r\n")[0])
            content = json.loads(body)
        except (OSError, ValueError) as error:
            self.fail(phone, error)
            return
        self.measurement.add(phone.asked.name, now, now - phone.asked_at)
        if CLOSES.search(head):
            self.connect_anew(phone)
        self.go_on(phone, content)

    def fail(self, phone: Phone, error: Exception) -> None:
        """Count the error, and go on with the script, which learns that there was no answer."""
        phone.waits = False
        self.measurement.error(f"{phone.asked.name}: {error}")
        self.connect_anew(phone)
        self.go_on(phone, {})

    def connect_anew(self, phone: Phone) -> None:
        self.forget(phone)
        phone.connect()
        self.watch(phone)

    def forget(self, phone: Phone) -> None:
        del self.phones[phone.socket.fileno()]
        phone.socket.close()
