"""Q08 and Q09: the student polls, the stall calls."""

import pytest

from callme_site.testing.phones import NOT_READY


@pytest.fixture
def order(ma, li, noodles):
    """Li's order number 1."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")


def hungry(phone, seller, number=1):
    return phone("hungry", sellerId=seller.pk, marchSn=number)


def test_it_is_ready_once_called(ma, li, noodles, order):
    assert hungry(li, noodles) == {**NOT_READY, "ahead": 0, "retryAfter": 2}
    assert ma("call", marchSn=1) == {"callSuccess": "success"}
    assert hungry(li, noodles) == {"hungrySuccess": "success"}


def test_it_may_be_called_again(ma, li, noodles, order):
    ma("call", marchSn=1)
    called_at = noodles.orders.get().called_at
    assert ma("call", marchSn=1) == {"callSuccess": "success"}
    assert noodles.orders.get().called_at == called_at


def test_it_cannot_call_a_number_that_is_not_out(ma, order):
    assert ma("call", marchSn=2) == {"callSuccess": "fail", "failMsg": "Invalid Sn Error"}
    ma("done", isseller="yes", marchSn=1)
    assert ma("call", marchSn=1) == {"callSuccess": "fail", "failMsg": "Invalid Sn Error"}


def test_it_tells_nobody_of_somebody_elses_order(ma, wang, noodles, order):
    ma("call", marchSn=1)
    assert hungry(wang, noodles) == NOT_READY


def test_it_answers_anybody_while_nobody_has_the_number(ma, li, wang, noodles):
    ma("fetch")
    ma("call", marchSn=1)
    assert hungry(li, noodles) == hungry(wang, noodles) == {"hungrySuccess": "success"}


def test_it_is_not_ready_where_there_is_no_such_number(ma, li, noodles, order):
    ma("call", marchSn=1)
    assert hungry(li, noodles, number=2) == NOT_READY
    assert li("hungry", sellerId=noodles.pk + 1, marchSn=1) == NOT_READY
    ma("done", isseller="yes", marchSn=1)
    assert hungry(li, noodles) == {**NOT_READY, "ended": "ended"}


def test_it_is_the_seller_who_calls(li, order):
    assert li("call", marchSn=1) == {"callSuccess": "fail", "failMsg": "Invalid Session Error"}
