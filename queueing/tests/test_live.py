"""What is known of a stall's live numbers is carried on over changes of this process, and is what the database has."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callme_site.storage import versions
from callme_site.storage.moments import as_text
from callme_site.storage.versions import EVERYTHING, SELLERS, current, orders_of
from callme_site.testing.racing import race
from conftest import Phone
from queueing import live
from queueing.models import CALL, Order
from queueing.polls import read_live_numbers
from queueing.taking import Taken
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(ma, li, wang, noodles):
    """Numbers 1 to 7 are out: 2 to 5 bound, 3 of them by Li, 5 and 6 called; and polled for."""
    for _ in range(7):
        ma("fetch")
    for student, number in [(li, 2), (wang, 3), (li, 4), (li, 5)]:
        student("push", sellerId=noodles.pk, marchSn=number, noteContent="面")
    ma("call", marchSn=5)
    ma("call", marchSn=6)
    ask(li, noodles)
    return noodles


def ask(student, seller):
    return [student("hungry", sellerId=seller.pk, marchSn=number) for number in (2, 3, 4, 5, 6)]


def known(seller):
    kept = live.live_numbers.followed(seller.pk)
    return kept and kept[1]


def read(seller):
    return seen(read_live_numbers(seller.pk))


def seen(numbers):
    """What is the same whether it was read or kept on."""
    return numbers.called, numbers.ahead, numbers.times.keys()


def push(student, seller, number):
    return student("push", sellerId=seller.pk, marchSn=number, noteContent="加辣")


STEPS = {
    "taken": lambda ma, li, wang, seller: ma("fetch"),
    "bound": lambda ma, li, wang, seller: push(wang, seller, 1),
    "bound, of those that are called": lambda ma, li, wang, seller: push(wang, seller, 6),
    "called, the first": lambda ma, li, wang, seller: ma("call", marchSn=2),
    "called, the last": lambda ma, li, wang, seller: ma("call", marchSn=4),
    "called, nobody's": lambda ma, li, wang, seller: ma("call", marchSn=7),
    "called again": lambda ma, li, wang, seller: ma("call", marchSn=5),
    "collected": lambda ma, li, wang, seller: li("done", sellerId=seller.pk, marchSn=5),
    "collected before it was called": lambda ma, li, wang, seller: wang("done", sellerId=seller.pk, marchSn=3),
    "ended": lambda ma, li, wang, seller: ma("done", isseller="yes", marchSn=2),
    "ended, nobody's": lambda ma, li, wang, seller: ma("done", isseller="yes", marchSn=6),
    "ended, of which nothing is told": lambda ma, li, wang, seller: ma("done", isseller="yes", marchSn=7),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_nothing_is_read_after_a_change_of_ones_own(ma, li, wang, orders, step):
    assert "fail" not in step(ma, li, wang, orders).values()
    assert seen(known(orders)) == read(orders)
    assert known(orders).times == read_live_numbers(orders.pk).times
    with CaptureQueriesContext(connection) as captured:
        ask(wang, orders)
    assert not [query for query in captured if "ORDER BY" in query["sql"] and "closed_at" not in query["sql"]]


REFUSED = {
    "called": lambda ma, wang, seller: ma("call", marchSn=9),
    "collected": lambda ma, wang, seller: wang("done", sellerId=seller.pk, marchSn=5),
    "bound": lambda ma, wang, seller: push(wang, seller, 5),
}


@pytest.mark.parametrize("step", REFUSED.values(), ids=REFUSED)
def test_what_was_refused_has_changed_nothing(ma, li, wang, orders, step):
    before = ask(li, orders)
    assert "fail" in step(ma, wang, orders).values()
    assert ask(li, orders) == before


@pytest.mark.parametrize("version", ["orders", "everything"])
def test_a_change_of_somebody_else_is_not_overlooked(orders, version):
    changed_by_others = orders_of(orders.pk) if version == "orders" else EVERYTHING
    for ends_within in (True, False):
        live.live_numbers.set(orders.pk, current(orders_of(orders.pk)), read_live_numbers(orders.pk))
        with live.changing(orders.pk) as changed:
            other = versions.version_file().begin(changed_by_others)
            if ends_within:
                other.end()
            changed(lambda known: known)
        other.end()
        assert known(orders) is None


def test_changes_that_overlap_are_all_followed(li, wang, orders):
    with live.changing(orders.pk) as first, live.changing(orders.pk) as second:
        with CaptureQueriesContext(connection) as captured:
            ask(wang, orders)
        assert not any("ORDER BY" in query["sql"] and "closed_at" not in query["sql"] for query in captured)
        now = timezone.now()
        for number in (2, 4):
            CALL.run(seller=orders.pk, number=number, now=now)
        second(lambda known: known.once_called(4, now))
        first(lambda known: known.once_called(2, now))
    assert {2, 4, 5, 6} == known(orders).called.keys()
    assert seen(known(orders)) == read(orders)


def test_what_is_under_way_is_told_once_it_is_done(ma, li, orders):
    with live.changing(orders.pk) as changed:
        now = timezone.now()
        CALL.run(seller=orders.pk, number=2, now=now)
        changed(lambda known: known.once_called(2, now))
        assert ask(li, orders)[0]["hungrySuccess"] == "fail"
    assert ask(li, orders)[0] == {"hungrySuccess": "success"}


def test_a_change_of_which_nobody_knows_whether_it_took_effect_lets_polls_ask_the_database(ma, li, orders):
    with pytest.raises(OperationalError), live.changing(orders.pk) as changed:
        now = timezone.now()
        CALL.run(seller=orders.pk, number=2, now=now)
        changed(lambda known: known.once_called(2, now))
        raise OperationalError(2013, "Lost connection to server during query")
    assert known(orders) is None
    assert ask(li, orders)[0] == {"hungrySuccess": "success"}


ORDERS_OF_TWO = {
    "called, ended": lambda known, at: known.once_called(3, at(1)).ended(3, at(2)),
    "ended, called": lambda known, at: known.ended(3, at(2)).once_called(3, at(1)),
    "ended, bound": lambda known, at: known.ended(3, at(2)).bound(3, at(1), 7),
    "taken again, ended before": lambda known, at: known.taken(3, at(2), None),
    "called, called before": lambda known, at: known.once_called(3, at(2)).once_called(3, at(1)),
    "bound, another before": lambda known, at: known.bound(1, at(2), 7).bound(2, at(1), 8),
    "bound, another at once": lambda known, at: known.bound(1, at(2), 7).bound(2, at(2), 8),
    "by a clock that was set back": lambda known, at: known.once_called(3, at(-1)),
}


@pytest.mark.parametrize("told", ORDERS_OF_TWO.values(), ids=ORDERS_OF_TWO)
def test_what_is_told_in_a_doubtful_order_is_not_known(told):
    now = timezone.now()
    times = {number: as_text(now) for number in (1, 2, 3)}
    numbers = live.LiveNumbers(called={}, ahead={(5, 3): 0}, times=times)
    result = told(numbers, lambda seconds: now + timedelta(seconds=seconds))
    assert (result is None) == (told is not ORDERS_OF_TWO["called, ended"])


def test_ends_are_known_where_none_can_have_come_meanwhile(ma, orders):
    """Of a number that has ended since they were looked at, nothing would be known."""
    with live.changing(orders.pk) as changed:
        looked_at = known(orders)
        ma("done", isseller="yes", marchSn=7)
        taken = Taken(9, "", timezone.now(), looked_at, {})
        changed(taken.told)
    assert known(orders).ends is None
    ma("fetch")
    assert 7 in known(orders).ends


def test_a_change_that_did_not_come_about_is_not_carried_on(orders):
    with pytest.raises(ValueError, match="no"), live.changing(orders.pk) as changed:
        changed(lambda known: known.ended(5, timezone.now()))
        raise ValueError("no")
    assert known(orders) is None


def test_it_is_carried_on_for_a_minute_at_most(monkeypatch, ma, li, orders):
    now = versions.time.monotonic()
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 50)
    ma("call", marchSn=2)
    assert known(orders) is not None
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 61)
    assert known(orders) is None


def test_the_order_of_the_line_survives_a_clock_that_is_set_back(ma, li, wang, noodles):
    """Who binds by the earlier time is before those of the later time, as the database has it."""
    for _ in range(3):
        ma("fetch")
    push(li, noodles, 1)
    with time_machine.travel(timezone.now() - timedelta(minutes=3)):
        ma, wang = Phone.of("ma"), Phone.of("wang")  # the sessions of the later time are none now
        ask(wang, noodles)
        for number in (2, ma("fetch")["marchSn"]):
            assert push(wang, noodles, number) == {"pushSuccess": "success"}
        ask(wang, noodles)
        assert seen(known(noodles)) == read(noodles)
        assert known(noodles).ahead[li.person.pk, 1] == 2


@pytest.fixture
def known_orders(ma, li, orders):
    """The same, of which a `fetch` need read nothing, as there was one a moment ago: number 8."""
    ma("fetch")
    return orders


def test_a_fetch_only_inserts_where_all_is_known(ma, known_orders):
    ma("done", isseller="yes", marchSn=6)  # it rests
    with CaptureQueriesContext(connection) as captured:
        assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 9}
    assert [query["sql"].split()[0] for query in captured] == ["INSERT"]
    assert seen(known(known_orders)) == read(known_orders)
    assert known(known_orders).times.keys() == {1, 2, 3, 4, 5, 7, 8, 9}
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        ma = Phone.of("ma", "seller")
        assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 6}


def switch_off(seller):
    with versions.changing(SELLERS):
        Seller.objects.filter(pk=seller.pk).update(switched_off=True)


def take_elsewhere(seller):
    with versions.changing(orders_of(seller.pk)):
        Order.objects.create(seller=seller, number=9, live_number=9)


CHANGES = {
    "paused": (lambda ma, seller: ma("pause"), {"fetchSuccess": "fail", "failMsg": "Paused Error"}),
    "switched off": (lambda ma, seller: switch_off(seller), {"fetchSuccess": "fail", "failMsg": "Due Date Error"}),
    "taken by another hand": (
        lambda ma, seller: take_elsewhere(seller), {"fetchSuccess": "success", "marchSn": 10},
    ),
    "paused, and resumed": (
        lambda ma, seller: (ma("pause"), ma("resume")), {"fetchSuccess": "success", "marchSn": 9},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "answer"), CHANGES.values(), ids=CHANGES)
def test_the_very_next_fetch_knows_of_a_change(ma, known_orders, change, answer):
    change(ma, known_orders)
    assert ma("fetch") == answer


def test_the_very_next_fetch_has_a_claim_where_the_stall_has_asked_for_it(ma, known_orders):
    ma("update", proof="yes")
    assert ma("fetch").keys() == {"fetchSuccess", "marchSn", "claim"}


def test_a_pause_is_over_at_its_moment(ma, known_orders):
    ma("pause")
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "Paused Error"}
    with time_machine.travel(Seller.objects.get(pk=known_orders.pk).paused_until):
        assert Phone.of("ma", "seller")("fetch")["fetchSuccess"] == "success"


@pytest.mark.mariadb
def test_hands_at_one_stall_leave_what_the_database_has(ma, li, wang, noodles):
    def meal(stall, student):
        number = stall("fetch")["marchSn"]
        push(student, noodles, number)
        student("hungry", sellerId=noodles.pk, marchSn=number)
        if number % 3:
            stall("call", marchSn=number)
        student("hungry", sellerId=noodles.pk, marchSn=number)
        if number % 2:
            student("done", sellerId=noodles.pk, marchSn=number)

    students = [Phone.of(f"student-{place}") for place in range(6)]
    for _ in range(4):
        race(*[partial(meal, Phone(ma.session_key), Phone(student.session_key)) for student in students])
        assert known(noodles) is None or seen(known(noodles)) == read(noodles)
        # Whatever the race left, the next change is carried on from what is read.
        li("hungry", sellerId=noodles.pk, marchSn=1)
        taken = ma("fetch")["marchSn"]
        ma("call", marchSn=taken)
        assert seen(known(noodles)) == read(noodles)
