"""Numbers under many hands at once. Each race has its control: without the protection it must go wrong."""

from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import chain, pairwise

import pytest
from django.db import IntegrityError
from django.utils import timezone

from callme_site.storage import retries
from callme_site.storage.statements import Insert, Update
from callme_site.storage.versions import changing, orders_of
from callme_site.testing.announced import unannounced
from callme_site.testing.racing import (
    foreign_key,
    meet_before,
    race,
    read_then_save,
    unlocked,
    unretried,
    without_constraint,
)
from conftest import Phone, make_seller
from queueing import taking
from queueing.models import COLLECT, Order, OrderManager
from queueing.taking import Taken
from queueing.uncollected import close_uncollected

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

PUSHED = {"pushSuccess": "success"}
TAKEN = {"pushSuccess": "fail", "failMsg": "Taken Error"}
TOO_MANY = {"pushSuccess": "fail", "failMsg": "Too Many Error"}
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


def push_at_twenty_stalls(student):
    """Let one student push at twenty stalls at once, each of which has number 1 out; return the answers."""
    stalls = [make_seller(f"139000000{place}") for place in range(10, 30)]
    for stall in stalls:
        taking.take(stall)
    pushes = [{"sellerId": stall.pk, "marchSn": 1, "noteContent": ""} for stall in stalls]
    return race(*[partial(Phone(student.session_key), "push", **push) for push in pushes])


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
    meet_before(monkeypatch, Insert, "run", parties=10)
    with without_constraint(Order, "one_live_order_a_number"):
        taken = race(*[partial(taking.take, noodles)] * 10)
        assert [(one.number, one.claim) for one in taken] == [(1, "")] * 10


def test_it_gives_different_numbers_where_the_lock_does_not_reach(noodles, monkeypatch):
    """On a cluster, say: there the constraint and the retry do it."""
    unlocked(monkeypatch)
    meet_before(monkeypatch, Insert, "run", parties=5)
    taken = race(*[partial(taking.take, noodles)] * 5)
    assert sorted(one.number for one in taken) == [1, 2, 3, 4, 5]


def test_it_fails_all_fetches_but_one_without_a_second_attempt(noodles, monkeypatch):
    meet_before(monkeypatch, Insert, "run", parties=5)
    outcomes = race(*[partial(unannounced()(taking.take_lowest), noodles)] * 5)
    assert Counter(map(type, outcomes)) == {Taken: 1, IntegrityError: 4}


def fetched_at_last(ma, li, noodles, unprotected=None):
    """Let Li come for food that was called an hour ago just as the job closes it; return how many each ended."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
    ma("call", marchSn=1)
    long_ago = timezone.now() - timedelta(minutes=61)
    with unannounced():
        Order.objects.update(taken_at=long_ago, called_at=long_ago)
    if unprotected:
        unprotected()
    order = {"seller": noodles.pk, "number": 1, "buyer": li.person.pk, "now": timezone.now()}
    return race(unannounced()(lambda: COLLECT.run(**order)), close_uncollected)


def test_it_closes_nothing_that_was_collected_meanwhile(ma, li, noodles):
    ended = fetched_at_last(ma, li, noodles)
    assert Order.objects.get().ending == {(1, 0): "collected", (0, 1): "uncollected"}[tuple(ended)]


def test_it_closes_again_what_was_collected_with_read_then_save(ma, li, noodles, monkeypatch):
    assert fetched_at_last(ma, li, noodles, partial(read_then_save, monkeypatch, parties=2)) == [1, 1]


def test_it_binds_a_number_to_one_of_twenty_students(ma, noodles):
    ma("fetch")
    answers = push_by_twenty(noodles)
    assert in_any_order(answers) == in_any_order([PUSHED] + [TAKEN] * 19)
    assert Order.objects.get().note == str(answers.index(PUSHED))


def test_it_binds_a_number_twenty_times_with_read_then_save(ma, noodles, monkeypatch):
    ma("fetch")
    read_then_save(monkeypatch, parties=20)
    assert push_by_twenty(noodles) == [PUSHED] * 20


def test_it_gives_one_student_five_of_twenty_numbers(li):
    answers = push_at_twenty_stalls(li)
    assert in_any_order(answers) == in_any_order([PUSHED] * 5 + [TOO_MANY] * 15)
    assert Order.objects.live().filter(buyer=li.person).count() == 5


def test_it_gives_one_student_all_twenty_without_the_constraint(li, monkeypatch):
    meet_before(monkeypatch, Update, "run", parties=20)
    with without_constraint(Order, "one_order_a_slot"):
        assert push_at_twenty_stalls(li) == [PUSHED] * 20


def test_it_fails_some_of_twenty_pushes_without_the_retry(li, monkeypatch):
    unretried(monkeypatch, OrderManager, "bind")
    meet_before(monkeypatch, Update, "run", parties=20)
    stalls = [make_seller(f"139000000{place}") for place in range(10, 30)]
    for stall in stalls:
        taking.take(stall)
    outcomes = Counter(map(type, race(*[partial(Order.objects.bind, stall.pk, 1, li.person, "") for stall in stalls])))
    assert outcomes[IntegrityError] >= 15


def test_it_hands_no_number_out_twice_while_orders_come_and_go(ma, noodles):
    numbers = lunch(ma, noodles, hands=6, rounds=10)
    assert Counter(numbers) == Counter(Order.objects.values_list("number", flat=True))
    assert out_twice() == set()
    assert Order.objects.live().count() == 6 * 2


def test_it_hands_numbers_out_twice_without_lock_and_constraint(ma, noodles, monkeypatch):
    unlocked(monkeypatch)
    meet_before(monkeypatch, Insert, "run", parties=6)
    # A student who pushes for a number that is out twice gets both, in one slot.
    with without_constraint(Order, "one_live_order_a_number"), without_constraint(Order, "one_order_a_slot"):
        lunch(ma, noodles, hands=6, rounds=3)
        assert 1 in out_twice()


def conflicts_at_a_busy_stall(ma, seller, monkeypatch):
    conflicts = []
    monkeypatch.setattr(retries, "is_conflict", lambda error: conflicts.append(error) or True)
    assert len(lunch(ma, seller, hands=12, rounds=10)) == 120
    return {error.args[0] for error in conflicts}


@pytest.fixture
def in_turn(settings, monkeypatch):
    """Let every hand take in turn, and numbers come back at once.

    Two that insert a number at once which has just ended may deadlock on what the index has kept of it; then one goes
    on, and the other takes its turn. Who takes in turn meets with those alone who end an order.
    """
    settings.REST_MINUTES = 0

    def take(seller):
        with changing(orders_of(seller.pk)):
            return taking.take_in_turn(seller)

    monkeypatch.setattr(taking, "take", take)


def test_all_hands_of_a_busy_stall_are_served(ma, noodles, monkeypatch):
    # Some find their number taken, and a few deadlock on what the index has kept of one: both take their turn then.
    assert conflicts_at_a_busy_stall(ma, noodles, monkeypatch) <= {1062, 1213}


def test_it_does_not_deadlock_in_turn(ma, noodles, monkeypatch, in_turn):
    assert conflicts_at_a_busy_stall(ma, noodles, monkeypatch) == set()


def test_it_deadlocks_in_turn_where_ending_an_order_locks_its_seller(ma, noodles, monkeypatch, in_turn):
    with foreign_key(Order, "seller"):
        assert conflicts_at_a_busy_stall(ma, noodles, monkeypatch) == {1213}


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
        with unannounced():
            Order.objects.all().delete()
        answers = push_and_clear(ma, li, noodles, count=5)
        orders = Order.objects.order_by("number").values_list("live_number", "buyer")
        assert list(orders) == [
            (number, li.person.pk) if answer == PUSHED else (None, None)
            for number, answer in enumerate(answers, start=1)
        ]
        assert all(answer in (PUSHED, INVALID) for answer in answers)


def test_it_clears_a_bound_order_with_read_then_save(ma, li, noodles, monkeypatch):
    read_then_save(monkeypatch, parties=2)
    assert push_and_clear(ma, li, noodles, count=1) == [PUSHED]
    order = Order.objects.get()
    assert (order.live_number, order.buyer) == (None, li.person)
