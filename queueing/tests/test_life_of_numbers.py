"""Whatever two stalls and three students do in whatever order: the answers are those that a plain model expects."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from callme_site.storage.versions import EVERYTHING, changing
from conftest import Phone, forget, make_seller, noted
from queueing.models import Order
from queueing.uncollected import close_uncollected

stalls = st.sampled_from(["ma", "hu"])
students = st.sampled_from(["li", "li", "wang", "zhao"])  # Li is hungry
# Mostly one of the youngest live orders, else a stall and a number that may be out; 100 is not of the pool.
places = st.integers(0, 1) | st.integers(0, 3) | st.tuples(stalls, st.sampled_from([1, 2, 99, 100]))
notes = st.sampled_from(["", "牛肉面，不要辣", "🍜" * 200]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5
)


@dataclass
class Expected:
    """An order as the protocol's page describes it."""

    stall: str
    number: int
    taken_at: datetime
    buyer: str | None = None
    note: str = ""
    bound: int = 0  # the how-manieth binding it was
    called_at: datetime | None = None
    last_called_at: datetime | None = None
    closed_at: datetime | None = None
    ending: str = ""
    claim: str = ""
    wrong_claims: int = 0

    @property
    def called(self) -> bool:
        return self.called_at is not None


def success(query, **fields):
    return {f"{query}Success": "success", **fields}


def fail(query, reason):
    return {f"{query}Success": "fail", "failMsg": reason}


class LifeOfNumbers(RuleBasedStateMachine):
    def __init__(self, phones, ids):
        super().__init__()
        self.phones, self.ids = phones, ids  # by name; the ids are the stalls'
        self.orders = []  # all that were ever taken, in that order
        self.bindings = count(1)
        self.paused, self.proof = set(), set()  # stalls
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        forget()  # what was rolled back has never been

    def live(self, stall=None, number=None):
        """Return the live orders of all stalls or one, with any number or one, oldest first."""
        live = [
            order
            for order in self.orders
            if not order.ending and stall in (None, order.stall) and number in (None, order.number)
        ]
        return sorted(live, key=lambda order: order.taken_at)

    def one(self, stall, number):
        return next(iter(self.live(stall, number)), None)

    def aim(self, place):
        """Return the stall and the number that a place stands for."""
        if isinstance(place, tuple):
            return place
        youngest = [order for order in reversed(self.orders) if not order.ending][place : place + 1]
        return (youngest[0].stall, youngest[0].number) if youngest else ("ma", 1)

    @initialize(
        stall=stalls,
        out=st.sampled_from([3, 3, 98]),
        orders=st.lists(st.tuples(students, notes), max_size=3),
        proof=st.sets(stalls),
    )
    def begin(self, stall, out, orders, proof):
        """Begin with some numbers out, at times with almost all, and some of them bound; some stalls ask for proof."""
        self.orders = [Expected(stall, number, timezone.now()) for number in range(1, out + 1)]
        with changing(EVERYTHING):
            Order.objects.bulk_create(
                Order(seller_id=self.ids[stall], number=order.number, live_number=order.number, taken_at=order.taken_at)
                for order in self.orders
            )
        for place, (student, note) in enumerate(orders):
            self.push(student, place, note)
        for name in sorted(proof):
            self.ask_for_proof(name, on=True)

    @rule(stall=stalls, student=students, note=notes, quick=st.booleans())
    def serve(self, stall, student, note, quick):
        """Take a number and push for it; a quick stall has called it by then."""
        if stall in self.paused:
            self.resume(stall)
        self.fetch(stall)
        if quick:
            self.call(0)
        self.push(student, 0, note)

    @rule(stall=stalls)
    def fetch(self, stall):
        answer = self.phones[stall]("fetch")
        number = self.next_number(stall)
        if stall in self.paused:
            assert answer == fail("fetch", "Paused Error")
        elif number is None:
            assert answer == fail("fetch", "No Sn Valid")
        else:
            claim = answer.pop("claim", "")
            assert answer == success("fetch", marchSn=number)
            assert re.fullmatch("[0-9]{4}" if stall in self.proof else "", claim)
            taken_at = Order.objects.of_number(self.ids[stall], number).get().taken_at
            self.orders.append(Expected(stall, number, taken_at, claim=claim))

    def next_number(self, stall):
        """Return the lowest number that is free and has rested, or else the one that has rested longest."""
        out = {order.number for order in self.live(stall)}
        ends = {number: order.closed_at for number in range(1, 100) if (order := self.last_closed(stall, number))}
        free = [number for number in range(1, 100) if number not in out]
        since = timezone.now() - timedelta(minutes=2)
        rested = [number for number in free if number not in ends or ends[number] <= since]
        return min(rested, default=None) or min(free, key=ends.get, default=None)

    @rule(stall=stalls)
    def rest(self, stall):
        """Let two minutes go by at a stall for what has ended there."""
        with changing(EVERYTHING):
            ended = Order.objects.filter(seller=self.ids[stall], live_number=None)
            ended.update(closed_at=F("closed_at") - timedelta(minutes=2))
        for order in self.orders:
            if order.stall == stall and order.ending:
                order.closed_at -= timedelta(minutes=2)

    @precondition(lambda self: not self.paused)
    @rule(stall=stalls)
    def pause(self, stall):
        assert self.phones[stall]("pause") == success("pause")
        self.paused.add(stall)

    @rule(stall=stalls)
    def resume(self, stall):
        assert self.phones[stall]("resume") == success("resume")
        self.paused.discard(stall)

    @rule(stall=stalls, on=st.sampled_from([True, True, False]))
    def ask_for_proof(self, stall, on):
        assert self.phones[stall]("update", proof="yes" if on else "no")["updateSuccess"] == "success"
        (self.proof.add if on else self.proof.discard)(stall)

    @rule(place=places)
    def claim(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("claim", marchSn=number)
        order = self.one(stall, number)
        if order is None or not order.claim:
            assert answer == fail("claim", "Invalid Sn Error")
        else:
            assert answer == success("claim", claim=order.claim)
            order.wrong_claims = 0

    @precondition(lambda self: any(order.claim for order in self.live()))
    @rule(student=students, place=places, times=st.sampled_from([1, 1, 4, 5]))
    def guess(self, student, place, times):
        """Push with a wrong claim, at times so often that the right one counts no more, and then with that."""
        for _ in range(times):
            self.push(student, place, "", claim="guess")
        self.push(student, place, "")

    @rule(student=students, place=places, note=notes, claim=st.sampled_from(["right", "right", "right", "none"]))
    def push(self, student, place, note, claim="right"):
        stall, number = self.aim(place)
        order = self.one(stall, number)
        right = order.claim if order else ""
        claim = {"right": right, "none": "", "guess": f"{(int(right or 47) + 1) % 10_000:04}"}[claim]
        fields = {"sellerId": self.ids[stall], "marchSn": number, "noteContent": note, "claim": claim}
        answer = self.phones[student]("push", **fields)
        if order is None:
            assert answer == fail("push", "Invalid Sn Error")
        elif order.buyer is not None and (order.buyer, order.note) != (student, note):
            assert answer == fail("push", "Taken Error")
        elif order.buyer is None and right and (claim != right or order.wrong_claims == 5):
            assert answer == fail("push", "Invalid Sn Error")
            order.wrong_claims = min(order.wrong_claims + 1, 5)
        elif (
            order.buyer is None and sum(other.buyer == student for other in self.live()) >= 5
        ):  # an undo may bring a sixth back
            assert answer == fail("push", "Too Many Error")
        else:
            assert answer == success("push")
            if order.buyer is None:
                order.bound = next(self.bindings)
            order.buyer, order.note = student, note

    @rule(student=students, changed=st.booleans())
    def push_again(self, student, changed):
        """Push for what one has, as a phone does that got no answer, or with another note."""
        if order := next((order for order in self.live() if order.buyer == student), None):
            self.push(student, (order.stall, order.number), "另一碗" if changed else order.note)

    @rule(place=places)
    def hungry(self, place):
        stall, number = self.aim(place)
        order = self.one(stall, number)
        for student in ("li", "wang", "zhao"):
            answer = self.phones[student]("hungry", sellerId=self.ids[stall], marchSn=number)
            if order is not None and order.called and order.buyer in (None, student):
                assert answer == success("hungry")
            else:
                told = self.while_waiting(order) if order is not None and order.buyer == student else {}
                told = told or self.end_of(stall, number, student)
                assert answer == fail("hungry", "Not Ready Yet") | told

    def while_waiting(self, order):
        """Return what is told of an order that waits."""
        waiting = [other for other in self.live(order.stall) if other.buyer and not other.called]
        ahead = sum(other.bound < order.bound for other in waiting)
        return {"ahead": ahead, "retryAfter": min(2 + max(ahead - 2, 0) // 2, 10)}

    def end_of(self, stall, number, student):
        """Return what is told of how the student's last order with that number ended: this is all moments ago."""
        own = [order for order in self.orders if (order.stall, order.number, order.buyer) == (stall, number, student)]
        ended = [order.ending for order in own if order.ending]
        return {"ended": {"stale": "abandoned"}.get(ended[-1], ended[-1])} if ended else {}

    @rule(place=places)
    def call(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("call", marchSn=number)
        order = self.one(stall, number)
        if order is None:
            assert answer == fail("call", "Invalid Sn Error")
        else:
            assert answer == success("call")
            self.mark_called(order)
            self.hungry((stall, number))

    @rule(stall=stalls, numbers=st.lists(st.integers(1, 4) | st.just(99), min_size=2, max_size=6), array=st.booleans())
    def call_several(self, stall, numbers, array):
        sent, encoding = (numbers, "json") if array else (",".join(map(str, numbers)), "form")
        answer = self.phones[stall]("call", marchSn=sent, encoding=encoding)
        orders = {number: self.one(stall, number) for number in numbers}
        lists = {
            "called": [number for number, order in orders.items() if order],
            "failed": [number for number, order in orders.items() if not order],
        }
        if not lists["called"]:
            assert answer == fail("call", "Invalid Sn Error") | lists
        else:
            assert answer == success("call", **lists)
        for order in filter(None, orders.values()):
            self.mark_called(order)

    @staticmethod
    def mark_called(order):
        order.last_called_at = timezone.now()
        order.called_at = order.called_at or order.last_called_at

    def last(self, stall, number):
        """Return the live order with that number, else the one that has closed last."""
        return self.one(stall, number) or self.last_closed(stall, number)

    def last_closed(self, stall, number):
        closed = [order for order in self.orders if (order.stall, order.number) == (stall, number) and order.ending]
        return max(closed, key=lambda order: order.closed_at, default=None)

    @rule(place=places)
    def undo(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("undo", marchSn=number)
        order, since = self.last(stall, number), timezone.now() - timedelta(seconds=10)
        step = order and (order.closed_at if order.ending == "ended" else not order.ending and order.last_called_at)
        if not step:
            assert answer == fail("undo", "Invalid Sn Error")
        elif step < since:
            assert answer == fail("undo", "Too Late Error")
        else:
            assert answer == success("undo")
            if order.ending:
                order.ending, order.closed_at, order.wrong_claims = "", None, 0
                if order.buyer is None and stall in self.proof:
                    order.claim = Order.objects.of_number(self.ids[stall], number).get().claim
                    assert re.fullmatch("[0-9]{4}", order.claim)
            else:
                first = order.called_at if order.last_called_at > order.called_at else None
                order.called_at = order.last_called_at = first
        self.hungry((stall, number))

    @rule(place=places)
    def done_and_undo(self, place):
        """End an order by mistake, and take that back."""
        stall, number = self.aim(place)
        self.done_by_seller((stall, number))
        self.undo((stall, number))

    @rule(place=places, seconds=st.sampled_from([5, 11]))
    def let_steps_be_past(self, place, seconds):
        """Let the last order with that number have been called, recalled and closed so many seconds earlier."""
        stall, number = self.aim(place)
        order = self.last(stall, number)
        if order is None:
            return
        past, times = timedelta(seconds=seconds), ("called_at", "last_called_at", "closed_at")
        stored = Order.objects.filter(seller=self.ids[stall], number=number)
        stored = stored.filter(live_number=number) if not order.ending else stored.order_by("-closed_at")
        with changing(EVERYTHING):
            for name in times:
                if getattr(order, name):
                    setattr(order, name, getattr(order, name) - past)
            row = stored.first()
            values = {name: getattr(row, name) - past for name in times if getattr(row, name)}
            Order.objects.filter(pk=row.pk).update(**values)

    @rule(student=students, place=places)
    def done_by_student(self, student, place):
        stall, number = self.aim(place)
        answer = self.phones[student]("done", sellerId=self.ids[stall], marchSn=number)
        order = self.one(stall, number)
        if number not in range(1, 100) or (order is not None and order.buyer != student):
            assert answer == fail("done", "Invalid Sn Error")
        else:
            assert answer == success("done")
            self.end([order] if order else [], "collected")

    @rule(place=places)
    def done_by_seller(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("done", isseller="yes", marchSn=number)
        if number not in range(1, 100):
            assert answer == fail("done", "Invalid Sn Error")
        else:
            assert answer == success("done")
            self.end(self.live(stall, number), "ended")

    @precondition(lambda self: len(self.live()) > 3)
    @rule(stall=stalls)
    def clear(self, stall):
        assert self.phones[stall]("clear") == success("clear")
        self.end([order for order in self.live(stall) if order.buyer is None], "cleared")

    @rule(place=places, hours=st.sampled_from([13, 11]), swept=st.booleans())
    def grow_old(self, place, hours, swept):
        """Let an order have been taken hours ago; 12 make it stale."""
        stall, number = self.aim(place)
        if order := self.one(stall, number):
            order.taken_at = timezone.now() - timedelta(hours=hours)
            with changing(EVERYTHING):
                Order.objects.of_number(self.ids[stall], number).update(taken_at=order.taken_at)
        if swept:
            self.close_stale()

    @rule()
    def close_stale(self):
        cutoff = timezone.now() - timedelta(hours=12)
        stale = [order for order in self.live() if order.taken_at < cutoff]
        assert Order.objects.close_stale() == len(stale)
        self.end(stale, "stale")

    @rule(place=places, minutes=st.sampled_from([14, 16, 59, 61]), swept=st.booleans())
    def go_cold(self, place, minutes, swept):
        """Let an order have been called minutes ago; 15 make it uncollected, 60 close it."""
        stall, number = self.aim(place)
        if order := self.one(stall, number):
            order.last_called_at = timezone.now()
            order.called_at = order.last_called_at - timedelta(minutes=minutes)
            order.taken_at = min(order.taken_at, order.called_at)
            times = {name: getattr(order, name) for name in ("taken_at", "called_at", "last_called_at")}
            with changing(EVERYTHING):
                Order.objects.of_number(self.ids[stall], number).update(**times)
        if swept:
            self.close_uncollected()

    @rule()
    def close_uncollected(self):
        cutoff = timezone.now() - timedelta(minutes=60)
        cold = [order for order in self.live() if order.called_at and order.called_at <= cutoff]
        assert close_uncollected() == len(cold)
        self.end(cold, "uncollected")

    @staticmethod
    def end(orders, ending):
        now = timezone.now()
        for order in orders:
            order.ending, order.closed_at, order.claim = ending, now, ""

    def entry(self, order):
        known = noted(self.ids[order.stall], order.number, order.note if order.buyer else None)
        uncollected = order.called_at is not None and order.called_at <= timezone.now() - timedelta(minutes=15)
        called = order.called_at is not None
        return {
            **known, "called": called, "takenAt": int(order.taken_at.timestamp()), "uncollected": uncollected
        }  # fmt: skip

    @rule(stall=stalls)
    def note(self, stall):
        live = self.live(stall)
        lists = {
            "notedList": [self.entry(order) for order in live if order.buyer],
            "unnotedList": [self.entry(order) for order in live if not order.buyer],
        }
        answer = self.phones[stall]("note")
        assert answer == success("note", sellerId=self.ids[stall], noteContent=lists, orderList=lists)

    @rule(student=students, stall=stalls)
    def menu(self, student, stall):
        taken = {"takenFlag": "fail"}
        if order := next((order for order in self.live() if order.buyer == student), None):
            taken = {
                "takenFlag": "success",
                "takenSellerId": self.ids[order.stall],
                "takenSellerName": order.stall,
                "takenMarchSn": order.number,
                "takenMenuName": order.note,
            }
        taken["taken"] = [
            {
                "sellerId": self.ids[order.stall],
                "sellerName": order.stall,
                "marchSn": order.number,
                "menuName": order.note,
                "called": order.called_at is not None,
            }
            for order in self.live()
            if order.buyer == student
        ]
        taken["waiting"] = sum(order.called_at is None for order in self.live(stall))
        answer = self.phones[student]("menu", sellerId=self.ids[stall])
        if (wait := self.wait(stall)) is not None:
            taken["wait"] = wait
        assert answer == success("menu", menuContent=["牛肉面", "刀削面"], sellerName=stall, **taken)

    def wait(self, stall):
        """Return what half of the last 20 called orders waited, of the times as they are stored."""
        times = Order.objects.filter(seller=self.ids[stall]).values_list("called_at", "bound_at")
        since = timezone.now() - timedelta(minutes=45)
        called = sorted([pair for pair in times if all(pair) and pair[0] > since], reverse=True)[:20]
        waits = sorted(max(int((called_at - bound_at).total_seconds()), 0) for called_at, bound_at in called)
        return waits[(len(waits) - 1) // 2] if len(waits) >= 5 else None

    @rule(stall=stalls)
    def today(self, stall):
        orders = [order for order in self.orders if order.stall == stall]
        begun = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        orders = [order for order in orders if order.taken_at >= begun]
        cold = [
            order.ending == "uncollected" or (not order.ending and self.entry(order)["uncollected"]) for order in orders
        ]
        answer = self.phones[stall]("today")
        assert (answer["orders"], sum(answer["hours"]), answer["uncollected"]) == (len(orders), len(orders), sum(cold))

    @invariant()
    def history_keeps_every_order(self):
        people = {phone.person.pk: name for name, phone in self.phones.items()} | {None: None}
        stored = Order.objects.order_by("pk").values_list(
            "seller", "number", "buyer", "note", "called_at", "ending", "claim", "wrong_claims"
        )
        assert [
            (seller, number, people[buyer], note, called_at is not None, *rest)
            for seller, number, buyer, note, called_at, *rest in stored
        ] == [
            (
                *(self.ids[order.stall], order.number, order.buyer, order.note, order.called_at is not None),
                *(order.ending, order.claim, order.wrong_claims),
            )
            for order in self.orders
        ]


@pytest.mark.django_db
def test_it_lives_as_the_page_says():
    phones = {name: Phone.of(name) for name in ("ma", "hu", "li", "wang", "zhao")}
    telephones = {"ma": "13800000001", "hu": "13800000002"}
    ids = {
        stall: make_seller(telephone, person=phones[stall].person, name=stall).pk
        for stall, telephone in telephones.items()
    }
    run_state_machine_as_test(
        lambda: LifeOfNumbers(phones, ids),
        settings=settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            print_blob=True,
        ),
    )
