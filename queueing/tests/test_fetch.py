"""Q05: a stall takes a number."""

from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller
from queueing.models import Order
from sellers.models import Seller


def test_it_takes_the_lowest_free_number(settings, ma):
    settings.REST_MINUTES = 0
    assert [ma("fetch") for _ in range(3)] == [{"fetchSuccess": "success", "marchSn": number} for number in (1, 2, 3)]
    ma("done", isseller="yes", marchSn=2)
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 2}
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 4}


def test_it_has_99_numbers(ma):
    assert [ma("fetch")["marchSn"] for _ in range(99)] == list(range(1, 100))
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "No Sn Valid"}
    ma("done", isseller="yes", marchSn=57)
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 57}


def test_it_has_a_pool_for_each_seller(ma):
    rice = Phone.of("chen")
    make_seller("13800000002", person=rice.person)
    assert ma("fetch") == rice("fetch") == {"fetchSuccess": "success", "marchSn": 1}


def test_it_needs_months(ma, noodles):
    with unannounced():
        Seller.objects.filter(pk=noodles.pk).update(months=0, on_duty_since=None, next_charge_on=None)
    assert ma("fetch") == {"fetchSuccess": "fail", "failMsg": "Due Date Error"}
    assert not Order.objects.exists()


def test_it_is_for_sellers(li):
    assert li("fetch") == {"fetchSuccess": "fail", "failMsg": "Invalid Session Error"}
