"""Q08 has a usual way and two short ones, and a poll is answered alike whichever it takes."""

from contextlib import closing
from datetime import timedelta

import MySQLdb
import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session
from callme_site.storage import versions
from callme_site.testing.announced import unannounced
from callme_site.testing.phones import NOT_READY
from conftest import ENCODINGS, Phone, forget, make_seller
from queueing import polls
from queueing.models import Order
from queueing.tests.conftest import usual_way
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)

READY = {"hungrySuccess": "success"}
NEXT = {**NOT_READY, "ahead": 0, "retryAfter": 2}
OVER = {"queryErr": "Session Time Out"}


def ended(ending):
    return {**NOT_READY, "ended": ending}


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
            own = {2: NEXT, 6: ended("ended")} if phone is li else {}
            for number in range(1, 8):
                answer = phone("hungry", encoding=encoding, sellerId=orders.pk, marchSn=number)
                assert answer == (READY if number in ready else own.get(number, NOT_READY)), (number, _again)
            assert phone("hungry", encoding=encoding, sellerId=elsewhere.pk, marchSn=4) == NOT_READY


ODD = ["", " ", "0", "-1", "100", "1e1", "{}.0", "x", "\0", "9" * 18, "9" * 19, "9" * 400, "+{}", "{}{}{}"]
ODD_IN_JSON = [None, True, False, 4.5, [4], {"4": 4}, "\ud800"]
FITTING = ["{}", "{} ", " {}", "0{}"]  # blanks and zeros around a number have never mattered


@pytest.mark.parametrize("field", ["sellerId", "marchSn"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_answers_what_is_odd_alike(way, li, orders, encoding, field):
    usual = {"sellerId": orders.pk, "marchSn": 4}
    right = usual.pop(field)
    full_width = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in str(right))
    for value in [*(text.replace("{}", str(right)) for text in FITTING), full_width]:
        assert li("hungry", encoding=encoding, **usual, **{field: value}) == READY, repr(value)
    for text in ODD + (ODD_IN_JSON if encoding == "json" else []):
        value = text.replace("{}", str(right)) if isinstance(text, str) else text
        if value != str(right):  # a stall's id may well be 100
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
    Seller.objects.unbind(seller.pk, ma.person.pk, staff_user=clerk, request="00000000-0000-0000-0000-000000000001")


# What happens, to which number, who polls, and what is answered before and after.
EVENTS = {
    "called": (lambda ma, li, wang: ma("call", marchSn=2), 2, "li", NEXT, READY),
    "called, nobody's": (lambda ma, li, wang: ma("call", marchSn=1), 1, "li", NOT_READY, READY),
    "called, several": (lambda ma, li, wang: ma("call", marchSn="1,2"), 2, "li", NEXT, READY),
    "a call taken back": (lambda ma, li, wang: ma("undo", marchSn=3), 3, "li", READY, {**NEXT, "ahead": 1}),
    "an end taken back": (lambda ma, li, wang: ma("undo", marchSn=6), 6, "li", ended("ended"), READY),
    "collected": (lambda ma, li, wang: li("done", sellerId=shop(), marchSn=3), 3, "li", READY, ended("collected")),
    "ended": (lambda ma, li, wang: ma("done", isseller="yes", marchSn=3), 3, "li", READY, ended("ended")),
    "cleared": (lambda ma, li, wang: ma("clear"), 4, "li", READY, NOT_READY),
    "bound": (
        lambda ma, li, wang: wang("push", sellerId=shop(), marchSn=4, noteContent="面"), 4, "li", READY, NOT_READY,
    ),
    "closed by staff": (lambda ma, li, wang: Order.objects.end_all([live(3)]), 3, "li", READY, ended("ended")),
    "abandoned": (lambda ma, li, wang: abandon(), 3, "li", READY, ended("abandoned")),
    "ended before it was called": (
        lambda ma, li, wang: ma("done", isseller="yes", marchSn=2), 2, "li", NEXT, ended("ended"),
    ),
    "not collected": (lambda ma, li, wang: end_as("uncollected", 3), 3, "li", READY, ended("uncollected")),
    "brought back": (lambda ma, li, wang: bring_back(6), 6, "li", ended("ended"), READY),
    "handed out again": (lambda ma, li, wang: hand_out(6), 6, "li", ended("ended"), ended("ended")),
    "handed out again, and somebody else's": (
        lambda ma, li, wang: (hand_out(6), wang("push", sellerId=shop(), marchSn=6, noteContent="")),
        6, "li", ended("ended"), ended("ended"),
    ),
    "handed out again, and one's own again": (
        lambda ma, li, wang: (hand_out(6), li("push", sellerId=shop(), marchSn=6, noteContent="")),
        6, "li", ended("ended"), {**NOT_READY, "ahead": 1, "retryAfter": 2},
    ),
    "unbound": (lambda ma, li, wang: unbind(ma), 4, "ma", READY, OVER),
}  # fmt: skip


def shop():
    return Seller.objects.get().pk


def live(number):
    return Order.objects.get(live_number=number).pk


def end_as(ending, number):
    order = Order.objects.filter(seller=shop(), live_number=number)
    with versions.changing(versions.orders_of(shop())):
        order.update(live_number=None, slot=None, closed_at=timezone.now(), ending=ending)


def bring_back(number):
    """Take back the end of the number, as an undo does."""
    order = Order.objects.filter(number=number).latest("closed_at")
    with unannounced(), versions.changing(versions.orders_of(order.seller_id), versions.bindings_of(order.buyer_id)):
        Order.objects.filter(pk=order.pk, seller=order.seller_id).update(live_number=number, closed_at=None, ending="")


def hand_out(number):
    """Let the stall take that number, whichever its turn is."""
    with versions.changing(versions.orders_of(shop())):
        Order.objects.create(seller_id=shop(), number=number, live_number=number)


def abandon():
    with unannounced():
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
    forget()
    assert [statements(li, orders) for _ in range(3)] == [2, 0, 0]
    assert [statements(li, orders, 2) for _ in range(3)] == [0, 0, 0]
    # What is no order of one's own may have been one a moment ago.
    assert [statements(wang, orders, number) for number in (1, 2, 7, 1, 2, 7)] == [2, 1, 1, 0, 0, 0]
    with versions.changing(versions.orders_of(orders.pk)):
        assert [statements(li, orders) for _ in range(3)] == [1, 1, 1]
        assert [statements(li, orders, number) for number in (2, 6)] == [1, 2]
    assert [statements(li, orders) for _ in range(3)] == [1, 0, 0]
    with versions.changing(versions.orders_of(orders.pk + 1)):
        assert statements(li, orders) == 0
    settings.MEMORY = "off"
    assert [statements(li, orders, number) for number in (3, 2, 6)] == [1, 1, 2]
    usual_way(monkeypatch, settings)
    assert [statements(li, orders, number) for number in (3, 2, 6)] == [2, 4, 4]


def test_it_believes_its_memory_for_a_minute_though_nobody_tells_it_of_changes(monkeypatch, li, orders):
    assert li("hungry", sellerId=orders.pk, marchSn=3) == READY
    with unannounced():
        Order.objects.filter(live_number=3).update(called_at=None)  # as by hand in SQL
    assert li("hungry", sellerId=orders.pk, marchSn=3) == READY
    now = versions.time.monotonic()
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 61)
    assert li("hungry", sellerId=orders.pk, marchSn=3) == {**NOT_READY, "ahead": 1, "retryAfter": 2}


def test_with_several_hosts_polls_alone_are_answered_from_memory_and_for_a_second(monkeypatch, settings, li, orders):
    settings.MEMORY = "several-hosts"
    forget()
    assert [statements(li, orders) for _ in range(3)] == [2, 0, 0]
    with CaptureQueriesContext(connection) as captured:
        li("seller_list")
        li("seller_list")
        li("menu", sellerId=orders.pk)
    assert len([query for query in captured if "accounts_session" in query["sql"]]) == 3
    now = versions.time.monotonic()
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 1)
    assert statements(li, orders) == 2


def test_it_forgets_all_when_it_knows_too_much(monkeypatch, li, wang, orders):
    monkeypatch.setattr(polls.live_numbers, "most", 1)
    monkeypatch.setattr(polls.closings, "most", 1)
    other = make_seller("13800000009")
    assert [statements(li, seller) for seller in (orders, other, other, orders)] == [2, 2, 0, 1]
    assert [statements(li, orders, number) for number in (6, 6, 7, 6)] == [1, 0, 1, 1]
    assert len(polls.live_numbers.values) == len(polls.closings.values) == 1


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
    with pytest.raises(type(error)), versions.changing(versions.orders_of(orders.pk)):
        raise error
    assert [statements(li, orders) for _ in range(3)] == ([1, 1, 1] if doubted else [1, 0, 0])
    now = versions.time.monotonic()
    monkeypatch.setattr(versions.time, "monotonic", lambda: now + 61)
    statements(li, orders)
    assert statements(li, orders) == 0
