"""undo: a stall takes back its own last step on a number, for UNDO_SECONDS."""

from datetime import timedelta

import pytest
from django.utils import timezone

from callme_site.testing.announced import unannounced
from callme_site.testing.phones import waits
from conftest import ENCODINGS, Phone, make_seller, noted
from queueing import taking
from queueing.models import Order

UNDONE = {"undoSuccess": "success"}
NOTHING = {"undoSuccess": "fail", "failMsg": "Invalid Sn Error"}
TOO_LATE = {"undoSuccess": "fail", "failMsg": "Too Late Error"}
READY = {"hungrySuccess": "success"}
ENDED = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet", "ended": "ended"}


@pytest.fixture
def order(ma, li, noodles):
    """Li's order number 1."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    return Order.objects.get()


def hungry(phone, seller):
    return phone("hungry", sellerId=seller.pk, marchSn=1)


def end(ma):
    assert ma("done", isseller="yes", marchSn=1) == {"doneSuccess": "success"}


def ago(seconds, *names):
    """Let these times of all orders have been so many seconds ago."""
    with unannounced():
        Order.objects.update(**dict.fromkeys(names, timezone.now() - timedelta(seconds=seconds)))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_takes_back_a_call(ma, li, noodles, order, encoding):
    ma("call", marchSn=1)
    assert hungry(li, noodles) == READY
    assert ma("undo", marchSn=1, encoding=encoding) == UNDONE
    assert hungry(li, noodles) == waits(0)
    assert ma("note")["orderList"]["notedList"] == [noted(noodles, 1, "牛肉面")]
    order.refresh_from_db()
    assert (order.called_at, order.last_called_at) == (None, None)
    assert ma("undo", marchSn=1) == NOTHING
    ma("call", marchSn=1)
    assert hungry(li, noodles) == READY


def test_it_takes_back_the_recall_before_the_call(ma, li, noodles, order):
    ma("call", marchSn=1)
    first = Order.objects.get().called_at
    ma("call", marchSn=1)
    assert Order.objects.get().last_called_at > first
    assert ma("undo", marchSn=1) == UNDONE
    order.refresh_from_db()
    assert (order.called_at, order.last_called_at) == (first, first)
    assert hungry(li, noodles) == READY
    assert ma("undo", marchSn=1) == UNDONE
    assert hungry(li, noodles) == waits(0)


def test_it_takes_back_a_recall_long_after_the_call(ma, li, noodles, order):
    ma("call", marchSn=1)
    ago(60, "called_at", "last_called_at")
    ma("call", marchSn=1)
    assert ma("undo", marchSn=1) == UNDONE
    assert hungry(li, noodles) == READY
    assert ma("undo", marchSn=1) == TOO_LATE


def test_it_takes_back_one_of_several_calls(ma, li, noodles, order):
    ma("fetch")
    ma("call", marchSn="1,2")
    assert ma("undo", marchSn=1) == UNDONE
    assert hungry(li, noodles) == waits(0)
    assert Order.objects.get(number=2).called_at is not None


@pytest.mark.parametrize("called", [True, False])
def test_it_brings_an_order_back_that_the_stall_has_ended(ma, li, noodles, order, called):
    if called:
        ma("call", marchSn=1)
    before = Order.objects.values().get()
    end(ma)
    assert hungry(li, noodles) == ENDED
    assert li("menu", sellerId=noodles.pk)["takenFlag"] == "fail"
    assert ma("undo", marchSn=1) == UNDONE
    after = Order.objects.values().get()
    assert after.pop("slot") in range(1, 6)
    del before["slot"]
    assert after == before
    assert hungry(li, noodles) == (READY if called else waits(0))
    assert li("menu", sellerId=noodles.pk)["takenMenuName"] == "牛肉面"
    assert ma("note")["orderList"]["notedList"] == [noted(noodles, 1, "牛肉面")]


def test_it_brings_back_what_nobody_had_bound(ma, li, noodles):
    ma("fetch")
    end(ma)
    assert ma("undo", marchSn=1) == UNDONE
    order = Order.objects.get()
    assert (order.live_number, order.buyer, order.slot) == (1, None, None)
    assert li("push", sellerId=noodles.pk, marchSn=1, noteContent="") == {"pushSuccess": "success"}


def test_it_takes_back_the_end_and_then_the_call(ma, li, noodles, order):
    ma("call", marchSn=1)
    end(ma)
    assert ma("undo", marchSn=1) == ma("undo", marchSn=1) == UNDONE
    assert hungry(li, noodles) == waits(0)
    assert ma("undo", marchSn=1) == NOTHING


def test_there_is_nothing_to_take_back_of_a_number_that_was_only_handed_out(ma, order):
    assert ma("undo", marchSn=1) == ma("undo", marchSn=2) == NOTHING


@pytest.mark.parametrize(("seconds", "answer"), [(9, UNDONE), (11, TOO_LATE)])
def test_it_takes_a_call_back_for_ten_seconds(ma, order, seconds, answer):
    ma("call", marchSn=1)
    ago(seconds, "called_at", "last_called_at")
    assert ma("undo", marchSn=1) == answer


@pytest.mark.parametrize(("seconds", "answer"), [(9, UNDONE), (11, TOO_LATE)])
def test_it_takes_an_end_back_for_ten_seconds(ma, order, seconds, answer):
    end(ma)
    ago(seconds, "closed_at")
    assert ma("undo", marchSn=1) == answer
    assert Order.objects.live().exists() is (answer == UNDONE)


def test_for_how_long_is_a_setting(ma, order, settings):
    settings.UNDO_SECONDS = 60
    end(ma)
    ago(59, "closed_at")
    assert ma("undo", marchSn=1) == UNDONE


def test_it_takes_back_a_call_that_was_imported_without_its_recall(ma, order):
    ma("call", marchSn=1)
    with unannounced():
        Order.objects.update(last_called_at=None)
    assert ma("undo", marchSn=1) == UNDONE
    order.refresh_from_db()
    assert (order.called_at, order.last_called_at) == (None, None)


def by_staff(ma, li, noodles):
    Order.objects.end_all([Order.objects.get().pk])


def abandoned(ma, li, noodles):
    ago(13 * 3600, "taken_at")
    assert Order.objects.close_stale() == 1


def collected(ma, li, noodles):
    li("done", sellerId=noodles.pk, marchSn=1)


@pytest.mark.parametrize("ending", [by_staff, abandoned, collected], ids=lambda ending: ending.__name__)
def test_it_does_not_take_back_what_the_stall_has_not_done(ma, li, noodles, order, ending):
    ma("call", marchSn=1)
    ending(ma, li, noodles)
    assert ma("undo", marchSn=1) == NOTHING
    assert not Order.objects.live().exists()


def test_it_does_not_bring_back_what_was_cleared(ma, noodles):
    ma("fetch")
    ma("clear")
    assert ma("undo", marchSn=1) == NOTHING


def hand_out_again(noodles):
    with unannounced():
        Order.objects.create(seller=noodles, number=1, live_number=1)


def test_a_number_that_was_handed_out_again_is_its_new_orders(ma, li, noodles, order):
    end(ma)
    hand_out_again(noodles)
    assert ma("undo", marchSn=1) == NOTHING
    order.refresh_from_db()
    assert order.ending == Order.Ending.ENDED
    ma("call", marchSn=1)
    assert ma("undo", marchSn=1) == UNDONE
    assert Order.objects.get(live_number=1).called_at is None


def test_of_two_orders_it_is_the_one_that_ended_last(ma, li, noodles, order):
    end(ma)
    hand_out_again(noodles)
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="小菜")
    collected(ma, li, noodles)
    assert ma("undo", marchSn=1) == NOTHING


def push_five(li):
    """Let Li have five live orders at another stall."""
    stall = make_seller("13800000002", person=Phone.of("chen").person)
    for number in range(1, 6):
        taking.take(stall)
        Order.objects.bind(stall.pk, number, li.person, "")
    return stall


def test_the_limit_of_orders_does_not_hinder_it(ma, li, noodles, order):
    end(ma)
    stall = push_five(li)
    assert ma("undo", marchSn=1) == UNDONE
    order.refresh_from_db()
    assert (order.live_number, order.buyer, order.slot) == (1, li.person, None)
    taking.take(stall)
    Order.objects.end(stall, 1)
    # Five are left, one of them beyond the slots.
    assert li("push", sellerId=stall.pk, marchSn=6, noteContent="")["failMsg"] == "Too Many Error"
    Order.objects.end(stall, 2)
    assert li("push", sellerId=stall.pk, marchSn=6, noteContent="") == {"pushSuccess": "success"}


def test_it_brings_it_back_into_a_slot_that_is_free(ma, li, noodles, order):
    end(ma)
    Order.objects.end(push_five(li), 3)
    assert ma("undo", marchSn=1) == UNDONE
    assert sorted(Order.objects.live().values_list("slot", flat=True)) == [1, 2, 3, 4, 5]


def test_a_stall_without_months_finishes_its_orders_and_takes_back_what_it_did(ma, noodles, order):
    with unannounced():
        type(noodles).objects.update(months=0, next_charge_on=None, on_duty_since=None)
    ma("call", marchSn=1)
    assert ma("undo", marchSn=1) == UNDONE


def test_it_is_the_stalls_own_number(ma, order):
    ma("call", marchSn=1)
    rice = Phone.of("chen")
    make_seller("13800000002", person=rice.person)
    assert rice("undo", marchSn=1) == NOTHING
    end(ma)
    assert rice("undo", marchSn=1) == NOTHING


def test_it_is_the_seller_who_takes_back(ma, li, order):
    ma("call", marchSn=1)
    assert li("undo", marchSn=1) == {"undoSuccess": "fail", "failMsg": "Invalid Session Error"}
