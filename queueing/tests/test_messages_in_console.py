"""What the console tells of messages: each order's in words, what went wrong today, and that all are stopped."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from callme_site.testing.announced import unannounced
from conftest import make_seller
from queueing.models import Order
from queueing.states import Message
from queueing.stops import Stop
from queueing.tests.messaging import messages_on

INDEX, ORDERS = reverse("admin:index"), reverse("admin:queueing_order_changelist")
WORDS = {
    "wanted": ("when it is called", "叫号时发送"),
    "due": ("about to be sent", "即将发送"),
    "sending": ("being sent", "正在发送"),
    "sent": ("sent", "已发送"),
    "refused": ("not allowed by the student", "学生未允许"),
    "failed": ("not sent: WeChat refused it", "未发送：微信拒绝"),
    "uncertain": ("perhaps sent", "可能已发送"),
    "dropped": ("no longer needed", "不再需要"),
}


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def on(settings):
    messages_on(settings)


def look(client, url, language="en"):
    response = client.get(url, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def make_order(seller, number, message="", **columns):
    with unannounced():
        known = {"number": number, "live_number": number, "message": message}
        return Order.objects.create(seller=seller, **{**known, **columns})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("message", WORDS)
def test_an_order_tells_in_words_what_has_become_of_its_message(on, boss, noodles, message, language):
    order = make_order(noodles, 1, message, message_at=timezone.now())
    word = WORDS[message][language == "zh-hans"]
    assert f'<td class="field-message">{word}</td>' in look(boss, ORDERS, language)
    page = look(boss, reverse("admin:queueing_order_change", args=[order.pk]), language)
    assert f'<div class="readonly">{word}</div>' in page


def test_all_words_are_known():
    assert WORDS.keys() | {""} == set(Message.values)


def test_an_order_without_one_tells_nothing_of_it(on, boss, noodles):
    order = make_order(noodles, 1)
    assert '<td class="field-message">-</td>' in look(boss, ORDERS)
    assert "field-message" not in look(boss, reverse("admin:queueing_order_change", args=[order.pk]))


def test_where_there_are_no_messages_the_list_has_no_column_for_them(boss, noodles):
    make_order(noodles, 1)
    assert "message" not in look(boss, ORDERS).partition('id="result_list"')[2].partition("</thead>")[0]
    assert "message=failed" not in look(boss, ORDERS)


def test_the_front_page_is_silent_while_all_is_well(on, boss, noodles):
    for number, message in enumerate(["", "wanted", "due", "sending", "sent", "refused", "dropped"], start=1):
        make_order(noodles, number, message)
    assert "summary-messages" not in look(boss, INDEX)


def test_the_front_page_counts_what_went_wrong_today_and_leads_to_it(on, boss, noodles):
    for number, message in enumerate(["failed", "uncertain", "uncertain", "sent"], start=1):
        make_order(noodles, number, message)
    make_order(noodles, 5, "failed", taken_at=timezone.now() - timedelta(days=2))
    text = look(boss, INDEX)
    part = text.partition('id="summary-messages"')[2].partition("</div>")[0]
    assert "<strong>1</strong> not sent: WeChat refused it" in part
    assert "<strong>2</strong> perhaps sent" in part
    assert "stopped" not in part
    url = f"{ORDERS}?state=all&amp;day=today&amp;message=uncertain"
    assert url in part
    shown = look(boss, url.replace("&amp;", "&"))
    assert shown.count('class="field-message">perhaps sent') == 2
    assert shown.count('class="field-message"') == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 1),
        ({"state": "all"}, 2),
        ({"state": "closed"}, 1),
        ({"state": "closed", "day": "2027-03-07"}, 1),
        ({"state": "closed", "day": "today"}, 0),
    ],
)
def test_of_a_history_it_shows_what_went_wrong_by_days_the_last_seven_at_first(on, client, db, query, found):
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False):
        client.force_login(User.objects.create_superuser("boss"))
        seller, now = make_seller(), timezone.now()
        make_order(seller, 1, "failed")
        for days in (2, 8):
            ended = now - timedelta(days=days)
            make_order(seller, 1, "failed", live_number=None, taken_at=ended, closed_at=ended, ending="collected")
        shown = look(client, f"{ORDERS}?{urlencode({**query, 'message': 'failed'})}")
        assert shown.count('class="field-message"') == found


def test_the_front_page_says_in_red_that_all_are_stopped(on, boss, settings):
    Stop.objects.begin(40037)
    assert "with error 40037" in look(boss, INDEX).partition('<p class="stopped">')[2]
    assert "错误码 40037" in look(boss, INDEX, "zh-hans")
    settings.MESSAGE_TEMPLATE_ID = "another"
    assert "summary-messages" not in look(boss, INDEX)


def test_it_is_for_who_may_see_orders(on, db, client):
    Stop.objects.begin(40037)
    clerk = User.objects.create_user("clerk", is_staff=True)
    client.force_login(clerk)
    assert "summary-messages" not in look(client, INDEX)
    clerk.user_permissions.add(Permission.objects.get(codename="view_order"))
    assert "summary-messages" in look(client, INDEX)
