"""What `hungry` tells beside "Not Ready Yet": how many are ahead, when to ask again, and how one's order ended."""

import pytest
import time_machine
from django.utils import timezone

from callme_site.storage import versions
from callme_site.testing.announced import unannounced
from callme_site.testing.phones import NOT_READY
from conftest import ENCODINGS, Phone
from queueing import polls
from queueing.models import Order
from queueing.tests.test_polls import bring_back, ended, statements

pytestmark = pytest.mark.django_db(transaction=True)


def waits(ahead, seconds):
    return {**NOT_READY, "ahead": ahead, "retryAfter": seconds}


def poll(phone, seller, number, **more):
    return phone("hungry", sellerId=seller.pk, marchSn=number, **more)


def bind(phone, seller, number):
    assert phone("push", sellerId=seller.pk, marchSn=number, noteContent="面") == {"pushSuccess": "success"}


@pytest.fixture
def queue(ma, noodles):
    """Numbers 1 to 24, bound by a student each, the last first, and 25, which is nobody's."""
    for _ in range(25):
        ma("fetch")
    students = {number: Phone.of(f"student {number}") for number in range(24, 0, -1)}
    for number, student in students.items():
        bind(student, noodles, number)
    return students


AHEAD = {0: 2, 1: 2, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 16: 9, 17: 9, 18: 10, 19: 10, 23: 10}  # and retryAfter


def test_it_tells_how_many_were_bound_earlier_and_are_not_called(way, ma, queue, noodles):
    assert {ahead: poll(queue[24 - ahead], noodles, 24 - ahead) for ahead in AHEAD} == {
        ahead: waits(ahead, seconds) for ahead, seconds in AHEAD.items()
    }
    ma("call", marchSn=24)
    ma("call", marchSn=1)
    ma("call", marchSn=25)
    ma("done", isseller="yes", marchSn=22)
    assert [poll(queue[number], noodles, number) for number in (23, 21, 2)] == [waits(0, 2), waits(1, 2), waits(20, 10)]


def test_those_bound_in_the_same_moment_are_one_behind_the_other(way, ma, li, wang, noodles):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False):
        li, wang = Phone.of("li"), Phone.of("wang")
        ma = Phone.of("ma", "seller")
        ma("fetch")
        ma("fetch")
        bind(wang, noodles, 2)
        bind(li, noodles, 1)
        assert [poll(li, noodles, 1), poll(wang, noodles, 2)] == [waits(0, 2), waits(1, 2)]


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [(3, 5, {0: 3, 4: 4, 23: 5}), (4, 2, {0: 2, 23: 2}), (2, 0, {0: None, 23: None})],
    ids=["others", "crossed", "off"],
)
def test_the_settings_say_when_to_ask_again(way, settings, queue, noodles, least, most, told):
    settings.RETRY_AFTER_LEAST, settings.RETRY_AFTER_MOST = least, most
    for ahead, seconds in told.items():
        answer = poll(queue[24 - ahead], noodles, 24 - ahead)
        assert answer == {**NOT_READY, "ahead": ahead, **({} if seconds is None else {"retryAfter": seconds})}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_tells_its_student_alone(way, ma, li, wang, noodles, encoding):
    ma("fetch")
    bind(li, noodles, 1)
    assert poll(li, noodles, 1, encoding=encoding) == waits(0, 2)
    assert [poll(phone, noodles, 1, encoding=encoding) for phone in (wang, ma)] == [NOT_READY, NOT_READY]
    ma("done", isseller="yes", marchSn=1)
    assert poll(li, noodles, 1, encoding=encoding) == ended("ended")
    assert [poll(phone, noodles, 1, encoding=encoding) for phone in (wang, ma)] == [NOT_READY, NOT_READY]
    assert [poll(li, noodles, 2), li("hungry", sellerId=noodles.pk + 1, marchSn=1)] == [NOT_READY, NOT_READY]


def test_it_tells_how_an_order_ended_for_ten_minutes_to_the_second(way, noodles, li):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        ma, li = Phone.of("ma", "seller"), Phone.of("li")
        ma("fetch")
        bind(li, noodles, 1)
        clock.shift(60)
        li("done", sellerId=noodles.pk, marchSn=1)
        for seconds, answer in [(0, ended("collected")), (599, ended("collected")), (1, NOT_READY), (0, NOT_READY)]:
            clock.shift(seconds)
            assert poll(li, noodles, 1) == answer


def test_it_tells_of_the_last_of_several(way, ma, li, noodles):
    """The number is handed out again at once, as a stall without any other would."""
    for last in ("ended", "collected"):
        with versions.changing(versions.orders_of(noodles.pk)):
            Order.objects.create(seller=noodles, number=7, live_number=7)
        bind(li, noodles, 7)
        assert poll(li, noodles, 7) == waits(0, 2)
        if last == "ended":
            ma("done", isseller="yes", marchSn=7)
        else:
            li("done", sellerId=noodles.pk, marchSn=7)
        assert poll(li, noodles, 7) == ended(last)


def test_an_end_that_was_taken_back_is_told_no_more_and_the_next_one_is(way, ma, li, noodles):
    ma("fetch")
    bind(li, noodles, 1)
    for _again in range(2):
        assert poll(li, noodles, 1) == waits(0, 2)
        ma("done", isseller="yes", marchSn=1)
        for _ in range(2):
            assert poll(li, noodles, 1) == ended("ended")
        bring_back(1)
    li("done", sellerId=noodles.pk, marchSn=1)
    assert poll(li, noodles, 1) == ended("collected")


def test_nothing_ended_is_kept_until_the_student_binds_something(ma, li, wang, noodles):
    ma("fetch")
    ma("fetch")
    assert [statements(li, noodles, 1) for _ in range(2)] == [3, 0]
    bind(wang, noodles, 2)
    assert [statements(li, noodles, 1) for _ in range(2)] == [0, 0]
    bind(li, noodles, 1)
    assert poll(li, noodles, 1) == waits(1, 2)
    ma("done", isseller="yes", marchSn=1)
    assert [statements(li, noodles, 1) for _ in range(2)] == [1, 0]
    assert poll(li, noodles, 1) == ended("ended")


def before(monkeypatch, name, meanwhile):
    """Let something happen right before that function of polls is called, the first time."""
    function = getattr(polls, name)

    def wrapped(*args):
        monkeypatch.setattr(polls, name, function)
        meanwhile()
        return function(*args)

    monkeypatch.setattr(polls, name, wrapped)


@pytest.mark.parametrize("moment", ["kept_closing", "read_closing"])
def test_what_is_looked_up_while_the_student_binds_hides_no_end(monkeypatch, ma, li, noodles, moment):
    """It saw that no order lives; then Li binds one; then it sees that none has ended, which will not stay so."""
    ma("fetch")
    assert poll(li, noodles, 2) == NOT_READY  # the session and the stall's numbers are known
    before(monkeypatch, moment, lambda: bind(li, noodles, 1))
    assert poll(li, noodles, 1) == NOT_READY
    ma("done", isseller="yes", marchSn=1)
    assert poll(li, noodles, 1) == ended("ended")


def test_with_several_hosts_an_end_is_told_a_second_later_at_most(monkeypatch, settings, ma, li, noodles):
    settings.MEMORY = "several-hosts"
    ma("fetch")
    assert poll(li, noodles, 1) == NOT_READY
    with unannounced():  # another host has a file of its own
        now = timezone.now()
        ended_there = {"live_number": None, "closed_at": now, "ending": "collected"}
        Order.objects.update(buyer=li.person, bound_at=now, **ended_there)
    now = versions.time.monotonic()
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 1)
    assert poll(li, noodles, 1) == ended("collected")
