"""The clock is set back while orders live: their times never run backwards."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from callme_site.models import JobRun
from queueing.models import Order

NOON = datetime(2027, 3, 15, 12, 0, 0, 250_000, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock(ma, li):
    """A clock that stands still unless moved; it is moved by minutes."""

    def move(minutes):
        clock.shift(timedelta(minutes=minutes))
        # A session that has not begun yet is none.
        for phone, name in ((ma, "ma"), (li, "li")):
            phone.session_key = type(phone).of(name).session_key

    with time_machine.travel(NOON, tick=False) as clock:
        move(0)
        yield move


def push(li, noodles):
    assert li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面") == {"pushSuccess": "success"}


def minutes(*names):
    """Return those times of the one order, in minutes after noon."""
    times = [getattr(Order.objects.get(), name) for name in names]
    return [time and (time - NOON) / timedelta(minutes=1) for time in times]


TIMES = ("taken_at", "bound_at", "called_at", "closed_at")


def test_without_that_each_step_has_its_time(clock, ma, li, noodles):
    """The control."""
    ma("fetch")
    clock(1)
    push(li, noodles)
    clock(1)
    ma("call", marchSn=1)
    clock(1)
    li("done", sellerId=noodles.pk, marchSn=1)
    assert minutes(*TIMES) == [0, 1, 2, 3]


def test_set_back_before_every_step(clock, ma, li, noodles):
    ma("fetch")
    clock(-10)
    push(li, noodles)
    clock(-10)
    ma("call", marchSn=1)
    clock(-10)
    li("done", sellerId=noodles.pk, marchSn=1)
    assert minutes(*TIMES) == [0, 0, 0, 0]
    assert Order.objects.get().waiting_time == timedelta(0)


def test_set_back_after_the_binding(clock, ma, li, noodles):
    ma("fetch")
    clock(5)
    push(li, noodles)
    clock(-10)
    assert Order.objects.get().waiting_time == timedelta(0)
    ma("call", marchSn=1)
    ma("done", isseller="yes", marchSn=1)
    assert minutes(*TIMES) == [0, 5, 5, 5]


def test_set_back_after_a_call_that_came_before_the_binding(clock, ma, li, noodles):
    ma("fetch")
    clock(5)
    ma("call", marchSn=1)
    clock(-10)
    push(li, noodles)
    assert minutes(*TIMES) == [0, 5, 5, None]


@pytest.mark.parametrize("ends", ["clear", "close_stale_orders"])
def test_set_back_before_nobody_has_come(clock, ma, noodles, settings, ends):
    ma("fetch")
    if ends == "clear":
        clock(-10)
        ma("clear")
    else:
        settings.STALE_ORDER_HOURS = -1  # as if it had been abandoned long ago
        clock(-10)
        call_command(ends, verbosity=0)
    assert minutes(*TIMES) == [0, None, None, 0]


def test_a_board_still_knows_a_recall(clock, ma, noodles):
    ma("fetch")
    clock(-10)
    ma("call", marchSn=1)
    first = Order.objects.get().last_called_at
    clock(1)
    ma("call", marchSn=1)
    assert Order.objects.get().last_called_at > first


def test_a_call_is_taken_back_by_the_clock_of_the_call(clock, ma, li, noodles):
    ma("fetch")
    clock(5)
    push(li, noodles)
    clock(-10)
    ma("call", marchSn=1)
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}
    assert minutes("called_at", "last_called_at") == [None, None]


@pytest.mark.parametrize("step", ["call", "done"])
def test_set_back_far_after_a_step_it_is_too_late_to_take_it_back(clock, ma, step):
    """Else it could be taken back until the clock has caught up."""
    ma("fetch")
    clock(15)
    ma(step, marchSn=1, isseller="yes")
    clock(-10)
    assert ma("undo", marchSn=1) == {"undoSuccess": "fail", "failMsg": "Too Late Error"}
    clock(10 - 5 / 60)
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}


def test_a_job_does_not_end_before_it_began(clock, db):
    run = JobRun.objects.create(name="charge_months")
    clock(-10)
    run.end(ok=True, said="")
    assert JobRun.objects.get().ended_at == NOON
