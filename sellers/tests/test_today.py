"""What a clerk, and all of them together, did today: on the front page, and in the ledger by day and staff user."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.urls import reverse

from callme_site.console import paginator
from conftest import make_seller
from sellers.models import Seller
from sellers.records import BalanceEntry

INDEX = reverse("admin:index")
LEDGER = reverse("admin:sellers_balanceentry_changelist")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        yield clock


def make_staff(name, group):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def chen(client, db):
    """Chen, a clerk, whose browser `client` is."""
    chen = make_staff("xiao-chen", "续费员")
    client.force_login(chen)
    return chen


@pytest.fixture
def noodles(db):
    return make_seller()


def sell(seller, months, user, memo=""):
    [entry] = Seller.objects.renew_all([seller.pk], months, staff_user=user, memo=memo, request=uuid4())
    return entry


def correct(seller, months, user):
    return Seller.objects.correct(seller.pk, months, staff_user=user, memo="多收了", request=uuid4())


def sales(client, language="zh-hans"):
    """Return the front page's part of sales without its tags, and the links in it."""
    text = client.get(INDEX, headers={"Accept-Language": language}).text
    found = re.search(r'id="summary-sales">(.*?)<div class="module summary"', text, re.DOTALL)[1]
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(.*?)"', found)]
    return " ".join(re.sub(r"<[^>]*>", " ", found).split()), links


def shown(client, **query):
    """Return the months of the entries that the ledger lists, and what it says that they come to."""
    text = client.get(LEDGER, query).text
    months = [int(months) for months in re.findall(r'field-months">(-?\d+)<', text)]
    return months, re.findall(r"<span>(.*?)</span>", (re.search(r'<p class="sums">(.*?)</p>', text) or [""] * 2)[1])


def test_a_clerk_sees_what_it_did_today(client, chen, noodles, clock):
    sell(noodles, 12, chen)
    clock.move_to(datetime.fromisoformat("2027-03-16 08:05+08:00"))
    client.force_login(chen)
    renewal = sell(noodles, 3, chen, "收据 0042")
    clock.shift(timedelta(minutes=5))
    correct(noodles, -1, chen)
    text, links = sales(client)
    assert text.startswith(
        "今日续费 您今天的操作 08:10 拉面 更正 -1 个月 多收了 08:05 拉面 续费 +3 个月 收据 0042 收据 员工账号"
    )
    assert text.endswith("xiao-chen （您） 1 3 1 合计 1 3 1")
    seller = reverse("admin:sellers_seller_change", args=[noodles.pk])
    receipt = reverse("admin:sellers_seller_receipt", args=[renewal.pk])
    assert links == [seller, seller, receipt, f"{LEDGER}?day=today&staff={chen.pk}", f"{LEDGER}?day=today"]
    assert {client.get(link).status_code for link in links} == {200}


def test_a_clerk_who_has_sold_nothing_is_told_so(client, chen, noodles):
    assert sales(client) == ("今日续费 您今天的操作 您今天还没有售出。", [])


def test_all_clerks_are_added_up(client, chen, noodles):
    lin = make_staff("lao-lin", "主管")
    sell(noodles, 6, lin)
    sell(noodles, 1, chen)
    correct(noodles, -2, lin)
    assert sales(client)[0].endswith("xiao-chen （您） 1 1 0 lao-lin 1 6 1 合计 2 7 1")
    client.force_login(make_staff("guan", "观察员"))
    text, links = sales(client, "en")
    assert text == (
        "Sold today staff user sales months sold corrections lao-lin 1 6 1 xiao-chen 1 1 0 all together 2 7 1"
    )
    assert {client.get(link).status_code for link in links} == {200}


def test_of_many_sales_the_last_are_shown(client, chen, noodles):
    for _ in range(12):
        sell(noodles, 1, chen)
    text, _links = sales(client)
    assert text.count("续费 +1 个月") == 10
    assert "合计 12 12 0" in text


def test_the_recent_actions_say_what_was_done(client, chen, noodles):
    sell(noodles, 3, chen, "收据 0042")
    text = client.get(INDEX).text
    assert "续费 +3 个月，之后余 6 个月；收据 0042" in text[text.index('id="recent-actions-module"') :]


def test_the_ledger_is_filtered_by_day_and_by_staff_user_and_added_up(client, chen, noodles, clock):
    lin = make_staff("lao-lin", "主管")
    sell(noodles, 12, lin)
    clock.shift(timedelta(days=1))
    client.force_login(chen)
    sell(noodles, 3, chen)
    correct(noodles, -1, chen)
    sell(noodles, 6, lin)
    rice = make_seller("13900000002", months=2)
    assert shown(client, day="today") == ([2, 6, -1, 3], ["续费：3 笔，+11 个月", "更正：1 笔，-1 个月"])
    assert shown(client, day="today", staff=chen.pk) == ([-1, 3], ["续费：1 笔，+3 个月", "更正：1 笔，-1 个月"])
    assert shown(client, day="yesterday") == shown(client, day="2027-03-15") == ([12, 3], ["续费：2 笔，+15 个月"])
    assert shown(client, staff=lin.pk) == ([6, 12], ["续费：2 笔，+18 个月"])
    assert shown(client, seller=rice.pk) == ([2], ["续费：1 笔，+2 个月"])
    assert shown(client, day="2027-03-01") == ([], [])
    for rubbish in ({"staff": "x"}, {"staff": "9" * 30}, {"day": "x"}, {"seller": "x"}):
        assert len(shown(client, **rubbish)[0]) == BalanceEntry.objects.count(), rubbish


def test_kinds_begin_with_a_capital_where_a_line_does(client, chen, noodles):
    text = client.get(LEDGER, headers={"Accept-Language": "en"}).text
    assert "<span>Renewal: 1 entry, +3 months</span>" in text
    kinds = text.partition("By kind")[2].partition("</ul>")[0]
    assert re.findall(r">([^<\s][^<]*)</a>", kinds) == ["All", "Renewal", "Monthly charge", "Correction", "Import"]


def test_a_day_is_chosen_in_a_calendar_that_keeps_what_else_was_chosen(client, chen, noodles):
    text = client.get(LEDGER, {"day": "today", "staff": chen.pk, "p": 1}).text
    form = re.search(r'<form method="get" class="day">.*?</form>', text, re.DOTALL)[0]
    assert re.findall('name="(.*?)" value="(.*?)"', form) == [("staff", str(chen.pk)), ("day", "2027-03-15")]


def test_what_is_too_much_to_be_counted_is_not_added_up(client, chen, noodles, monkeypatch):
    monkeypatch.setattr(paginator, "COUNTED_AT_MOST", 3)
    for _ in range(3):
        sell(noodles, 1, chen)
    assert shown(client, staff=chen.pk)[1] == ["续费：3 笔，+3 个月"]
    assert shown(client)[1] == []
    assert "请选择日期或员工账号" in client.get(LEDGER).text


@pytest.mark.parametrize(("language", "count"), [("en", "Balance ledger: 2"), ("zh-hans", "余额账本：共 2 条")])
def test_the_ledger_says_how_many_entries_it_shows(client, chen, noodles, language, count):
    for _ in range(2):
        sell(noodles, 1, chen)
    shown = client.get(LEDGER, {"staff_user": chen.pk}, headers={"Accept-Language": language})
    assert count in shown.text
