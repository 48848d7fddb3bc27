"""Several calls at once, and what is taken back, against other hands. Each race has its control."""

import threading
from collections import Counter
from contextlib import nullcontext
from functools import partial

import pytest

from callme_site.storage.statements import Insert, Select, Update
from callme_site.testing.announced import unannounced
from callme_site.testing.racing import TIMEOUT, meeting, race, read_then_save, without_constraint
from conftest import Phone, make_seller
from queueing import calls, taking, undo
from queueing.models import BIND, Order

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

UNDONE = {"undoSuccess": "success"}
NOTHING = {"undoSuccess": "fail", "failMsg": "Invalid Sn Error"}
DONE = {"doneSuccess": "success"}
TOO_MANY = {"pushSuccess": "fail", "failMsg": "Too Many Error"}


@pytest.fixture
def order(ma, li, noodles):
    """Li's order number 1."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    return Order.objects.get()


def ask(phone, query, **fields):
    """Return the job of sending a query from a further phone of the same person."""
    return partial(Phone(phone.session_key), query, **fields)


def end(phone, number=1):
    return ask(phone, "done", isseller="yes", marchSn=number)


def before(monkeypatch, owner, name, act):
    """Let that be done before each run of a statement, or of all of their kind."""
    # On a statement itself, monkeypatch would leave behind what is its kind's, and later tests would patch in vain.
    kind = owner if isinstance(owner, type) else type(owner)
    run = getattr(kind, name)

    def late(statement, *args, **kwargs):
        if owner in (kind, statement):
            act()
        return run(statement, *args, **kwargs)

    monkeypatch.setattr(kind, name, late)


def call_and_end(monkeypatch, ma, patience):
    """Call numbers 1 and 9, of which 9 is not out, and end 1 between the two statements, if it ends within that time.

    Return the answer, and whether it did.
    """
    called, ended, in_time = threading.Event(), threading.Event(), []

    def wait():
        called.set()
        in_time.append(ended.wait(patience))

    def end_once_called():
        called.wait(TIMEOUT)
        answer = end(ma)()
        ended.set()
        return answer

    before(monkeypatch, calls.JUST_CALLED, "rows", wait)
    answer, done = race(ask(ma, "call", marchSn="1,9"), end_once_called)
    assert done == DONE
    assert Order.objects.get().called_at is not None
    return answer, in_time == [True]


def test_it_tells_as_called_what_ends_while_several_are_called(ma, order, monkeypatch):
    answer = {"callSuccess": "success", "called": [1], "failed": [9]}
    assert call_and_end(monkeypatch, ma, patience=1) == (answer, False)


def test_it_tells_as_failed_what_was_called_without_the_transaction(ma, order, monkeypatch):
    monkeypatch.setattr(calls.transaction, "atomic", nullcontext)
    answer = {"callSuccess": "fail", "failMsg": "Invalid Sn Error", "called": [], "failed": [1, 9]}
    assert call_and_end(monkeypatch, ma, patience=TIMEOUT) == (answer, True)


def call_and_fetch(monkeypatch, ma):
    """Call numbers 1 and 2, of which 2 is handed out between the two statements; return the answer."""
    before(monkeypatch, calls.JUST_CALLED, "rows", lambda: race(ask(ma, "fetch")))
    answer = ask(ma, "call", marchSn="1,2")()
    assert Order.objects.get(live_number=2).called_at is None
    return answer


def test_it_tells_as_failed_what_is_handed_out_while_several_are_called(ma, order, monkeypatch):
    assert call_and_fetch(monkeypatch, ma) == {"callSuccess": "success", "called": [1], "failed": [2]}


def test_it_tells_that_as_called_without_the_time_of_the_call(ma, order, monkeypatch):
    live = Select(lambda: calls.several_orders().values_list("live_number"))
    monkeypatch.setattr(calls, "JUST_CALLED", live)
    assert call_and_fetch(monkeypatch, ma) == {"callSuccess": "success", "called": [1, 2], "failed": []}


def test_what_it_tells_of_several_calls_is_what_has_happened(ma, noodles):
    for _ in range(5):
        with unannounced():
            Order.objects.all().delete()
        numbers = [taking.take(noodles).number for _ in range(5)]
        answer, *ends = race(
            ask(ma, "call", marchSn=[5, 4, 3, 2, 1, 9], encoding="json"), *[end(ma, number) for number in numbers]
        )
        assert ends == [DONE] * 5
        orders = Order.objects.all()
        assert set(answer["called"]) == {order.number for order in orders if order.called_at}
        assert set(answer["failed"]) == {order.number for order in orders if not order.called_at} | {9}
        assert all(order.closed_at >= order.called_at for order in orders if order.called_at)


def test_several_hands_call_the_same_numbers_in_any_order(ma, noodles):
    numbers = [taking.take(noodles).number for _ in range(20)]
    answers = race(*[ask(ma, "call", marchSn=numbers[:: 1 if hand % 2 else -1], encoding="json") for hand in range(8)])
    assert {(answer["callSuccess"], frozenset(answer["called"])) for answer in answers} == {
        ("success", frozenset(numbers))
    }


def undo_by_five(ma):
    return Counter(answer["undoSuccess"] for answer in race(*[ask(ma, "undo", marchSn=1)] * 5))


def test_it_takes_each_call_back_once(ma, order):
    for _ in range(2):
        ma("call", marchSn=1)
    assert undo_by_five(ma) == {"success": 2, "fail": 3}
    order.refresh_from_db()
    assert (order.live_number, order.called_at, order.last_called_at) == (1, None, None)


def test_it_takes_an_end_back_once(ma, order):
    end(ma)()
    assert undo_by_five(ma) == {"success": 1, "fail": 4}
    assert Order.objects.live().get() == order


def test_it_takes_one_step_back_five_times_with_read_then_save(ma, order, monkeypatch):
    ma("call", marchSn=1)
    read_then_save(monkeypatch, parties=5)
    assert undo_by_five(ma) == {"success": 5}


def undo_while_it_is_collected(monkeypatch, ma, li):
    """Take the stall's end back while another hand has done so and Li has collected since; return the answer."""
    others = [ask(ma, "undo", marchSn=1), ask(li, "done", sellerId=Order.objects.get().seller_id, marchSn=1)]

    def act():
        jobs = others[:]
        others.clear()  # they come by here themselves
        assert [race(job) for job in jobs] in ([], [[UNDONE], [DONE]])

    end(ma)()
    before(monkeypatch, undo.TAKE_BACK_END, "run", act)
    return ask(ma, "undo", marchSn=1)()


def test_it_does_not_take_back_what_a_student_has_collected_meanwhile(ma, li, order, monkeypatch):
    assert undo_while_it_is_collected(monkeypatch, ma, li) == NOTHING
    order.refresh_from_db()
    assert (order.live_number, order.ending) == (None, Order.Ending.COLLECTED)


def test_it_takes_that_back_without_the_comparison(ma, li, order, monkeypatch):
    _, alive = undo.TAKE_BACK_END.build()
    whatever = Order.objects.filter(pk=undo.ORDER, seller=undo.SELLER).alias(bound_by=undo.BOUND_BY)
    whatever = whatever.filter(bound_by=undo.BUYER)
    monkeypatch.setattr(undo, "TAKE_BACK_END", Update(lambda: (whatever, alive)))
    assert undo_while_it_is_collected(monkeypatch, ma, li) == UNDONE
    order.refresh_from_db()
    assert (order.live_number, order.ending) == (1, "")


@pytest.mark.parametrize("step", ["call", "done"])
def test_whoever_ends_it_while_a_step_is_taken_back_has_ended_it_before_or_after(ma, li, noodles, step):
    for ends in (ask(li, "done", sellerId=noodles.pk, marchSn=1), end(ma)):
        with unannounced():
            Order.objects.all().delete()
        ma("fetch")
        li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
        ma("call", marchSn=1)
        if step == "done":
            end(ma)()
        answer, done = race(ask(ma, "undo", marchSn=1), ends)
        assert done == DONE
        order = Order.objects.get()
        assert (answer == UNDONE, order.ending, order.called_at is not None) in {
            # Ended before it, and alive again where the stall had ended it.
            ("call", "collected"): [(False, "collected", True), (True, "collected", False)],
            ("call", "ended"): [(True, "", True), (True, "ended", False)],
            ("done", "collected"): [(True, "", True), (True, "collected", True)],
            ("done", "ended"): [(True, "", True), (True, "ended", True)],
        }[step, "ended" if "isseller" in ends.keywords else "collected"]


def undo_and_fetch(monkeypatch, ma):
    """Take the end of number 1 back while it is handed out again; return the answers."""
    meet = meeting(2)
    before(monkeypatch, Insert, "run", meet)
    before(monkeypatch, undo.TAKE_BACK_END, "run", meet)
    end(ma)()
    return race(ask(ma, "undo", marchSn=1), ask(ma, "fetch"))


def test_a_number_is_handed_out_again_or_its_end_taken_back(ma, order, settings, monkeypatch):
    settings.REST_MINUTES = 0
    answers = undo_and_fetch(monkeypatch, ma)
    order.refresh_from_db()
    if order.live_number:
        assert answers == [UNDONE, {"fetchSuccess": "success", "marchSn": 2}]
    else:
        assert answers == [NOTHING, {"fetchSuccess": "success", "marchSn": 1}]


def test_it_is_out_twice_without_the_constraint(ma, order, settings, monkeypatch):
    settings.REST_MINUTES = 0
    with without_constraint(Order, "one_live_order_a_number"):
        assert undo_and_fetch(monkeypatch, ma) == [UNDONE, {"fetchSuccess": "success", "marchSn": 1}]
        assert Order.objects.filter(live_number=1).count() == 2


def undo_and_push(monkeypatch, ma, li):
    """Take the end of Li's order back while Li, who has four others, pushes for a fifth; return the answers."""
    meet, stall = meeting(2), make_seller("13800000002")
    for number in range(1, 6):
        taking.take(stall)
        if number < 5:
            Order.objects.bind(stall.pk, number, li.person, "")
    end(ma)()
    before(monkeypatch, BIND, "run", meet)
    before(monkeypatch, undo.TAKE_BACK_END, "run", meet)
    push = ask(li, "push", sellerId=stall.pk, marchSn=5, noteContent="")
    return race(ask(ma, "undo", marchSn=1), push)


def slots():
    return sorted(Order.objects.live().exclude(buyer=None).values_list("slot", flat=True), key=str)


def test_an_order_that_comes_back_and_a_new_one_have_not_one_slot(ma, li, order, monkeypatch):
    undone, pushed = undo_and_push(monkeypatch, ma, li)
    assert undone == UNDONE
    assert slots() == ([1, 2, 3, 4, 5] if pushed == TOO_MANY else [1, 2, 3, 4, 5, None])


def test_they_have_one_slot_without_the_constraint(ma, li, order, monkeypatch):
    with without_constraint(Order, "one_order_a_slot"):
        undo_and_push(monkeypatch, ma, li)
        assert slots() in [sorted([1, 2, 3, 4, 5, twice]) for twice in range(1, 6)]
