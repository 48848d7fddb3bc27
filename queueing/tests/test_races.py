"""Numbers under many hands at once. Each race has its control: without the protection it must go wrong."""

from collections import Counter
from functools import partial
from itertools import chain, pairwise

import pytest
from django.db import IntegrityError

from callme_site import database
from callme_site.tests.racing import (
    foreign_key,
    meet_before,
    race,
    read_then_save,
    unlocked,
    unretried,
    without_constraint,
)
from conftest import Phone
from queueing.models import Order, OrderQuerySet

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

PUSHED = {"pushSuccess": "success"}
TAKEN = {"pushSuccess": "fail", "failMsg": "Taken Error"}
INVALID = {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}


def fetched(number):
    return {"fetchSuccess": "success", "marchSn": number}


def in_any_order(outcomes):
    return sorted(map(repr, outcomes))


def push_by_twenty(seller):
    """Let twenty students push for number 1 at once; return their answers."""
    students = [Phone.of(f"student-{place}") for place in range(20)]
    order = {"sellerId": seller.pk, "marchSn": 1}
    return race(*[partial(student, "push", **order, noteContent=note) for note, student in enumerate(students)])


def lunch(ma, seller, hands, rounds):
    """Let many hands take numbers and end all but the last two, every other as a student; return all that was given."""

    def serve(hand):
        phone, student, numbers = Phone(ma.session_key), Phone(students[hand].session_key), []
        for _ in range(rounds):
            numbers.append(phone("fetch")["marchSn"])
            if len(numbers) < 3:
                continue
            order = {"sellerId": seller.pk, "marchSn": numbers[-3]}
            if hand % 2:
                student("push", **order, noteContent="")
                student("done", **order)
            else:
                phone("done", **order, isseller="yes")
        return numbers

    students = [Phone.of(f"student-{hand}") for hand in range(hands)]
    return list(chain(*race(*[partial(serve, hand) for hand in range(hands)])))


def out_twice():
    """Return the numbers that two orders held at one time."""
    orders = Order.objects.order_by("number", "taken_at", "pk")
    return {
        earlier.number
        for earlier, later in pairwise(orders)
        if earlier.number == later.number and (earlier.closed_at is None or later.taken_at < earlier.closed_at)
    }


def test_it_gives_fifty_numbers_to_fifty_fetches_at_once(ma):
    answers = race(*[lambda: Phone(ma.session_key)("fetch")] * 50)
    assert in_any_order(answers) == in_any_order(fetched(number) for number in range(1, 51))
    assert [ma("fetch") for _ in range(49)] == [fetched(number) for number in range(51, 100)]
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "No Sn Valid"}


def test_it_gives_one_number_to_all_without_lock_and_constraint(noodles, monkeypatch):
    unlocked(monkeypatch)
    meet_before(monkeypatch, OrderQuerySet, "create", parties=10)
    with without_constraint(Order, "one_live_order_a_number"):
        assert race(*[partial(Order.objects.take, noodles)] * 10) == [1] * 10


def test_it_gives_different_numbers_where_the_lock_does_not_reach(noodles, monkeypatch):
    """On a cluster, say: there the constraint and the retry do it."""
    unlocked(monkeypatch)
    meet_before(monkeypatch, OrderQuerySet, "create", parties=5)
    assert sorted(race(*[partial(Order.objects.take, noodles)] * 5)) == [1, 2, 3, 4, 5]


def test_it_fails_all_fetches_but_one_without_lock_and_retry(noodles, monkeypatch):
    unlocked(monkeypatch)
    unretried(monkeypatch, OrderQuerySet, "take")
    meet_before(monkeypatch, OrderQuerySet, "create", parties=5)
    outcomes = race(*[partial(Order.objects.take, noodles)] * 5)
    assert Counter(map(type, outcomes)) == {int: 1, IntegrityError: 4}


def test_it_binds_a_number_to_one_of_twenty_students(ma, noodles):
    ma("fetch")
    answers = push_by_twenty(noodles)
    assert in_any_order(answers) == in_any_order([PUSHED] + [TAKEN] * 19)
    assert Order.objects.get().note == str(answers.index(PUSHED))


def test_it_binds_a_number_twenty_times_with_read_then_save(ma, noodles, monkeypatch):
    ma("fetch")
    read_then_save(monkeypatch, OrderQuerySet, parties=20)
    assert push_by_twenty(noodles) == [PUSHED] * 20


def test_it_hands_no_number_out_twice_while_orders_come_and_go(ma, noodles):
    numbers = lunch(ma, noodles, hands=6, rounds=10)
    assert Counter(numbers) == Counter(Order.objects.values_list("number", flat=True))
    assert out_twice() == set()
    assert Order.objects.live().count() == 6 * 2


def test_it_hands_numbers_out_twice_without_lock_and_constraint(ma, noodles, monkeypatch):
    unlocked(monkeypatch)
    meet_before(monkeypatch, OrderQuerySet, "create", parties=6)
    meet_before(monkeypatch, OrderQuerySet, "close", parties=6)
    with without_constraint(Order, "one_live_order_a_number"):
        lunch(ma, noodles, hands=6, rounds=3)
        assert 1 in out_twice()


def test_it_does_not_deadlock_at_a_busy_stall(ma, noodles, monkeypatch):
    conflicts = []
    monkeypatch.setattr(database, "is_conflict", lambda error: conflicts.append(error) or True)
    assert len(lunch(ma, noodles, hands=12, rounds=10)) == 120
    assert conflicts == []


def test_it_deadlocks_where_ending_an_order_locks_its_seller(ma, noodles, monkeypatch):
    conflicts = []
    monkeypatch.setattr(database, "is_conflict", lambda error: conflicts.append(error) or True)
    with foreign_key(Order, "seller"):
        lunch(ma, noodles, hands=12, rounds=10)
    assert {error.args[0] for error in conflicts} == {1213}


def push_and_clear(ma, li, seller, count):
    """Let li push for so many numbers while ma clears; return the answers to the pushes."""

    def push(number):
        return Phone(li.session_key)("push", sellerId=seller.pk, marchSn=number, noteContent="")

    numbers = [ma("fetch")["marchSn"] for _ in range(count)]
    *pushes, clear = race(*[partial(push, number) for number in numbers], lambda: Phone(ma.session_key)("clear"))
    assert clear == {"clearSuccess": "success"}
    return pushes


def test_it_clears_no_order_that_was_bound_meanwhile(ma, li, noodles):
    for _ in range(5):
        Order.objects.all().delete()
        answers = push_and_clear(ma, li, noodles, count=10)
        orders = Order.objects.order_by("number").values_list("live_number", "buyer")
        assert list(orders) == [
            (number, li.person.pk) if answer == PUSHED else (None, None)
            for number, answer in enumerate(answers, start=1)
        ]
        assert all(answer in (PUSHED, INVALID) for answer in answers)


def test_it_clears_a_bound_order_with_read_then_save(ma, li, noodles, monkeypatch):
    read_then_save(monkeypatch, OrderQuerySet, parties=2)
    assert push_and_clear(ma, li, noodles, count=1) == [PUSHED]
    order = Order.objects.get()
    assert (order.live_number, order.buyer) == (None, li.person)
