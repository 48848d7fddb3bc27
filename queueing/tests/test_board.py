"""The calling board as the server answers it: Ma's noodles, and a stall of dumplings beside them."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callme_site.pages import POLICY
from callme_site.storage import versions
from callme_site.storage.versions import EVERYTHING, SELLERS, changing, orders_of
from callme_site.testing.announced import unannounced
from conftest import make_seller
from queueing import taking
from queueing.models import Order
from sellers.models import Seller

NUMBERS = "/board/numbers"


@pytest.fixture
def dumplings(noodles):
    return make_seller("13800000002", name="饺子")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless moved, as does the one by which answers are kept."""
    start, begun = timezone.now(), versions.time.monotonic()
    with time_machine.travel(start, tick=False) as clock:
        monkeypatch.setattr(versions.time, "monotonic", lambda: begun + (timezone.now() - start).total_seconds())
        yield lambda **by: clock.shift(timedelta(**by))


def poll(client, *sellers, **headers):
    ids = ",".join(str(getattr(seller, "pk", seller)) for seller in sellers)
    return client.get(NUMBERS, {"sellers": ids}, headers=headers)


def shown(client, *sellers):
    """Return what a poll shows, when it was called aside."""
    response = poll(client, *sellers)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return [
        (seller["name"], seller["making"], [ready["number"] for ready in seller["ready"]])
        for seller in response.json()["sellers"]
    ]


def called(client, seller, number):
    ready = poll(client, seller).json()["sellers"][0]["ready"]
    return next(entry["called"] for entry in ready if entry["number"] == number)


def test_it_shows_a_number_from_the_taking_to_the_end(client, ma, noodles):
    nothing = {"id": noodles.pk, "name": "拉面", "paused": False, "making": [], "ready": []}
    assert poll(client, noodles).json() == {"sellers": [nothing]}
    for _ in range(3):
        ma("fetch")
    assert shown(client, noodles) == [("拉面", [1, 2, 3], [])]
    ma("call", marchSn=2)
    assert shown(client, noodles) == [("拉面", [1, 3], [2])]
    ma("done", marchSn=2, isseller="yes")
    assert shown(client, noodles) == [("拉面", [1, 3], [])]


def test_it_tells_a_recall_from_the_call(client, ma, noodles):
    ma("fetch")
    before = timezone.now()
    ma("call", marchSn=1)
    first_call = called(client, noodles, 1)
    assert timedelta(0) <= timezone.now() - before < timedelta(minutes=1)
    assert abs(first_call - before.timestamp() * 1000) < 60_000
    with changing(EVERYTHING):
        Order.objects.update(last_called_at=before - timedelta(seconds=9))
    assert called(client, noodles, 1) < first_call
    ma("call", marchSn=1)
    assert called(client, noodles, 1) >= first_call
    order = noodles.orders.get()
    assert order.called_at < order.last_called_at


def test_it_tells_what_is_uncollected_from_that_moment_on(client, clock, ma, noodles):
    """Without a tap of the stall; a recall starts nothing anew."""
    for number in (1, 2):
        ma("fetch")
        ma("call", marchSn=number)
        clock(minutes=5)
    assert uncollected(client, noodles) == {1: False, 2: False}
    ma("call", marchSn=1)
    tag = poll(client, noodles)["ETag"]
    clock(minutes=5, seconds=-1)
    assert poll(client, noodles, if_none_match=tag).status_code == 304
    clock(seconds=1)
    assert uncollected(client, noodles) == {1: True, 2: False}
    clock(minutes=5, seconds=-1)
    assert uncollected(client, noodles) == {1: True, 2: False}
    clock(seconds=1)
    assert uncollected(client, noodles) == {1: True, 2: True}
    ma("done", marchSn=1, isseller="yes")
    assert uncollected(client, noodles) == {2: True}


def uncollected(client, seller):
    ready = poll(client, seller).json()["sellers"][0]["ready"]
    return {entry["number"]: entry["uncollected"] for entry in ready}


def test_it_keeps_an_answer_until_time_alone_changes_it(client, clock, ma, noodles):
    ma("fetch")
    ma("call", marchSn=1)
    clock(minutes=14, seconds=30)
    poll(client, noodles)
    clock(seconds=29)
    with CaptureQueriesContext(connection) as captured:
        poll(client, noodles)
        assert len(captured) == 0
        clock(seconds=1)
        poll(client, noodles)
    assert len(captured) == 2
    clock(seconds=59)  # nothing more comes of time, so it is kept as long as anything
    with CaptureQueriesContext(connection) as captured:
        poll(client, noodles)
    assert len(captured) == 0


def test_it_shows_a_call_that_is_taken_back_as_it_was_before(client, clock, ma, noodles):
    ma("fetch")
    ma("call", marchSn=1)
    first_call = called(client, noodles, 1)
    clock(minutes=1)
    ma("call", marchSn=1)
    assert called(client, noodles, 1) == first_call + 60_000
    ma("undo", marchSn=1)
    assert called(client, noodles, 1) == first_call
    ma("done", marchSn=1, isseller="yes")
    ma("undo", marchSn=1)
    assert called(client, noodles, 1) == first_call
    ma("fetch")
    ma("call", marchSn=2)
    ma("undo", marchSn=2)
    assert shown(client, noodles) == [("拉面", [2], [1])]


def test_it_tells_that_a_stall_hands_out_no_more_for_now(client, clock, noodles, dumplings):
    with changing(SELLERS):
        Seller.objects.filter(pk=noodles.pk).update(paused_until=timezone.now() + timedelta(seconds=30))
    assert paused(client, noodles, dumplings) == [True, False]
    clock(seconds=29)
    assert paused(client, noodles, dumplings) == [True, False]
    clock(seconds=1)  # by itself
    assert paused(client, noodles, dumplings) == [False, False]


def paused(client, *sellers):
    return [seller["paused"] for seller in poll(client, *sellers).json()["sellers"]]


def test_it_tells_how_long_others_waited(client, clock, noodles, dumplings):
    """Half of the last ones, and nothing where there are too few of them, or where that was long ago."""
    now = timezone.now()
    with changing(orders_of(noodles.pk), orders_of(dumplings.pk)):
        for seller, wait in [(noodles, 100), (noodles, 200), (noodles, 312), (noodles, 400), (noodles, 500)] + [
            (dumplings, 60)
        ] * 4:
            bound_at = now - timedelta(minutes=44, seconds=wait)
            times = {"taken_at": bound_at, "bound_at": bound_at, "called_at": now - timedelta(minutes=44)}
            Order.objects.create(seller=seller, number=50, closed_at=now, ending=Order.Ending.COLLECTED, **times)
    assert waits(client, noodles, dumplings) == [312, None]
    clock(seconds=59)
    assert waits(client, noodles, dumplings) == [312, None]
    clock(seconds=1)
    assert waits(client, noodles, dumplings) == [None, None]


def waits(client, *sellers):
    return [seller.get("wait") for seller in poll(client, *sellers).json()["sellers"]]


def test_it_shows_what_was_called_before_recalls_were_kept(client, ma, noodles):
    ma("fetch")
    with unannounced():
        Order.objects.update(called_at=timezone.now())
    assert shown(client, noodles) == [("拉面", [], [1])]


def test_it_shows_a_counter_in_the_order_asked_for(client, noodles, dumplings):
    taking.take(dumplings)
    assert shown(client, dumplings, noodles) == [("饺子", [1], []), ("拉面", [], [])]
    assert shown(client, noodles, dumplings, noodles) == [("拉面", [], []), ("饺子", [1], [])]
    assert client.get(f"{NUMBERS}?sellers=+{dumplings.pk},+{noodles.pk}").json()["sellers"][1]["name"] == "拉面"


def test_it_shows_neither_notes_nor_persons(client, ma, li, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="不要辣")
    ma("call", marchSn=1)
    answers = [poll(client, noodles).text, client.get(f"/board/{noodles.pk}/").text]
    for secret in (
        "不要辣",
        "马师傅",
        noodles.telephone,
        li.person.openid_hash,
        ma.person.openid_hash,
        "buyer",
        "note",
    ):
        assert not any(secret in answer for answer in answers), secret
    assert set(json.loads(answers[0])["sellers"][0]) == {"id", "name", "paused", "making", "ready"}


@unannounced()
def test_it_names_no_telephone_where_a_stall_has_no_name(client, noodles):
    Seller.objects.update(name="")
    assert poll(client, noodles).json()["sellers"][0]["name"] == ""


@unannounced()
def test_a_stall_out_of_months_still_has_a_board(client, noodles):
    taking.take(noodles)
    Seller.objects.update(months=0, on_duty_since=None, next_charge_on=None)
    assert shown(client, noodles) == [("拉面", [1], [])]
    assert client.get(f"/board/{noodles.pk}/").status_code == 200


def test_an_unchanged_board_costs_304_and_no_statement(client, ma, noodles, dumplings):
    ma("fetch")
    ma("call", marchSn=1)
    first = poll(client, noodles, dumplings)
    with CaptureQueriesContext(connection) as captured:
        again = poll(client, noodles, dumplings, if_none_match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert len(captured) == 0, captured.captured_queries
    # nginx marks a tag as weak where it compresses the answer.
    assert poll(client, noodles, dumplings, if_none_match=f"W/{first['ETag']}").status_code == 304
    ma("call", marchSn=1)
    with changing(EVERYTHING):
        Order.objects.update(last_called_at=timezone.now() + timedelta(seconds=1))
    changed = poll(client, noodles, dumplings, if_none_match=first["ETag"])
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


@unannounced()
def test_it_costs_two_statements_however_many_sellers_and_orders(client, noodles):
    sellers = [noodles, *(make_seller(f"139000000{place:02d}", name=f"第 {place} 家") for place in range(19))]
    for seller in sellers:
        Order.objects.bulk_create(Order(seller=seller, number=number, live_number=number) for number in range(1, 100))
    with CaptureQueriesContext(connection) as captured:
        assert [len(making) for _, making, _ in shown(client, *sellers)] == [99] * 20
    assert len(captured) == 2, captured.captured_queries


@pytest.mark.django_db(transaction=True)  # ANALYZE TABLE commits
def test_it_leaves_the_history_alone(client, noodles, dumplings):
    """It reads as many rows of the index as there are live orders, whatever else the stalls have served."""
    now = timezone.now()
    closed = {"closed_at": now, "ending": Order.Ending.COLLECTED}
    Order.objects.bulk_create(
        Order(seller=(noodles, dumplings)[place % 2], number=1 + place % 99, **closed) for place in range(3000)
    )
    taking.take(noodles)
    if connection.vendor == "sqlite":
        with CaptureQueriesContext(connection) as captured:
            poll(client, noodles, dumplings)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
            assert "(seller_id=? AND live_number>?)" in str(cursor.fetchall())
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE queueing_order")
        cursor.fetchall()
        cursor.execute("FLUSH STATUS")
        assert shown(client, noodles, dumplings) == [("拉面", [1], []), ("饺子", [], [])]
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        assert sum(int(count) for _, count in cursor.fetchall()) < 50


def test_a_poll_needs_no_session(client, noodles):
    client.cookies["sessionid"] = "0" * 32
    with CaptureQueriesContext(connection) as captured:
        response = poll(client, noodles)
    assert len(captured) == 2
    assert "Cookie" not in response["Vary"]
    assert (response["Cache-Control"], list(response.cookies)) == ("no-cache", [])


@pytest.mark.parametrize(
    "sellers",
    [
        "", ",", "0", "-N", "a", "N,", "N.5", "N;2", "１", "99999", "9" * 18, "9" * 30, "N\0",
        ",".join(["N", *map(str, range(90000, 90020))]),
    ],
)  # fmt: skip
def test_what_is_no_seller_is_not_found(client, noodles, sellers):
    asked = {"sellers": sellers.replace("N", str(noodles.pk))}
    answer = client.get(NUMBERS, asked)
    assert (answer.status_code, answer.json()) == (404, {"sellers": []})
    page = client.get("/board/", asked)
    assert (page.status_code, is_missing(page)) == (404, True)


@pytest.mark.parametrize(
    "path", ["/board/?sellers=", "/board/0/", "/board/stall/", f"/board/{'9' * 30}/", "/board/%00/"]
)
def test_an_address_of_no_seller_is_not_found(client, noodles, path):
    page = client.get(path)
    assert (page.status_code, is_missing(page)) == (404, True)
    assert client.get(NUMBERS).status_code == 404


def is_missing(page):
    """Return whether the page says that there is no such stall."""
    return bool(re.search(r'<div id="missing" class="notice">\s*<p>没有这个商家', page.text))


def test_a_switched_off_seller_is_not_found_until_it_is_back(client, noodles, dumplings):
    taking.take(noodles)
    tag = poll(client, noodles)["ETag"]
    with changing(SELLERS):
        Seller.objects.filter(pk=noodles.pk).update(switched_off=True)
    assert poll(client, noodles, if_none_match=tag).status_code == 404
    assert is_missing(client.get(f"/board/{noodles.pk}/"))
    assert shown(client, noodles, dumplings) == [("饺子", [], [])]
    assert client.get(f"/board/?sellers={noodles.pk},{dumplings.pk}").status_code == 200
    with changing(SELLERS):
        Seller.objects.update(switched_off=False)
    assert poll(client, noodles, if_none_match=tag).status_code == 304
    assert not is_missing(client.get(f"/board/{noodles.pk}/"))


@pytest.mark.parametrize(
    ("asked", "spoken"), [("zh-CN", "没有这个商家，或者它已停用。"), ("en", "There is no such stall")]
)
def test_it_speaks_the_persons_language(client, noodles, asked, spoken):
    page = client.get("/board/99999/", headers={"Accept-Language": asked})
    assert (page.status_code, spoken in page.text) == (404, True)
    page = client.get(f"/board/{noodles.pk}/", headers={"Accept-Language": asked})
    assert f'<html lang="{page["Content-Language"]}">' in page.text
    texts = {"zh-hans": "请取餐", "en": "Please collect"}
    assert [text in page.text for text in texts.values()] == [name == page["Content-Language"] for name in texts]


@pytest.mark.parametrize("asked", ["zh-CN", "en"])
def test_it_calls_in_chinese_whatever_the_page_speaks(client, noodles, asked):
    page = client.get(f"/board/{noodles.pk}/", headers={"Accept-Language": asked})
    assert 'data-spoken="请 {number} 号取餐"' in page.text
    page = client.get(f"/board/?sellers={noodles.pk},99999", headers={"Accept-Language": asked})
    assert 'data-spoken="{seller}，请 {number} 号取餐"' in page.text
    assert 'data-spoken-reminder="{seller}，{number} 号还没有取，请尽快取餐"' in page.text


def test_the_page_loads_nothing_but_our_files(client, noodles):
    page = client.get(f"/board/{noodles.pk}/")
    assert page["Content-Security-Policy"] == POLICY
    assert "unsafe" not in page["Content-Security-Policy"]
    assert re.findall(r"<(?:script|style)\b(?![^>]* src=)", page.text) == []
    assert re.findall(r"\s(?:style|on\w+)=", page.text) == []
    assert re.findall(r'(?:src|href)="(?!/static/(?:callme|queueing)/|/board/")', page.text) == []
    assert client.get("/board/99999/")["Content-Security-Policy"] == POLICY


def test_the_page_costs_one_statement_and_no_session(client, noodles):
    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"/board/{noodles.pk}/")
    assert len(captured) == 1, captured.captured_queries
    assert "Cookie" not in page["Vary"]


def test_it_is_only_read(client, noodles):
    for path in (NUMBERS, "/board/", f"/board/{noodles.pk}/"):
        assert client.post(path).status_code == 405
