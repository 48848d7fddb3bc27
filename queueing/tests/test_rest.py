"""A number that has just ended rests: the student of the old 37 must not take the new one."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller
from queueing.models import Order
from queueing.taking import RESTING

NO_SN = {"fetchSuccess": "fail", "failMsg": "No Sn Valid"}


@pytest.fixture
def clock(ma):
    """A clock that stands still unless it is moved by seconds."""

    def move(seconds):
        clock.shift(seconds)

    with time_machine.travel("2027-03-15 12:00+08:00", tick=False) as clock:
        ma.session_key = Phone.of("ma", "seller").session_key
        yield move


def fetched(number):
    return {"fetchSuccess": "success", "marchSn": number}


def end(ma, number):
    assert ma("done", isseller="yes", marchSn=number) == {"doneSuccess": "success"}


def take(ma, count):
    assert [ma("fetch") for _ in range(count)] == [fetched(number) for number in range(1, count + 1)]


def test_a_number_is_handed_out_again_two_minutes_after_its_end(ma, clock):
    take(ma, 3)
    end(ma, 2)
    clock(119)
    assert ma("fetch") == fetched(4)
    clock(1)
    assert [ma("fetch") for _ in range(2)] == [fetched(2), fetched(5)]


def test_the_last_end_counts(settings, ma, clock):
    settings.REST_MINUTES = 0
    for _ in range(2):
        take(ma, 1)
        end(ma, 1)
        clock(90)
    settings.REST_MINUTES = 2
    assert ma("fetch") == fetched(2)
    clock(30)
    assert ma("fetch") == fetched(1)


@pytest.mark.parametrize("ends", ["done by the student", "clear", "closed by staff"])
def test_it_rests_however_it_ended(ma, li, noodles, ends):
    take(ma, 1)
    if ends == "done by the student":
        order = {"sellerId": noodles.pk, "marchSn": 1}
        li("push", noteContent="", **order)
        li("done", **order)
    elif ends == "clear":
        ma("clear")
    else:
        Order.objects.end_all([Order.objects.get().pk])
    assert Order.objects.live().count() == 0
    assert ma("fetch") == fetched(2)


def test_when_none_has_rested_it_is_the_one_that_has_rested_longest(ma, clock):
    take(ma, 99)
    for number in (57, 3, 80):
        end(ma, number)
        clock(1)
    assert [ma("fetch") for _ in range(4)] == [fetched(57), fetched(3), fetched(80), NO_SN]


def test_of_those_that_have_rested_equally_long_it_is_the_lowest(ma, clock):
    take(ma, 99)
    ma("clear")
    assert [ma("fetch")["marchSn"] for _ in range(99)] == list(range(1, 100))
    assert ma("fetch") == NO_SN


def test_it_is_the_lowest_where_more_have_ended_than_the_pool_has(ma, clock):
    take(ma, 98)
    ma("clear")
    clock(1)
    for number in (99, 1):
        assert ma("fetch") == fetched(number)
        end(ma, number)
    assert ma("fetch") == fetched(2)


def test_it_rests_at_its_own_stall_alone(ma, hu):
    make_seller("13800000002", person=hu.person)
    take(ma, 1)
    end(ma, 1)
    assert hu("fetch") == fetched(1)


def test_it_is_switched_off_and_then_costs_nothing(settings, ma):
    end(ma, ma("fetch")["marchSn"])
    statements = {}
    for minutes in (2, 0):
        settings.REST_MINUTES = minutes
        with CaptureQueriesContext(connection) as captured:
            ma("fetch")
        statements[minutes] = len(captured)
    assert statements == {2: 3, 0: 2}
    assert len(Order.objects.live().filter(number=1)) == 1


def test_a_clock_that_was_set_back_makes_no_pool_run_dry(ma, clock):
    take(ma, 99)
    end(ma, 42)
    clock(-3600)
    ma.session_key = Phone.of("ma", "seller").session_key
    assert [ma("fetch") for _ in range(2)] == [fetched(42), NO_SN]


def rows_read(cursor):
    """Return how many rows and entries of indexes the session has read so far."""
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(count) for _name, count in cursor.fetchall())


HISTORY = 20_000


@pytest.fixture
def history(noodles):
    """Another stall, and so many orders of Ma's in a year, of which number 7 ended a minute ago."""
    now = timezone.now()
    ends = [now - timedelta(minutes=1), *(now - timedelta(minutes=20 * place) for place in range(1, HISTORY))]
    with unannounced():
        Order.objects.bulk_create(
            [
                Order(seller=noodles, number=(place + 6) % 99 + 1, taken_at=end, closed_at=end, ending="ended")
                for place, end in enumerate(ends)
            ],
            batch_size=2000,
        )


def test_what_rests_is_found_without_a_look_at_the_history(noodles, history):
    since = timezone.now() - timedelta(minutes=2)
    assert [number for number, _at in RESTING.rows(seller=noodles.pk, since=since)] == [7]
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            before = rows_read(cursor)
            RESTING.rows(seller=noodles.pk, since=since)
            assert 1 <= rows_read(cursor) - before < 50
        else:
            _database, (sql, parameters) = RESTING.bound({"seller": noodles.pk, "since": since})
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
            (((*_, plan),)) = cursor.fetchall()
            assert "COVERING INDEX closing_at_a_seller (seller_id=? AND closed_at>?)" in plan
