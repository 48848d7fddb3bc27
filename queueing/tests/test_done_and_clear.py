"""Q10 and clear: orders end, and their numbers are free again."""

import pytest

from conftest import Phone, make_seller
from queueing.models import Order

SUCCESS = {"doneSuccess": "success"}
REFUSED = {"doneSuccess": "fail", "failMsg": "Invalid Sn Error"}


@pytest.fixture
def order(ma, li, noodles):
    """Li's order number 1."""
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    return Order.objects.get()


def done(phone, seller, number=1):
    return phone("done", sellerId=seller.pk, marchSn=number)


def test_it_ends_the_callers_order_and_frees_the_number(settings, ma, li, noodles, order):
    assert done(li, noodles) == SUCCESS
    order.refresh_from_db()
    assert (order.live_number, order.number, order.ending) == (None, 1, Order.Ending.COLLECTED)
    assert order.closed_at >= order.bound_at
    settings.REST_MINUTES = 0
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 1}


def test_it_may_be_repeated(li, noodles, order):
    assert done(li, noodles) == done(li, noodles) == SUCCESS
    assert done(li, noodles, number=50) == SUCCESS
    assert li("done", sellerId=noodles.pk + 1, marchSn=1) == SUCCESS


def test_it_leaves_an_order_that_nobody_has_bound(ma, li, noodles):
    ma("fetch")
    ma("call", marchSn=1)
    assert li("hungry", sellerId=noodles.pk, marchSn=1) == {"hungrySuccess": "success"}
    assert done(li, noodles) == done(ma, noodles) == REFUSED
    assert Order.objects.live().exists()
    assert ma("done", isseller="yes", marchSn=1) == SUCCESS


def test_it_leaves_somebody_elses_order(wang, noodles, order):
    assert done(wang, noodles) == REFUSED
    assert Order.objects.live().get() == order


def test_the_seller_ends_any_of_its_own(ma, order):
    assert ma("done", isseller="yes", marchSn=1) == ma("done", isseller="yes", marchSn=1) == SUCCESS
    order.refresh_from_db()
    assert (order.live_number, order.ending) == (None, Order.Ending.ENDED)


def test_the_seller_ends_none_of_another_sellers(order):
    rice = Phone.of("chen")
    make_seller("13800000002", person=rice.person)
    assert rice("done", isseller="yes", marchSn=1, sellerId=order.seller_id) == SUCCESS
    assert Order.objects.live().get() == order


def test_a_student_is_no_seller(li, order):
    answer = li("done", isseller="yes", marchSn=1)
    assert answer == {"doneSuccess": "fail", "failMsg": "Invalid Session Error"}


def test_it_clears_what_nobody_has_bound(ma, noodles, order):
    ma("fetch")
    ma("fetch")
    rice = Phone.of("chen")
    make_seller("13800000002", person=rice.person)
    rice("fetch")
    assert ma("clear") == {"clearSuccess": "success"}
    assert list(noodles.orders.live()) == [order]
    assert list(noodles.orders.exclude(pk=order.pk).values_list("ending", flat=True)) == ["cleared", "cleared"]
    assert rice.person.seller.orders.live().count() == 1
    assert ma("clear") == {"clearSuccess": "success"}


def test_only_a_seller_clears(li):
    assert li("clear") == {"clearSuccess": "fail", "failMsg": "Invalid Session Error"}
