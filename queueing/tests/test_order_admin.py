"""The orders in the console."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from callme_site.console import paginator
from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller
from queueing import taking
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
    with unannounced():
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
        ("closed", "15"),
        ("all", "12345"),
        ("x", "234"),
    ],
)
def test_it_filters_by_state(office, lunch, state, numbers):
    assert sorted(number for number, _state in shown(office, state=state)) == list(numbers)


@pytest.fixture
def forgotten(db):
    """Number 1 was called a quarter of an hour ago, 2 a second later; 3 was closed as not collected, 4 eight days ago.

    Number 5 was collected.
    """
    seller, now = make_seller(), timezone.now()
    times = {"taken_at": now - timedelta(minutes=20), "bound_at": now - timedelta(minutes=19)}
    quarter = now - timedelta(minutes=15)
    with unannounced():
        for number, called in ((1, quarter), (2, quarter + timedelta(seconds=1))):
            Order.objects.create(seller=seller, number=number, live_number=number, called_at=called, **times)
        old = now - timedelta(days=8)
        for number, ending, ended in ((3, "uncollected", now), (4, "uncollected", old), (5, "collected", now)):
            taken = ended - timedelta(minutes=20)
            Order.objects.create(
                seller=seller, number=number, taken_at=taken, called_at=taken, closed_at=ended, ending=ending
            )
    return seller


@pytest.fixture
def still():
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        yield clock


@pytest.mark.parametrize(
    ("state", "day", "found"),
    [
        ("", "", [("1", "已叫号，未取餐")]),
        ("called", "today", [("1", "已叫号，未取餐")]),
        ("taken", "", []),
        ("closed", "", [("3", "未取餐")]),
        ("closed", "rubbish", [("3", "未取餐")]),
        ("closed", "2027-03-07", [("4", "未取餐")]),
        ("all", "", [("3", "未取餐"), ("1", "已叫号，未取餐")]),
        ("all", "today", [("3", "未取餐"), ("1", "已叫号，未取餐")]),
        ("all", "yesterday", []),
    ],
)
def test_it_shows_what_nobody_fetched(still, office, forgotten, state, day, found):
    assert sorted(shown(office, uncollected="yes", state=state, day=day)) == sorted(found)


def test_of_a_history_it_shows_what_nobody_fetched_by_days_alone(still, office, forgotten):
    def days(**query):
        text = office.get(LIST, query).text
        filters = re.search('data-filter-title="日期"[^>]*>(.*?)</ul>', text, re.DOTALL)[1]
        return re.findall(r'<li(?: class="(selected)")?>\s*<a [^>]*>(.*?)</a>', filters)

    last = ["今天", "昨天", "最近 7 天"]
    assert days(uncollected="yes", state="closed") == [("", last[0]), ("", last[1]), ("selected", last[2])]
    assert days(uncollected="yes", state="all", day="today") == [("selected", last[0]), ("", last[1]), ("", last[2])]
    for query in ({"uncollected": "yes"}, {"state": "closed"}):
        assert days(**query) == [("selected", "全部"), *(("", day) for day in last)]


def test_the_pages_tell_a_stalls_line_and_day_as_its_phones_do(still, office, ma, li, noodles):
    still.shift(timedelta(minutes=-30))
    ma, li = Phone.of("ma"), Phone.of("li")
    for number in range(1, 7):
        taking.take(noodles)
        with unannounced():
            Order.objects.filter(number=number).update(bound_at=timezone.now(), buyer=li.person)
        still.shift(timedelta(seconds=20))
        ma("call", marchSn=number)
    still.shift(timedelta(minutes=28))
    taking.take(noodles)
    line, day = Phone.of("li")("menu", sellerId=noodles.pk), Phone.of("ma")("today")
    assert (line["waiting"], line["wait"], day["orders"], day["uncollected"]) == (1, 20, 7, 6)
    office.force_login(User.objects.get())
    page = office.get(reverse("admin:sellers_seller_change", args=[noodles.pk])).text
    figures = re.search(r'<ul class="figures">(.*?)</ul>', page, re.DOTALL)[1]
    assert re.findall("<strong>(.*?)</strong> (.*?)<", figures) == [
        ("1", "待叫订单"),
        ("20 秒", "最近一半的学生等候不超过此时间"),
        ("7", "在外号码"),
        ("7", "今日订单"),
        ("6", "今日未取餐"),
    ]
    row = office.get(reverse("admin:sellers_seller_changelist")).text
    assert re.search(r'field-line[^"]*">(.*?)<', row)[1] == "1 · 20\xa0秒"
    assert re.search(r'field-uncollected_today"><a href="(.*?)">(.*?)<', row)[2] == "6"
    addresses = [address.replace("&amp;", "&") for address in re.findall('href="(.*?)"', figures)]
    assert [office.get(address).context["cl"].result_count for address in addresses] == [7, 7, 6]


def test_a_claim_is_shown_nowhere(office, ma, noodles):
    ma("fetch")
    with unannounced():
        Order.objects.update(claim="8317")
    pages = [LIST, reverse("admin:queueing_order_change", args=[Order.objects.get().pk])]
    pages += [reverse("admin:sellers_seller_changelist"), reverse("admin:sellers_seller_change", args=[noodles.pk])]
    assert [url for url in pages if "8317" in office.get(url).text] == []


def test_no_link_promises_all_and_leads_to_the_live_ones(office, lunch):
    toolbar = office.get(LIST, {"state": "all"}).text.partition('id="toolbar"')[2].partition("</form>")[0]
    assert "找到 5 条" in toolbar
    assert "<a " not in toolbar


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
    taking.take(rice)
    assert shown(office, seller=rice.pk) == shown(office, q="煲仔") == shown(office, q="0002") == [("1", "已取号")]
    assert len(shown(office, seller="x")) == len(shown(office, seller="9" * 30)) == 4
    assert shown(office, q="没有这家") == []


def figures(client):
    """Return the addresses to which the figures of the list of sellers lead."""
    text = client.get(reverse("admin:sellers_seller_changelist")).text
    found = re.findall(r'field-(?:orders_today|numbers_out)"><a href="(.*?)">(\d+)<', text)
    return [(address.replace("&amp;", "&"), int(count)) for address, count in found]


def test_the_figures_of_the_list_of_sellers_lead_to_their_orders(office, lunch, noodles):
    taking.take(make_seller("13900000002", name="煲仔饭"))
    found = figures(office)
    assert [count for _address, count in found] == [5, 3, 1, 1]
    for address, count in found:
        assert office.get(address).context["cl"].result_count == count


def test_a_stalls_page_leads_to_what_else_is_known_of_it(office, lunch, noodles):
    page = office.get(reverse("admin:sellers_seller_change", args=[noodles.pk])).text
    links = re.search(r'<ul class="links">(.*?)</ul>', page)[1].replace("&amp;", "&")
    assert re.findall('href="(.*?)">(.*?)<', links) == [
        (f"{reverse('admin:sellers_balanceentry_changelist')}?seller={noodles.pk}", "余额账本"),
        (reverse("admin:sellers_seller_sheet", args=[noodles.pk]), "窗口张贴页"),
        (f"{LIST}?seller={noodles.pk}&state=all&day=today", "今日订单"),
        (f"/board/{noodles.pk}/", "叫号屏"),
    ]
    assert reverse("admin:sellers_seller_history", args=[noodles.pk]) in page


def test_no_link_leads_to_what_one_may_not_see(client, lunch, noodles):
    user = User.objects.create_user("cook", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_seller"))
    client.force_login(user)
    page = client.get(reverse("admin:sellers_seller_change", args=[noodles.pk])).text
    assert 'class="figures"' not in page
    assert re.findall('href="([^"]*)">[^<]*</a></li>', re.search(r'<ul class="links">(.*?)</ul>', page)[1]) == [
        reverse("admin:sellers_seller_sheet", args=[noodles.pk]),
        f"/board/{noodles.pk}/",
    ]
    assert figures(client) == []


def test_it_tells_the_waiting_time_in_words(office, ma, noodles):
    with time_machine.travel("2027-03-15 12:00+08:00", tick=False) as clock:
        office.force_login(User.objects.get())
        ma, li = Phone.of("ma"), Phone.of("li")
        ma("fetch")
        li("push", sellerId=noodles.pk, marchSn=1, noteContent="")
        clock.shift(timedelta(minutes=7))
        assert re.search(r'field-waiting_time nowrap">7\xa0分钟<|field-waiting_time">7\xa0分钟<', office.get(LIST).text)
        ma("call", marchSn=1)
        clock.shift(timedelta(minutes=30))
        assert "7\xa0分钟" in office.get(LIST).text
        with unannounced():
            Order.objects.update(called_at=F("bound_at"))
        assert "不到一分钟" in office.get(LIST).text


def test_staff_closes_the_chosen(office, lunch):
    chosen = list(Order.objects.filter(number__in=(1, 2, 4)).values_list("pk", flat=True))
    response = office.post(LIST, {"action": "close", "_selected_action": chosen}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2 个订单已关闭。"]
    assert list(Order.objects.live().values_list("number", flat=True)) == [3]
    assert dict(Order.objects.values_list("number", "ending"))[1] == "collected"
    assert [line.get_change_message() for line in LogEntry.objects.all()] == ["由员工关闭。"] * 2
    assert [order.state for order in Order.objects.filter(number__in=(2, 4))] == ["员工关闭"] * 2


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
        text = office.get(LIST, {"state": "closed", "_facets": "True"}).text
    assert "订单：共 150+ 条" in text
    counts = [statement["sql"] for statement in captured if "COUNT(" in statement["sql"]]
    assert counts
    assert all("LIMIT 151" in sql for sql in counts)
