"""The loads that wrk cannot send, as each request depends on the answer before it; every answer is checked.

    python -m bench.phones LOAD PORT SET CONNECTIONS SECONDS

rush: on each connection one meal after the other. paced: twenty meals a second, whatever the server does. mix: 3,000
phones that ask every 3 seconds, beside the paced rush. Prints its measurement as JSON.
"""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from bench.data import LIVE, SETS, DataSet, Poll, key, shuffled
from bench.epoll import Ask, Loop, Script, Tally
from bench.measured import summary

PHONES = 3000
EVERY = 3.0  # seconds between two polls of a phone
MEALS = 20  # a second, in the paced rush
POLLS = 5  # of a meal that is not ready yet
NOT_READY = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}


def form(query: str, person: int, **more: object) -> str:
    """Return the body of a request, as the deployed clients write it."""
    return urlencode({"query": query, "sessionKey": key(person), **more})


class Rush:
    """Meals, one after the other: which stall and student are next, and which numbers are out."""

    def __init__(self, data: DataSet, tally: Tally, look_again: bool = False) -> None:
        self.tally = tally
        self.look_again = look_again  # after the end: one request more
        self.stalls = itertools.cycle(shuffled(list(range(1, data.sellers + 1))))
        self.students = itertools.cycle(shuffled(data.eaters()))
        self.out: set[tuple[int, int]] = set()

    def ask(self, due: float, expected: dict | None, query: str, person: int, **more: object) -> Iterator:
        """Ask once and return the answer, which has to be the expected one."""
        answer = yield Ask(query, form(query, person, **more), due)
        # {}: there was none, and that has been counted.
        if answer and answer != (expected or answer):
            self.tally.mistake(f"{query} {more}: {answer}")
        return answer

    def meal(self, due: float = 0.0) -> Script:
        """From fetch to done: ten requests, the first when it is due, the others each upon the answer before it."""
        stall, student = next(self.stalls), next(self.students)
        fetched = yield from self.ask(due, None, "fetch", stall)
        number = fetched.get("marchSn")
        if fetched != {"fetchSuccess": "success", "marchSn": number} or (stall, number) in self.out or number <= LIVE:
            if fetched:
                self.tally.mistake(f"fetch, with {sorted(self.out)} out: {fetched}")
            return
        self.out.add((stall, number))
        order = {"sellerId": stall, "marchSn": number}
        yield from self.ask(0, {"pushSuccess": "success"}, "push", student, **order, noteContent="牛肉面，多放香菜")
        for _ in range(POLLS):
            yield from self.ask(0, NOT_READY, "hungry", student, **order)
        yield from self.ask(0, {"callSuccess": "success"}, "call", stall, marchSn=number)
        yield from self.ask(0, {"hungrySuccess": "success"}, "hungry", student, **order)
        self.out.discard((stall, number))  # before the answer arrives, the stall may hand it out again
        yield from self.ask(0, {"doneSuccess": "success"}, "done", student, **order)
        if self.look_again:
            yield from self.ask(0, NOT_READY, "hungry", student, **order)

    def meals(self) -> Script:
        """Eat until the time is over."""
        while time.monotonic() < self.tally.until:
            yield from self.meal()

    def paced_meals(self, phase: float) -> Script:
        """Eat once a second."""
        due = self.tally.start + phase
        while max(due, time.monotonic()) < self.tally.until:
            yield from self.meal(due)
            due += 1.0

    def paced(self) -> list[Script]:
        """Return as many scripts as there are meals a second, evenly spread over it."""
        return [self.paced_meals(place / MEALS) for place in range(MEALS)]


def poll(phone: Poll, tally: Tally, phase: float) -> Script:
    """Ask for a number every three seconds; it is never called."""
    body = form("hungry", phone.person, sellerId=phone.seller, marchSn=phone.number)
    due = tally.start + phase
    while max(due, time.monotonic()) < tally.until:
        answer = yield Ask("poll", body, due)
        if answer and answer != NOT_READY:
            tally.mistake(f"poll {phone}: {answer}")
        due += EVERY


def polls(data: DataSet, tally: Tally) -> list[Script]:
    """Return 3,000 phones, each with a phase of its own: 1,000 own an order, 2,000 ask about somebody else's."""
    owners = data.polls()
    phones = shuffled(owners + data.strangers(PHONES - len(owners)))
    return [poll(phone, tally, place * EVERY / PHONES) for place, phone in enumerate(phones)]


def scripts(load: str, data: DataSet, connections: int, tally: Tally) -> list[Script]:
    """Return what the phones of a load do."""
    if load == "mix":
        return [*polls(data, tally), *Rush(data, tally, look_again=True).paced()]
    rush = Rush(data, tally)
    return rush.paced() if load == "paced" else [rush.meals() for _ in range(connections)]


def main(load: str, port: int, data: DataSet, connections: int, seconds: float) -> None:
    """Run a load and print what came of it."""
    tally = Tally(seconds)
    Loop(port, tally).run(scripts(load, data, connections, tally))
    everything = [latency for own in tally.latencies.values() for latency in own]
    parts = {name: summary(own, seconds) for name, own in tally.latencies.items()}
    counted = {"errors": tally.errors, "wrong": tally.wrong, "samples": tally.samples, "parts": parts}
    print(json.dumps({**summary(everything, seconds), **counted}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), SETS[sys.argv[3]], int(sys.argv[4]), float(sys.argv[5]))
