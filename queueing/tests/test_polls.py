"""Q08 has a usual way and two short ones, and a poll is answered alike whichever it takes."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import MySQLdb
import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Session
from callme_site import changes
from callme_site.protocol import registry
from callme_site.tests.test_bad_input import ENCODINGS
from conftest import Phone, make_seller
from queueing import polls
from queueing.models import Order
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)

READY = {"hungrySuccess": "success"}
NOT_READY = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}
OVER = {"queryErr": "Session Time Out"}


def usual_way(monkeypatch, settings):
    monkeypatch.setitem(registry, "hungry", replace(registry["hungry"], shortcut=None))


def one_statement(monkeypatch, settings):
    settings.MEMORY = "off"


def from_memory(monkeypatch, settings):
    pass


@pytest.fixture(params=[usual_way, one_statement, from_memory], ids=lambda way: way.__name__)
def way(request, monkeypatch, settings):
    """Let the polls take one of the ways there are."""
    request.param(monkeypatch, settings)


@pytest.fixture
def orders(ma, li, wang, noodles):
    """Numbers 1 to 4 of Ma's: nobody's, Li's, Li's and called, nobody's and called; 5 is Wang's and called, 6 ended."""
    for number in range(1, 7):
        ma("fetch")
        if number in (2, 3, 5, 6):
            (wang if number == 5 else li)("push", sellerId=noodles.pk, marchSn=number, noteContent="面")
        if number > 2:
            ma("call", marchSn=number)
    ma("done", isseller="yes", marchSn=6)
    return noodles


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_answers_what_is_there_alike(way, ma, li, wang, orders, encoding):
    elsewhere = make_seller("13800000009")
    for _again in range(3):
        for phone, ready in [(li, {3, 4}), (wang, {4, 5}), (ma, {4})]:
            for number in range(1, 8):
                answer = phone("hungry", encoding=encoding, sellerId=orders.pk, marchSn=number)
                assert answer == (READY if number in ready else NOT_READY), (number, _again)
            assert phone("hungry", encoding=encoding, sellerId=elsewhere.pk, marchSn=4) == NOT_READY


ODD = ["", " ", "0", "-1", "100", "1e1", "{}.0", "x", "４", "\0", "9" * 18, "9" * 19, "9" * 400, "+{}", "{}{}{}"]
ODD_IN_JSON = [None, True, False, 4.5, [4], {"4": 4}, "\ud800"]
FITTING = ["{}", "{} ", " {}", "0{}"]  # blanks and zeros around a number have never mattered


@pytest.mark.parametrize("field", ["sellerId", "marchSn"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_answers_what_is_odd_alike(way, li, orders, encoding, field):
    usual = {"sellerId": orders.pk, "marchSn": 4}
    right = usual.pop(field)
    for text in FITTING:
        value = text.replace("{}", str(right))
        assert li("hungry", encoding=encoding, **usual, **{field: value}) == READY, repr(value)
    for text in ODD + (ODD_IN_JSON if encoding == "json" else []):
        value = text.replace("{}", str(right)) if isinstance(text, str) else text
        assert li("hungry", encoding=encoding, **usual, **{field: value}) == NOT_READY, repr(value)
    assert li("hungry", encoding=encoding, **usual) == NOT_READY


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_answers_a_session_that_is_none_alike(way, li, orders, encoding):
    keys = ["", "0" * 40, li.session_key.upper(), li.session_key[1:], li.session_key + "0", f"{li.session_key}\n", "🍜"]
    for key in keys + ([1, ["0"], True] if encoding == "json" else []):
        assert Phone(key)("hungry", encoding=encoding, sellerId=orders.pk, marchSn=3) == OVER, key
    assert Phone()("hungry", encoding=encoding, sellerId=orders.pk, marchSn=3) == {"queryErr": "Illegal query"}


def test_it_answers_a_session_alike_to_the_second(way, ma, orders):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("zhao")
        for seconds, answer in [(0, READY), (3599, READY), (1, OVER), (0, OVER)]:
            clock.shift(seconds)
            assert phone("hungry", sellerId=orders.pk, marchSn=4) == answer
        Phone.of("zhao")  # the same 3rd_session, and another hour
        assert phone("hungry", sellerId=orders.pk, marchSn=4) == READY
        clock.shift(-1800)  # the clock is set back: nobody's hour gets longer
        assert phone("hungry", sellerId=orders.pk, marchSn=4) == OVER


def unbind(ma):
    clerk = User.objects.create_user("clerk")
    seller = Seller.objects.get(person=ma.person)
    Seller.objects.unbind(seller.pk, staff_user=clerk, request="00000000-0000-0000-0000-000000000001")


# What happens, to which number, who polls, and what is answered before and after.
EVENTS = {
    "called": (lambda ma, li, wang: ma("call", marchSn=2), 2, "li", NOT_READY, READY),
    "called, nobody's": (lambda ma, li, wang: ma("call", marchSn=1), 1, "li", NOT_READY, READY),
    "collected": (lambda ma, li, wang: li("done", sellerId=shop(), marchSn=3), 3, "li", READY, NOT_READY),
    "ended": (lambda ma, li, wang: ma("done", isseller="yes", marchSn=3), 3, "li", READY, NOT_READY),
    "cleared": (lambda ma, li, wang: ma("clear"), 4, "li", READY, NOT_READY),
    "bound": (
        lambda ma, li, wang: wang("push", sellerId=shop(), marchSn=4, noteContent="面"), 4, "li", READY, NOT_READY,
    ),
    "closed by staff": (lambda ma, li, wang: Order.objects.end_all([live(3)]), 3, "li", READY, NOT_READY),
    "abandoned": (lambda ma, li, wang: abandon(), 3, "li", READY, NOT_READY),
    "unbound": (lambda ma, li, wang: unbind(ma), 4, "ma", READY, OVER),
}  # fmt: skip


def shop():
    return Seller.objects.get().pk


def live(number):
    return Order.objects.get(live_number=number).pk


def abandon():
    Order.objects.update(taken_at=Order.objects.earliest("pk").taken_at - timedelta(hours=13))
    call_command("close_stale_orders", verbosity=0)


@pytest.mark.parametrize(("event", "number", "name", "before", "after"), EVENTS.values(), ids=EVENTS)
def test_it_is_right_in_the_very_next_poll(way, ma, li, wang, orders, event, number, name, before, after):
    phone = {"ma": ma, "li": li}[name]
    for _ in range(3):
        assert phone("hungry", sellerId=orders.pk, marchSn=number) == before
    event(ma, li, wang)
    for _ in range(2):
        assert phone("hungry", sellerId=orders.pk, marchSn=number) == after


def statements(phone, seller, number=3):
    with CaptureQueriesContext(connection) as captured:
        phone("hungry", sellerId=seller.pk, marchSn=number)
    return len(captured)


def test_it_asks_the_database_once_or_never(monkeypatch, settings, li, wang, orders):
    changes.tally().forget()
    assert [statements(li, orders) for _ in range(3)] == [2, 0, 0]
    assert [statements(wang, orders, number) for number in (1, 2, 7)] == [1, 0, 0]
    with changes.changing(changes.orders_of(orders.pk)):
        assert [statements(li, orders) for _ in range(3)] == [1, 1, 1]
    assert [statements(li, orders) for _ in range(3)] == [1, 0, 0]
    with changes.changing(changes.orders_of(orders.pk + 1)):
        assert statements(li, orders) == 0
    settings.MEMORY = "off"
    assert [statements(li, orders) for _ in range(2)] == [1, 1]
    usual_way(monkeypatch, settings)
    assert statements(li, orders) == 2


def test_it_believes_its_memory_for_a_minute_though_nobody_tells_it_of_changes(monkeypatch, li, orders):
    assert li("hungry", sellerId=orders.pk, marchSn=3) == READY
    Order.objects.filter(live_number=3).update(called_at=None)  # as by hand in SQL
    assert li("hungry", sellerId=orders.pk, marchSn=3) == READY
    now = changes.time.monotonic()
    monkeypatch.setattr(changes.time, "monotonic", lambda: now + 61)
    assert li("hungry", sellerId=orders.pk, marchSn=3) == NOT_READY


def test_with_several_hosts_polls_alone_are_answered_from_memory_and_for_a_second(monkeypatch, settings, li, orders):
    settings.MEMORY = "several-hosts"
    changes.tally().forget()
    assert [statements(li, orders) for _ in range(3)] == [2, 0, 0]
    with CaptureQueriesContext(connection) as captured:
        li("seller_list")
        li("seller_list")
        li("menu", sellerId=orders.pk)
    assert len([query for query in captured if "accounts_session" in query["sql"]]) == 3
    now = changes.time.monotonic()
    monkeypatch.setattr(changes.time, "monotonic", lambda: now + 1)
    assert statements(li, orders) == 2


def test_it_forgets_all_when_it_knows_too_much(monkeypatch, li, wang, orders):
    monkeypatch.setattr(polls.called_numbers, "most", 1)
    other = make_seller("13800000009")
    assert [statements(li, seller) for seller in (orders, other, other, orders)] == [2, 1, 0, 1]
    assert len(polls.called_numbers.values) == 1


@pytest.mark.mariadb
def test_it_connects_again_where_the_connection_was_lost(settings, li, orders):
    settings.MEMORY = "off"
    with closing(MySQLdb.connect(**connection.get_connection_params())) as other:
        other.query(f"KILL {connection.connection.thread_id()}")
    assert li("hungry", sellerId=orders.pk, marchSn=3) == READY


def test_the_session_job_leaves_no_session_that_lies_ahead(db):
    """When the clock gets there once more, it would live another hour."""
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("li")
        clock.shift(-3600)
        assert phone("hungry", sellerId=1, marchSn=1) == OVER
        call_command("expire_sessions", verbosity=0)
        assert not Session.objects.exists()


@pytest.mark.parametrize(("error", "doubted"), [(OperationalError(2013, "lost"), True), (ValueError(), False)])
def test_it_asks_again_while_a_change_is_in_doubt(monkeypatch, li, orders, error, doubted):
    """A connection that was lost at the COMMIT may have been heard."""
    statements(li, orders)
    with pytest.raises(type(error)), changes.changing(changes.orders_of(orders.pk)):
        raise error
    assert [statements(li, orders) for _ in range(3)] == ([1, 1, 1] if doubted else [1, 0, 0])
    now = changes.time.monotonic()
    monkeypatch.setattr(changes.time, "monotonic", lambda: now + 61)
    statements(li, orders)
    assert statements(li, orders) == 0
