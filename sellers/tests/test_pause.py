"""pause and resume: a stall hands out no more for now; and `open`, which says so."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller, make_staff
from sellers.models import Seller

NOON = datetime(2027, 3, 15, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
PAUSED = {"fetchSuccess": "fail", "failMsg": "Paused Error"}
DUE = {"fetchSuccess": "fail", "failMsg": "Due Date Error"}


@pytest.fixture
def clock():
    """It is noon in Shanghai, and the clock stands still."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def again(phone, name, app="seller"):
    """Log in again: the old session is over, or has not begun yet."""
    phone.session_key = Phone.of(name, app).session_key
    return phone


def opened(phone):
    """Return of each listed stall whether it is open, by its name."""
    return {entry["name"]: entry["open"] for entry in phone("seller_list")["list"].values()}


def test_a_paused_stall_hands_out_no_number(ma):
    assert ma("pause") == {"pauseSuccess": "success"}
    assert ma("fetch") == PAUSED
    assert ma("resume") == {"resumeSuccess": "success"}
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 1}


def test_both_may_be_sent_again(ma):
    assert [ma("pause") for _ in range(2)] == [{"pauseSuccess": "success"}] * 2
    assert [ma("resume") for _ in range(2)] == [{"resumeSuccess": "success"}] * 2
    assert ma("fetch")["fetchSuccess"] == "success"


def test_they_are_for_sellers(li):
    for query in ("pause", "resume"):
        assert li(query) == {f"{query}Success": "fail", "failMsg": "Invalid Session Error"}


def test_live_orders_go_on(ma, li, noodles):
    for _ in range(2):
        ma("fetch")
    ma("pause")
    order = {"sellerId": noodles.pk, "marchSn": 1}
    assert li("menu", sellerId=noodles.pk)["menuSuccess"] == "success"
    assert li("push", noteContent="面", **order) == {"pushSuccess": "success"}
    assert ma("call", marchSn=1) == {"callSuccess": "success"}
    assert li("hungry", **order) == {"hungrySuccess": "success"}
    assert li("done", **order) == {"doneSuccess": "success"}
    assert ma("clear") == {"clearSuccess": "success"}


def test_another_stall_goes_on(ma, hu):
    make_seller("13800000002", person=hu.person)
    ma("pause")
    assert hu("fetch")["fetchSuccess"] == "success"


def test_it_ends_at_the_next_midnight(clock, ma, noodles):
    assert ma("pause") == {"pauseSuccess": "success"}
    assert Seller.objects.get().paused_until == datetime(2027, 3, 16, tzinfo=NOON.tzinfo)
    clock.move_to(NOON.replace(hour=23, minute=59, second=59))
    assert again(ma, "ma")("fetch") == PAUSED
    clock.shift(1)
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 1}


def test_at_midnight_the_next_one_is_a_day_away(clock, ma):
    clock.move_to(NOON.replace(hour=0))
    again(ma, "ma")("pause")
    assert Seller.objects.get().paused_until == datetime(2027, 3, 16, tzinfo=NOON.tzinfo)


def test_the_midnight_is_that_of_the_time_zone(clock, settings, ma):
    settings.TIME_ZONE = "America/New_York"  # where it is midnight
    ma("pause")
    assert Seller.objects.get().paused_until == datetime(2027, 3, 16, tzinfo=ZoneInfo("America/New_York"))


def test_a_stall_without_months_learns_that_first(ma, noodles):
    ma("pause")
    with unannounced():
        Seller.objects.update(months=0, on_duty_since=None, next_charge_on=None)
    assert ma("fetch") == DUE
    with unannounced():
        Seller.objects.update(months=1, on_duty_since=NOON, next_charge_on=NOON, switched_off=True)
    assert ma("fetch") == DUE


def test_info_and_admin_and_the_list_tell_it(ma, li, wang, noodles):
    make_seller("13800000002", name="饺子", person=Phone.of("hu", "seller").person)
    make_seller("13800000003", name="没有月份", months=0)
    make_seller("13800000004", name="停用", switched_off=True)
    make_seller("13800000005", name="没有绑定")
    make_staff(wang)

    def told():
        staff = {entry["sellerName"]: entry["open"] for entry in wang("admin")["sellerList"]}
        return ma("info")["open"], opened(li), staff

    others = {"饺子": True, "没有月份": False, "停用": False, "没有绑定": True}
    assert told() == (True, {"拉面": True, "饺子": True}, {"拉面": True, **others})
    ma("pause")
    assert told() == (False, {"拉面": False, "饺子": True}, {"拉面": False, **others})
    ma("resume")
    assert told() == (True, {"拉面": True, "饺子": True}, {"拉面": True, **others})


@pytest.mark.django_db(transaction=True)
def test_the_list_that_is_kept_tells_it_at_once(ma, li, noodles):
    for query, is_open in (("pause", False), ("resume", True)):
        for _ in range(3):
            assert opened(li) == {"拉面": not is_open}
        ma(query)
        assert opened(li) == {"拉面": is_open}


@pytest.mark.django_db(transaction=True)
def test_the_list_that_is_kept_knows_when_the_first_of_the_pauses_is_over(ma, li, noodles):
    """All end at midnight, but where the time zone was changed in between. The clock that counts is the real one."""
    soon = timezone.now() + timedelta(seconds=1)
    make_seller("13800000002", name="饺子", person=Phone.of("hu", "seller").person, paused_until=soon)
    ma("pause")
    for _ in range(2):
        assert opened(li) == {"拉面": False, "饺子": False}
    with CaptureQueriesContext(connection) as captured:
        assert opened(li) == {"拉面": False, "饺子": False}
    assert len(captured) == 0
    while timezone.now() <= soon:
        time.sleep((soon - timezone.now()).total_seconds() + 0.01)
    for _ in range(2):
        assert opened(li) == {"拉面": False, "饺子": True}
