"""The loads that wrk cannot send, as each request depends on the answer before it; every answer is checked.

    python -m bench.phones LOAD PORT SET CONNECTIONS SECONDS DATABASE

rush: on each connection one meal after the other. paced: twenty meals a second, whatever the server does. mix: 3,000
phones that ask every 3 seconds, beside the paced rush. mix-told: the same, but they ask again when they are told to.
messages: the paced rush, of students who want to be told by WeChat and come later; how long that took is a part.
Prints its measurement as JSON.
"""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from bench import messages
from bench.data import LIVE, SETS, DataSet, Poll, key, shuffled
from bench.epoll import Ask, Loop, Measurement, Script
from bench.measured import summary
from callme_site.testing.phones import NOT_READY, query_fields, waits

PHONES = 3000
EVERY = 3.0  # seconds between two polls of a phone
MEALS = 20  # a second, in the paced rush
POLLS = 5  # of a meal that is not ready yet
FETCHED = 5  # seconds after its call, by a student whom WeChat told of it


def form(query: str, person: int, **more: object) -> str:
    """Return the body of a request, as the deployed clients write it."""
    return urlencode(query_fields(query, key(person), **more))


class Rush:
    """Meals, one after the other: which stall and student are next, and which numbers are out."""

    def __init__(
        self, data: DataSet, measurement: Measurement, *, look_again: bool = False, messages: bool = False
    ) -> None:
        self.measurement = measurement
        self.look_again = look_again  # after the end: one request more
        self.messages = messages  # the students want one, and have time
        self.stalls = itertools.cycle(shuffled(list(range(1, data.sellers + 1))))
        self.students = itertools.cycle(shuffled(data.eaters()))
        self.out: set[tuple[int, int]] = set()

    def ask(self, due: float, expected: dict | None, query: str, person: int, **more: object) -> Iterator:
        """Ask once and return the answer, which has to be the expected one."""
        answer = yield Ask(query, form(query, person, **more), due)
        # {}: there was none, and that has been counted.
        if answer and answer != (expected or answer):
            self.measurement.mistake(f"{query} {more}: {answer}")
        return answer

    def meal(self, due: float = 0.0) -> Script:
        """From fetch to done: ten requests, the first when it is due, the others each upon the answer before it."""
        stall, student = next(self.stalls), next(self.students)
        fetched = yield from self.ask(due, None, "fetch", stall)
        number = fetched.get("marchSn")
        good = fetched == {"fetchSuccess": "success", "marchSn": number} and number > LIVE
        if fetched and (not good or (stall, number) in self.out):
            self.measurement.mistake(f"fetch, with {sorted(self.out)} out: {fetched}")
        if not good:
            return
        # With a number that another phone has too, people would go on: only so is it free again some time.
        self.out.add((stall, number))
        order = {"sellerId": stall, "marchSn": number}
        wish = {"subscribe": "yes"} if self.messages else {}
        noted = {**order, "noteContent": "牛肉面，多放香菜", **wish}
        yield from self.ask(0, {"pushSuccess": "success"}, "push", student, **noted)
        for _ in range(POLLS):
            answer = yield from self.ask(0, None, "hungry", student, **order)
            # Behind those who wait all the time, and perhaps behind another meal; plain PHP does not count them.
            ahead = answer.get("ahead", LIVE)
            if answer and answer != NOT_READY and (ahead < LIVE or answer != waits(ahead)):
                self.measurement.mistake(f"hungry {order}: {answer}")
        yield from self.ask(0, {"callSuccess": "success"}, "call", stall, marchSn=number)
        yield from self.ask(0, {"hungrySuccess": "success"}, "hungry", student, **order)
        fetched_at = time.monotonic() + FETCHED if self.messages else 0
        self.out.discard((stall, number))  # before the answer arrives, the stall may hand it out again
        yield from self.ask(fetched_at, {"doneSuccess": "success"}, "done", student, **order)
        if self.look_again:
            yield from self.ask(0, {**NOT_READY, "ended": "collected"}, "hungry", student, **order)

    def meals(self) -> Script:
        """Eat until the time is over."""
        while time.monotonic() < self.measurement.until:
            yield from self.meal()

    def paced_meals(self, phase: float, every: int) -> Script:
        """Eat once in so many seconds."""
        due = self.measurement.start + phase
        while max(due, time.monotonic()) < self.measurement.until:
            yield from self.meal(due)
            due += every

    def paced(self, every: int = 1) -> list[Script]:
        """Return scripts that eat once in so many seconds each, MEALS a second together, evenly spread."""
        return [self.paced_meals(place / MEALS, every) for place in range(MEALS * every)]


def poll(phone: Poll, expected: dict, every: float, phase: float, measurement: Measurement) -> Script:
    """Ask for a number every so many seconds; it is never called."""
    body = form("hungry", phone.person, sellerId=phone.seller, marchSn=phone.number)
    due = measurement.start + phase
    while max(due, time.monotonic()) < measurement.until:
        answer = yield Ask("poll", body, due)
        if answer and answer != expected:
            measurement.mistake(f"poll {phone}: {answer}")
        due += every


def polls(data: DataSet, measurement: Measurement, told: bool) -> list[Script]:
    """Return 3,000 phones, each with a phase of its own: 1,000 own an order, 2,000 ask about somebody else's.

    `told`: each asks again after the `retryAfter` of the number's owner, who waits behind all lower ones of the stall.
    """
    owners = [(phone, waits(phone.number - 1)) for phone in data.polls()]
    strangers = [(phone, NOT_READY) for phone in data.strangers(PHONES - len(owners))]
    scripts = []
    for place, (phone, expected) in enumerate(shuffled(owners + strangers)):
        every = waits(phone.number - 1)["retryAfter"] if told else EVERY
        scripts.append(poll(phone, expected, every, place * every / PHONES, measurement))
    return scripts


def scripts(load: str, data: DataSet, connections: int, measurement: Measurement) -> list[Script]:
    """Return what the phones of a load do."""
    if load in ("mix", "mix-told"):
        return [*polls(data, measurement, told=load == "mix-told"), *Rush(data, measurement, look_again=True).paced()]
    if load == "messages":
        return Rush(data, measurement, messages=True).paced(every=FETCHED + 1)
    rush = Rush(data, measurement)
    return rush.paced() if load == "paced" else [rush.meals() for _ in range(connections)]


def main(load: str, port: int, data: DataSet, connections: int, seconds: float, database: str) -> None:
    """Run a load and print what came of it."""
    measurement, began = Measurement(seconds), messages.now()
    Loop(port, measurement).run(scripts(load, data, connections, measurement))
    everything = [latency for own in measurement.latencies.values() for latency in own]
    parts = {name: summary(own, seconds) for name, own in measurement.latencies.items()}
    if load == "messages":
        parts["told"], untold = messages.told(database, began, seconds)
        for ending in untold:
            measurement.mistake(f"a message has not been sent: {ending}")
    counted = {"errors": measurement.errors, "wrong": measurement.wrong, "samples": measurement.samples, "parts": parts}
    print(json.dumps({**summary(everything, seconds), **counted}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), SETS[sys.argv[3]], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6])
