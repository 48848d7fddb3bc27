"""Hands and guesses at once against the rest of numbers and the proof of holding, each with its control."""

import threading
from functools import partial
from itertools import chain
from types import SimpleNamespace

import pytest

from callme_site.storage.statements import Insert, Update
from callme_site.testing.racing import TIMEOUT, meet_before, race, unlocked, without_constraint
from conftest import Phone
from queueing import claims, models, taking
from queueing.models import Order

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

PUSHED = {"pushSuccess": "success"}
INVALID = {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}


class Turn:
    """Lets the thread that is `slow` wait before the statement until the other one is through."""

    def __init__(self):
        self.here, self.reached, self.over = threading.local(), threading.Event(), threading.Event()

    def slow(self, job):
        self.here.slow = True
        return job()

    def quick(self, job):
        assert self.reached.wait(TIMEOUT)
        try:
            return job()
        finally:
            self.over.set()

    def hold(self, monkeypatch, kind, statement):
        run = kind.run

        def late(statement_run, **values):
            if statement_run is statement and vars(self.here).pop("slow", False):
                self.reached.set()
                assert self.over.wait(TIMEOUT)
            return run(statement_run, **values)

        monkeypatch.setattr(kind, "run", late)


def fetch_and_end(ma):
    phone = Phone(ma.session_key)
    number = phone("fetch")["marchSn"]
    phone("done", isseller="yes", marchSn=number)
    return number


def overtaken(ma, monkeypatch):
    """Let a hand look for a number, another one take and end the same, and the first take what it found."""
    turn = Turn()
    turn.hold(monkeypatch, Insert, taking.TAKE)
    slow = partial(turn.slow, lambda: Phone(ma.session_key)("fetch")["marchSn"])
    return race(slow, partial(turn.quick, partial(fetch_and_end, ma)))


def test_a_number_rests_that_was_taken_and_ended_between_look_and_take(ma, monkeypatch):
    assert overtaken(ma, monkeypatch) == [2, 1]
    assert list(Order.objects.order_by("pk").values_list("number", "live_number")) == [(1, None), (2, 2)]


def test_it_does_not_rest_without_a_second_look(ma, monkeypatch):
    monkeypatch.setattr(taking, "ENDED_SINCE", SimpleNamespace(row=lambda **values: None))
    assert overtaken(ma, monkeypatch) == [1, 1]


def test_nor_does_it_if_the_other_hand_is_overlooked(ma, monkeypatch):
    monkeypatch.setattr(taking.versions, "nobody_else_since", lambda before: True)
    assert overtaken(ma, monkeypatch) == [1, 1]


def test_hands_that_end_at_once_get_every_number_once(ma):
    hands = [lambda: [fetch_and_end(ma) for _ in range(8)]] * 12
    numbers = list(chain(*race(*hands)))
    assert len(numbers) == len(set(numbers)) == 96


def test_they_get_one_again_and_again_where_nothing_rests(settings, ma):
    """The control."""
    settings.REST_MINUTES = 0
    hands = [lambda: [fetch_and_end(ma) for _ in range(8)]] * 12
    assert len(set(chain(*race(*hands)))) < 50


def two_of_which_none_has_rested(ma, noodles, monkeypatch):
    """Let all but the numbers 57 and 3 be out, which ended a moment ago, in that order; two hands take at once."""
    for _ in range(99):
        ma("fetch")
    for number in (57, 3):
        ma("done", isseller="yes", marchSn=number)
    meet_before(monkeypatch, Insert, "run", parties=2)
    return race(*[lambda: Phone(ma.session_key)("fetch")["marchSn"]] * 2)


def test_two_hands_get_the_two_that_have_rested_longest(ma, noodles, monkeypatch):
    assert sorted(two_of_which_none_has_rested(ma, noodles, monkeypatch)) == [3, 57]


def test_both_get_one_without_the_constraint(ma, noodles, monkeypatch):
    unlocked(monkeypatch)
    with without_constraint(Order, "one_live_order_a_number"):
        assert two_of_which_none_has_rested(ma, noodles, monkeypatch) == [57, 57]


@pytest.fixture
def push(ma, noodles):
    """What sends a push with a claim for number 1, whose claim is 0000."""
    ma("update", proof="yes")
    ma("fetch")
    Order.objects.update(claim="0000")

    def push(student, claim):
        return Phone(student.session_key)("push", sellerId=noodles.pk, marchSn=1, noteContent="", claim=claim)

    return push


def guess_at_once(push, li, monkeypatch):
    """Let twenty push with wrong claims, and Li with the right one when each of them has made its first statement."""
    meet, over, here, run = threading.Barrier(21), threading.Event(), threading.local(), Update.run

    def first(statement, **values):
        changed = run(statement, **values)
        if vars(here).pop("first", False):
            meet.wait(TIMEOUT)
            assert over.wait(TIMEOUT)
        return changed

    def guess(student, claim):
        here.first = True
        return push(student, claim)

    def know():
        meet.wait(TIMEOUT)
        try:
            return push(li, "0000")
        finally:
            over.set()

    monkeypatch.setattr(Update, "run", first)
    students = [Phone.of(f"student-{place}") for place in range(20)]
    return race(*[partial(guess, student, f"{place:04}") for place, student in enumerate(students, start=1)], know)


def test_twenty_guesses_at_once_are_five_tries(push, li, monkeypatch):
    assert guess_at_once(push, li, monkeypatch) == [INVALID] * 21
    assert Order.objects.get().wrong_claims == 5


def test_twenty_guesses_are_as_many_tries_where_they_are_counted_afterwards(push, li, monkeypatch):
    """The right one comes as the twenty-first, and still in time."""
    count, here = models.COUNT_WRONG_CLAIM, threading.local()

    class Afterwards:
        def run(self, **values):
            late, here.been = hasattr(here, "been"), True
            return count.run(**values) if late else 0

    monkeypatch.setattr(models, "COUNT_WRONG_CLAIM", Afterwards())
    assert guess_at_once(push, li, monkeypatch)[-1] == PUSHED


def five_wrong_between(push, li, wang, monkeypatch):
    """Let five wrong ones come between the look at Li's claim and the binding."""
    turn = Turn()
    turn.hold(monkeypatch, Update, models.BIND)
    right = partial(turn.slow, partial(push, li, "0000"))
    return race(right, partial(turn.quick, lambda: [push(wang, f"000{place}") for place in range(1, 6)]))


def test_the_update_that_binds_knows_how_many_were_wrong(push, li, wang, monkeypatch):
    assert five_wrong_between(push, li, wang, monkeypatch) == [INVALID, [INVALID] * 5]


def test_it_binds_after_five_without_a_look_at_them(push, li, wang, monkeypatch):
    _queryset, values = models.BIND.build()
    blind = Update(lambda: (models.one_order().filter(claim=claims.CLAIM, buyer=None), values))
    monkeypatch.setattr(models, "BIND", blind)
    assert five_wrong_between(push, li, wang, monkeypatch) == [PUSHED, [INVALID] * 5]
