"""Whatever two stalls and three students do in whatever order: the answers are those that a plain model expects."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
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

from callme_site import changes
from conftest import Phone, make_seller
from queueing.models import Order

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
    called: bool = False
    ending: str = ""


def success(query, **fields):
    return {f"{query}Success": "success", **fields}


def fail(query, reason):
    return {f"{query}Success": "fail", "failMsg": reason}


class LifeOfNumbers(RuleBasedStateMachine):
    def __init__(self, phones, ids):
        super().__init__()
        self.phones, self.ids = phones, ids  # by name; the ids are the stalls'
        self.orders = []  # all that were ever taken, in that order
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        changes.tally().forget()  # what was rolled back has never been

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

    @initialize(stall=stalls, out=st.sampled_from([3, 3, 98]), orders=st.lists(st.tuples(students, notes), max_size=3))
    def begin(self, stall, out, orders):
        """Begin with some numbers out, at times with almost all, and some of them bound."""
        self.orders = [Expected(stall, number, timezone.now()) for number in range(1, out + 1)]
        Order.objects.bulk_create(
            Order(seller_id=self.ids[stall], number=order.number, live_number=order.number, taken_at=order.taken_at)
            for order in self.orders
        )
        for place, (student, note) in enumerate(orders):
            self.push(student, place, note)

    @rule(stall=stalls, student=students, note=notes, quick=st.booleans())
    def serve(self, stall, student, note, quick):
        """Take a number and push for it; a quick stall has called it by then."""
        self.fetch(stall)
        if quick:
            self.call(0)
        self.push(student, 0, note)

    @rule(stall=stalls)
    def fetch(self, stall):
        out = {order.number for order in self.live(stall)}
        free = [number for number in range(1, 100) if number not in out]
        answer = self.phones[stall]("fetch")
        if not free:
            assert answer == fail("fetch", "No Sn Valid")
        else:
            assert answer == success("fetch", marchSn=free[0])
            self.orders.append(Expected(stall, free[0], timezone.now()))

    @rule(student=students, place=places, note=notes)
    def push(self, student, place, note):
        stall, number = self.aim(place)
        answer = self.phones[student]("push", sellerId=self.ids[stall], marchSn=number, noteContent=note)
        order = self.one(stall, number)
        if order is None:
            assert answer == fail("push", "Invalid Sn Error")
        elif order.buyer is not None and (order.buyer, order.note) != (student, note):
            assert answer == fail("push", "Taken Error")
        else:
            assert answer == success("push")
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
            ready = order is not None and order.called and order.buyer in (None, student)
            assert self.phones[student]("hungry", sellerId=self.ids[stall], marchSn=number) == (
                success("hungry") if ready else fail("hungry", "Not Ready Yet")
            )

    @rule(place=places)
    def call(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("call", marchSn=number)
        order = self.one(stall, number)
        if order is None:
            assert answer == fail("call", "Invalid Sn Error")
        else:
            assert answer == success("call")
            order.called = True
            self.hungry((stall, number))

    @rule(student=students, place=places)
    def done_by_student(self, student, place):
        stall, number = self.aim(place)
        answer = self.phones[student]("done", sellerId=self.ids[stall], marchSn=number)
        order = self.one(stall, number)
        if number not in range(1, 100) or (order is not None and order.buyer not in (None, student)):
            assert answer == fail("done", "Invalid Sn Error")
        else:
            assert answer == success("done")
            self.end(order, "collected")

    @rule(place=places)
    def done_by_seller(self, place):
        stall, number = self.aim(place)
        answer = self.phones[stall]("done", isseller="yes", marchSn=number)
        if number not in range(1, 100):
            assert answer == fail("done", "Invalid Sn Error")
        else:
            assert answer == success("done")
            self.end(self.one(stall, number), "ended")

    @precondition(lambda self: len(self.live()) > 3)
    @rule(stall=stalls)
    def clear(self, stall):
        assert self.phones[stall]("clear") == success("clear")
        for order in self.live(stall):
            if order.buyer is None:
                self.end(order, "cleared")

    @rule(place=places, hours=st.sampled_from([13, 11]), swept=st.booleans())
    def grow_old(self, place, hours, swept):
        """Let an order have been taken hours ago; 12 make it stale."""
        stall, number = self.aim(place)
        if order := self.one(stall, number):
            order.taken_at = timezone.now() - timedelta(hours=hours)
            Order.objects.of_number(self.ids[stall], number).update(taken_at=order.taken_at)
        if swept:
            self.close_stale()

    @rule()
    def close_stale(self):
        cutoff = timezone.now() - timedelta(hours=12)
        stale = [order for order in self.live() if order.taken_at < cutoff]
        assert Order.objects.close_stale() == len(stale)
        for order in stale:
            self.end(order, "stale")

    @staticmethod
    def end(order, ending):
        if order is not None:
            order.ending = ending

    @rule(stall=stalls)
    def note(self, stall):
        live = self.live(stall)
        lists = {
            "notedList": [{"marchSn": order.number, "noteContent": order.note} for order in live if order.buyer],
            "unnotedList": [{"marchSn": order.number, "noteContent": None} for order in live if not order.buyer],
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
        answer = self.phones[student]("menu", sellerId=self.ids[stall])
        assert answer == success("menu", menuContent=["牛肉面", "刀削面"], sellerName=stall, **taken)

    @invariant()
    def history_keeps_every_order(self):
        people = {phone.person.pk: name for name, phone in self.phones.items()} | {None: None}
        stored = Order.objects.order_by("pk").values_list("seller", "number", "buyer", "note", "called_at", "ending")
        assert [
            (seller, number, people[buyer], note, called_at is not None, ending)
            for seller, number, buyer, note, called_at, ending in stored
        ] == [
            (self.ids[order.stall], order.number, order.buyer, order.note, order.called, order.ending)
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
