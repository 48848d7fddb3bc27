"""The rush: stalls and students as threads over real HTTP, who remember what was acknowledged to them.

It needs servers with the sandbox WeChat and its staff person, and nothing of what is underneath them:

    with Rush(server.url) as rush:
        rush.goes_on()
        ...  # break something
        rush.goes_on()
    rush.check(database_url)
"""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, cycle
from typing import Any

import requests

from callme_site.settings import BASE_DIR
from callme_site.testing import serving
from callme_site.testing.phones import is_not_ready, query_fields

PAUSE = 0.1  # seconds between a request without an answer and the next one
TIMEOUT = 15  # seconds
CLOCKS = 1  # seconds that the clocks of the phones and of the database may differ


class Phone:
    """A mini-program that has logged in at one of the servers, and turns to the next one when that does not answer."""

    def __init__(self, rush: "Rush", name: str, *, seller: bool = False) -> None:
        assert "-" not in name, "the sandbox takes the person's name to end there"
        self.rush, self.name = rush, name
        self.http = requests.Session()
        self.urls = cycle(rush.urls)
        self.url = next(self.urls)
        self.session_key: str | None = None
        while self.session_key is None and not rush.over.is_set():
            code = f"sandbox-{name}-{os.urandom(6).hex()}"
            answer = self.ask("login", isseller="yes" if seller else "no", code=code) or {}
            self.session_key = answer.get("sessionKey")
            if self.session_key is None:
                rush.over.wait(PAUSE)

    def ask(self, query: str, **fields: Any) -> dict[str, Any] | None:
        """Return the answer, or None where nothing tells whether the query was carried out."""
        with suppress(requests.RequestException):
            response = self.http.post(self.url, query_fields(query, self.session_key, **fields), timeout=TIMEOUT)
            if response.status_code < 500:
                return response.json()
        self.rush.unanswered.append((time.time(), query))
        self.url = next(self.urls)
        return None

    def insist(self, query: str, **fields: Any) -> dict[str, Any] | None:
        """Repeat a query that may be repeated until it is answered, or the rush is over."""
        while (answer := self.ask(query, **fields)) is None and not self.rush.over.wait(PAUSE):
            pass
        return answer

    def succeeds(self, answer: dict[str, Any] | None, query: str) -> bool:
        """Return whether the query was acknowledged; an answer that should not be is kept for the end."""
        if answer is None:
            return False
        if answer.get(f"{query}Success") != "success":
            self.rush.surprises.append(f"{self.name} {query}: {answer}")
            return False
        return True


@dataclass
class Visit:
    """One number, from the stall's fetch to its end: when, and what of it was acknowledged."""

    seller: int
    number: int
    note: str
    asked: float
    taken: float
    acknowledged: set[str] = field(default_factory=set)
    end_asked: float = float("inf")


class Stall:
    """A seller with months, whose phone has signed up, and the months and names that it was given."""

    def __init__(self, rush: "Rush", place: int) -> None:
        self.phone = Phone(rush, f"rush{rush.name}stall{place}", seller=True)
        self.telephone = f"139{int.from_bytes(os.urandom(4)) % 10**8:08}"
        self.renewals: Counter[bool] = Counter()  # how many were acknowledged, and how many not
        self.names = [""]  # the last one that was acknowledged, and those after it
        self.renew(rush.staff)
        assert self.phone.ask("signup", telNum=self.telephone) == {"signupSuccess": "success"}
        self.id: int = self.phone.ask("note")["sellerId"]

    def renew(self, staff: Phone) -> None:
        self.renewals[staff.succeeds(staff.ask("renew", telNum=self.telephone, term=1), "renew")] += 1

    def rename(self, name: str) -> None:
        acknowledged = self.phone.succeeds(self.phone.ask("update", personName=name), "update")
        self.names = [name] if acknowledged else [*self.names, name]


class Rush:
    """Stalls with so many hands each, who serve a student each, and the staff, as long as the context lasts."""

    def __init__(self, *urls: str, stalls: int = 3, hands: int = 4) -> None:
        self.urls = urls
        self.name = os.urandom(3).hex()
        self.over = threading.Event()
        self.visits: list[Visit] = []
        self.surprises: list[str] = []
        self.unanswered: list[tuple[float, str]] = []  # when, and which query
        self.staff = Phone(self, "staff", seller=True)
        self.stalls = [Stall(self, place) for place in range(stalls)]
        self.hands = [
            (stall, Phone(self, stall.phone.name, seller=True), Phone(self, f"rush{self.name}student{place}of{hand}"))
            for place, stall in enumerate(self.stalls)
            for hand in range(hands)
        ]

    def __enter__(self) -> "Rush":
        self.threads = ThreadPoolExecutor(len(self.hands) + 1)
        self.runs = [self.threads.submit(self.serve, place, *hand) for place, hand in enumerate(self.hands)]
        self.runs.append(self.threads.submit(self.sell_months))
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.threads.shutdown()
        for run in self.runs:
            run.result()

    def done(self) -> int:
        """Return how many numbers have lived their whole life."""
        return sum("done" in visit.acknowledged for visit in list(self.visits))

    def goes_on(self, visits: int = 30, seconds: float = 120) -> None:
        """Wait until so many more numbers have lived their whole life; fails where that takes too long."""
        until, enough = time.monotonic() + seconds, self.done() + visits
        while self.done() < enough:
            assert time.monotonic() < until, f"the rush stands still; last: {self.unanswered[-3:]}, {self.surprises}"
            assert all(not run.done() for run in self.runs), [run.exception() for run in self.runs if run.done()]
            time.sleep(0.01)

    def serve(self, place: int, stall: Stall, at_stall: Phone, student: Phone) -> None:
        """One hand at a stall, which serves one student again and again."""
        for meal in count():
            if self.over.is_set():
                return
            asked = time.time()
            answer = at_stall.ask("fetch")
            if not at_stall.succeeds(answer, "fetch"):
                self.over.wait(PAUSE)
                continue
            visit = Visit(stall.id, answer["marchSn"], f"{self.name} {place} {meal}", asked, time.time())
            self.visits.append(visit)
            for step in self.steps(visit, at_stall, student, by_seller=meal % 2 == 0):
                visit.acknowledged.add(step)
            if "done" not in visit.acknowledged:
                # Its order may live on, and a student has five at most.
                student = Phone(self, f"rush{self.name}student{place}after{meal}")

    def steps(self, visit: Visit, stall: Phone, student: Phone, *, by_seller: bool) -> Iterator[str]:
        """Go on from the fetch; yield what is acknowledged, up to the first that is not."""
        order = {"sellerId": visit.seller, "marchSn": visit.number}
        if not student.succeeds(student.insist("push", noteContent=visit.note, **order), "push"):
            return
        yield "push"
        if (answer := student.insist("hungry", **order)) is not None and not is_not_ready(answer):
            self.surprises.append(f"hungry before the call: {answer}")
        if not stall.succeeds(stall.insist("call", marchSn=visit.number), "call"):
            return
        yield "call"
        while is_not_ready(answer := student.insist("hungry", **order)) and not self.over.wait(PAUSE):
            pass  # where there are many servers, not all have heard of the call yet
        if is_not_ready(answer) or not student.succeeds(answer, "hungry"):
            return
        # Not to be repeated: if it was carried out, the number may be somebody else's by now.
        visit.end_asked = time.time()
        answer = stall.ask("done", marchSn=visit.number, isseller="yes") if by_seller else student.ask("done", **order)
        if stall.succeeds(answer, "done"):
            yield "done"

    def sell_months(self) -> None:
        """Staff sells months to one stall after the other, which then changes its person's name."""
        for turn, stall in enumerate(cycle(self.stalls)):
            if self.over.wait(PAUSE):
                return
            stall.renew(self.staff)
            stall.rename(f"{self.name} {turn}")

    def check(self, database_url: str) -> None:
        """Compare what was acknowledged with what is stored; fails where a write is lost or a number was out twice."""
        assert self.surprises == []
        assert twice(self.visits) == []
        stored = json.loads(manage(database_url, "dumpdata", "queueing.order", "sellers"))
        rows = {name: [row for row in stored if row["model"] == name] for name in {row["model"] for row in stored}}
        sellers = {row["pk"]: row["fields"] for row in rows["sellers.seller"]}
        entries = Counter(row["fields"]["seller"] for row in rows["sellers.balanceentry"])
        for stall in self.stalls:
            acknowledged, unknown = stall.renewals[True], stall.renewals[False]
            assert acknowledged <= entries[stall.id] <= acknowledged + unknown, stall.telephone
            assert sellers[stall.id]["months"] == entries[stall.id]
            assert sellers[stall.id]["person_name"] in stall.names
        self.check_orders([row["fields"] for row in rows["queueing.order"]])
        manage(database_url, "check_balances")

    def check_orders(self, orders: list[dict[str, Any]]) -> None:
        live = Counter((order["seller"], order["live_number"]) for order in orders if order["live_number"])
        assert [number for number, times in live.items() if times > 1] == []
        noted = {order["note"]: order for order in orders if order["note"]}
        of_number: dict[tuple[int, int], list[dict]] = {}
        for order in orders:
            of_number.setdefault((order["seller"], order["number"]), []).append(order)
        for visit in self.visits:
            order = noted.get(visit.note)
            if order is None and "push" not in visit.acknowledged:
                candidates = of_number.get((visit.seller, visit.number), [])
                order = next((order for order in candidates if not order["note"] and taken_then(order, visit)), None)
            assert order, f"lost: {visit}"
            assert (order["seller"], order["number"], taken_then(order, visit)) == (visit.seller, visit.number, True)
            assert order["called_at"] or "call" not in visit.acknowledged, f"not called: {visit}"
            assert order["closed_at"] or "done" not in visit.acknowledged, f"not closed: {visit}"
            assert not order["closed_at"] or visit.end_asked < float("inf"), f"closed by nobody: {visit}"


def taken_then(order: dict[str, Any], visit: Visit) -> bool:
    taken = datetime.fromisoformat(order["taken_at"]).timestamp()
    return visit.asked - CLOCKS <= taken <= visit.taken + CLOCKS


def twice(visits: list[Visit]) -> list[tuple[Visit, Visit]]:
    """Return the pairs of which the second was handed out while nobody had asked for the end of the first."""
    last: dict[tuple[int, int], Visit] = {}
    pairs = []
    for visit in sorted(visits, key=lambda visit: visit.taken):
        before = last.get((visit.seller, visit.number))
        if before and visit.taken < before.end_asked:
            pairs.append((before, visit))
        last[visit.seller, visit.number] = visit
    return pairs


def manage(database_url: str, *arguments: str) -> str:
    """Run this checkout's manage.py on that database and return what it prints."""
    return serving.manage(BASE_DIR, arguments, DATABASE_URL=database_url, DEBUG="on", WECHAT_SANDBOX="on")
