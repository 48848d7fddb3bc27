"""The orders in the console."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from callme_site import paginator
from conftest import Phone, make_seller
from queueing.models import Order

LIST = reverse("admin:queueing_order_changelist")


@pytest.fixture
def office(client, db):
    client.force_login(User.objects.create_superuser("staff"))
    return client


@pytest.fixture
def lunch(ma, li, wang, noodles):
    """Number 1 collected, 2 called, 3 bound, 4 taken, 5 cleared."""
    for _ in range(5):
        ma("fetch")
    for phone, number in ((li, 1), (li, 2), (wang, 3)):
        phone("push", sellerId=noodles.pk, marchSn=number, noteContent=f"第 {number} 份")
    ma("call", marchSn=1)
    li("done", sellerId=noodles.pk, marchSn=1)
    ma("call", marchSn=2)
    Order.objects.filter(number=5).close(Order.Ending.CLEARED)


def shown(client, **query):
    """Return number and state of the orders that the list shows."""
    text = client.get(LIST, query).text
    return re.findall(r'field-number"><a [^>]*>(\d+)</a></th>.*?field-state">(.*?)<', text)


def test_it_shows_the_live_ones_first(office, lunch):
    assert shown(office) == [("2", "已叫号"), ("3", "已绑定"), ("4", "已取号")]


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        ("taken", "4"),
        ("bound", "3"),
        ("called", "2"),
        ("over", "15"),
        ("x", "234"),
    ],
)
def test_it_filters_by_state(office, lunch, state, numbers):
    assert sorted(number for number, _state in shown(office, state=state)) == list(numbers)


def test_it_filters_by_day(office, ma, noodles):
    with time_machine.travel("2027-03-15 00:30+08:00", tick=False) as clock:
        office.force_login(User.objects.get())
        Phone.of("ma")("fetch")
        clock.shift(-3600)
        Phone.of("ma")("fetch")
        clock.shift(3600)
        assert [number for number, _ in shown(office, day="today")] == ["1"]
        assert [number for number, _ in shown(office, day="yesterday")] == ["2"]
        assert [number for number, _ in shown(office, day="2027-03-14")] == ["2"]
        for day in ("week", "rubbish", "9-99", "0001-01-01", "9999-12-31"):
            assert len(shown(office, day=day)) == 2, day


def test_it_finds_a_sellers_orders(office, lunch, noodles):
    rice = make_seller("13900000002", name="煲仔饭")
    Order.objects.take(rice)
    assert shown(office, seller=rice.pk) == shown(office, q="煲仔") == shown(office, q="0002") == [("1", "已取号")]
    assert len(shown(office, seller="x")) == len(shown(office, seller="9" * 30)) == 4
    assert shown(office, q="没有这家") == []


def test_it_tells_the_waiting_time_in_words(office, ma, noodles):
    with time_machine.travel("2027-03-15 12:00+08:00", tick=False) as clock:
        office.force_login(User.objects.get())
        ma, li = Phone.of("ma"), Phone.of("li")
        ma("fetch")
        li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
        clock.shift(timedelta(minutes=7))
        assert re.search(r'field-waiting nowrap">7\xa0分钟<|field-waiting">7\xa0分钟<', office.get(LIST).text)
        ma("call", marchSn=1)
        clock.shift(timedelta(minutes=30))
        assert "7\xa0分钟" in office.get(LIST).text


def test_staff_closes_the_chosen(office, lunch):
    chosen = list(Order.objects.filter(number__in=(1, 2, 4)).values_list("pk", flat=True))
    response = office.post(LIST, {"action": "close", "_selected_action": chosen}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2 个订单已关闭。"]
    assert list(Order.objects.live().values_list("number", flat=True)) == [3]
    assert dict(Order.objects.values_list("number", "ending"))[1] == "collected"
    assert [line.change_message for line in LogEntry.objects.all()] == ["由员工关闭。"] * 2


def test_who_may_only_see_closes_nothing(client, lunch):
    user = User.objects.create_user("observer", is_staff=True)
    user.groups.set([1])
    client.force_login(user)
    client.post(LIST, {"action": "close", "_selected_action": list(Order.objects.values_list("pk", flat=True))})
    assert Order.objects.live().count() == 3


def test_it_does_not_count_the_history(office, noodles, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(paginator, "COUNTED_AT_MOST", 150)
    now = timezone.now()
    Order.objects.bulk_create(
        Order(seller=noodles, number=1, taken_at=now, closed_at=now, ending="ended") for _ in range(400)
    )
    with django_assert_max_num_queries(12) as captured:
        text = office.get(LIST, {"state": "over", "_facets": "True"}).text
    assert "150 订单" in text
    counts = [statement["sql"] for statement in captured if "COUNT(" in statement["sql"]]
    assert counts
    assert all("LIMIT 150" in sql for sql in counts)
