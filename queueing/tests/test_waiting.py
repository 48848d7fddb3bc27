"""How long the line is, how long students waited in it, and what nobody fetches: to the very moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callme_site.storage import versions
from callme_site.storage.versions import EVERYTHING, changing
from conftest import ENCODINGS, Phone, make_seller
from queueing import waiting
from queueing.models import Order

NOON = datetime(2027, 3, 15, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock(ma, li, monkeypatch):
    """A clock that stands still unless moved, as does the one by which answers are kept; sessions begin anew."""

    def move(**by):
        clock.shift(timedelta(**by))
        for phone, name, app in ((ma, "ma", "seller"), (li, "li", "buyer")):
            phone.session_key = Phone.of(name, app).session_key

    begun = versions.time.monotonic()
    with time_machine.travel(NOON, tick=False) as clock:
        monkeypatch.setattr(versions.time, "monotonic", lambda: begun + (timezone.now() - NOON).total_seconds())
        move()
        yield move


def ago(**times):
    return timezone.now() - timedelta(**times)


def called(stall, *waits, minutes=1, live=False, start=50):
    """Let orders have been called so many minutes ago, each after so many seconds, or before anybody bound it."""
    at = ago(minutes=minutes)
    with changing(EVERYTHING):
        for number, wait in enumerate(waits, start=start):
            bound = None if wait is None else at - timedelta(seconds=wait)
            ends = {"live_number": number} if live else {"closed_at": at, "ending": "ended"}
            Order.objects.create(
                seller=stall, number=number, taken_at=at - timedelta(hours=1), bound_at=bound, called_at=at, **ends
            )


def line(phone, stall):
    """Return what the menu tells of the line."""
    answer = phone("menu", sellerId=stall.pk)
    return {name: answer[name] for name in ("waiting", "wait") if name in answer}


def listed(phone):
    """Return what the list tells of the lines, by name."""
    return {
        entry["name"]: {name: entry[name] for name in ("waiting", "wait") if name in entry}
        for entry in phone("seller_list")["list"].values()
    }


def test_it_counts_the_orders_that_are_not_called_bound_or_not(ma, li, noodles):
    for _ in range(4):
        ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
    assert line(li, noodles) == {"waiting": 4}
    for number in (1, 2):
        ma("call", marchSn=number)
    assert line(li, noodles) == {"waiting": 2}
    ma("done", isseller="yes", marchSn=3)
    assert line(li, noodles) == {"waiting": 1}
    ma("clear")
    assert line(li, noodles) == {"waiting": 0}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_tells_what_half_of_the_last_called_waited(li, noodles, encoding):
    called(noodles, 300, 10, 20, 30.9)
    called(noodles, None, minutes=2)  # nobody has bound it, so nobody waited
    assert "wait" not in li("menu", encoding=encoding, sellerId=noodles.pk)
    called(noodles, 40, live=True)
    assert li("menu", encoding=encoding, sellerId=noodles.pk)["wait"] == 30
    called(noodles, -5)  # bound when it was called already
    assert li("menu", encoding=encoding, sellerId=noodles.pk)["wait"] == 20
    assert li("seller_list", encoding=encoding)["list"]["1"] == {
        "id": noodles.pk, "name": "拉面", "imageURL": "", "open": True, "waiting": 0, "wait": 20,
    }  # fmt: skip


def test_it_asks_the_last_twenty(li, noodles):
    called(noodles, *[600] * 30, minutes=9)
    assert line(li, noodles)["wait"] == 600
    called(noodles, *[60] * 9, minutes=3)
    assert line(li, noodles)["wait"] == 600
    called(noodles, 60, minutes=3)
    assert line(li, noodles)["wait"] == 60


def test_it_tells_nothing_of_more_than_45_minutes_ago(clock, li, noodles):
    called(noodles, 60, minutes=44)
    called(noodles, 60, 60, 600, 600, minutes=30)
    for seconds, told in ((59, {"waiting": 0, "wait": 60}), (1, {"waiting": 0})):
        clock(seconds=seconds)
        assert line(li, noodles) == line(li, noodles) == told


def test_each_stall_has_a_line_of_its_own(ma, hu, li, noodles):
    rice = make_seller("13800000002", name="煲仔饭", person=hu.person)
    ma("fetch")
    called(rice, 10, 20, 30, 40, 50)
    called(noodles, 10, 20, 30, 40)
    assert listed(li) == {"拉面": {"waiting": 1}, "煲仔饭": {"waiting": 0, "wait": 30}}
    assert [line(li, stall) for stall in (noodles, rice)] == list(listed(li).values())


def test_the_list_tells_of_the_lines_after_five_seconds_and_the_menu_at_once(clock, ma, li, noodles):
    assert listed(li) == {"拉面": {"waiting": 0}}
    ma("fetch")
    assert line(li, noodles) == {"waiting": 1}
    clock(seconds=4.9)
    assert listed(li) == {"拉面": {"waiting": 0}}
    clock(seconds=0.1)
    assert listed(li) == {"拉面": {"waiting": 1}}


def test_many_lines_are_read_at_once_and_those_of_other_stalls_kept(ma, li, noodles, monkeypatch):
    monkeypatch.setattr(waiting, "BATCH", 4)
    stalls = [noodles] + [make_seller(f"1370000000{place}", name="") for place in range(8)]
    called(stalls[8], *[60] * 5)
    ma("fetch")

    def lines():
        with CaptureQueriesContext(connection) as captured:
            lines = waiting.lines_of(stall.pk for stall in stalls)
        cost, told = len(captured), [lines[stall.pk].told for stall in stalls]
        assert told == [line(li, stall) for stall in stalls]
        return told, cost

    told = [{"waiting": 1}, *[{"waiting": 0}] * 7, {"waiting": 0, "wait": 60}]
    assert lines() == (told, 6)
    assert lines() == (told, 0)
    ma("fetch")
    assert lines() == ([{"waiting": 2}, *told[1:]], 2)


def uncollected(ma):
    """Return the numbers that the stall is told of as uncollected."""
    lists = ma("note")["orderList"]
    return [entry["marchSn"] for entries in lists.values() for entry in entries if entry["uncollected"]]


def test_what_nobody_fetches_for_15_minutes_is_uncollected(clock, ma, li, noodles):
    for number in (1, 2, 3):
        ma("fetch")
        if number != 2:
            clock(minutes=1)
            ma("call", marchSn=number)
    clock(minutes=13, seconds=59)
    ma("call", marchSn=1)  # a recall does not start anew
    assert uncollected(ma) == []
    for step, expected in ((1, [1]), (59, [1]), (1, [3, 1])):
        clock(seconds=step)
        assert sorted(uncollected(ma)) == sorted(uncollected(ma)) == sorted(expected)
    ma("done", isseller="yes", marchSn=1)
    assert uncollected(ma) == [3]


def test_today_tells_of_todays_orders(clock, ma, li, noodles):
    called(noodles, 1, 1, minutes=13 * 60)  # the day before
    called(noodles, *range(10, 101, 10))  # taken at 10:59
    clock(minutes=30)
    for _ in range(3):
        ma("fetch")
    clock(minutes=45)
    ma("fetch")
    hours = [0] * 24
    hours[10], hours[12], hours[13] = 10, 3, 1
    expected = {"todaySuccess": "success", "orders": 14, "hours": hours, "p50": 50, "p90": 90, "uncollected": 0}
    assert [ma("today", encoding=encoding) for encoding in ENCODINGS] == [expected] * 3
    ma("call", marchSn=1)
    ma("call", marchSn=2)
    for seconds, count in ((14 * 60 + 59, 0), (1, 2)):
        clock(seconds=seconds)
        assert ma("today")["uncollected"] == ma("today")["uncollected"] == count
    ma("done", isseller="yes", marchSn=2)  # it was fetched after all
    assert ma("today")["uncollected"] == 1
    with changing(EVERYTHING):
        Order.objects.of_number(noodles.pk, 1).close(Order.Ending.UNCOLLECTED)
    assert ma("today") == {**expected, "uncollected": 1}


def test_today_begins_at_midnight(clock, ma, noodles):
    ma("fetch")
    nothing = {"todaySuccess": "success", "orders": 0, "hours": [0] * 24, "p50": None, "p90": None, "uncollected": 0}
    clock(hours=11, minutes=59, seconds=59)
    assert ma("today")["orders"] == ma("today")["orders"] == 1
    clock(seconds=1)
    assert ma("today") == ma("today") == nothing


def test_a_student_has_no_day(li):
    assert li("today") == {"todaySuccess": "fail", "failMsg": "Invalid Session Error"}
