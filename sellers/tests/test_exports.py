"""CSV files for Excel."""

import cProfile
import csv
import io
import pstats
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from callme_site.testing.announced import unannounced
from conftest import MA_TELEPHONE, make_seller
from queueing import taking
from queueing.models import Order
from sellers.exports import harmless
from sellers.models import Seller
from sellers.records import BalanceEntry

EXPORT = reverse("admin:sellers_seller_export")
ENDS = [("0001-01-01", "2027-03-15"), ("2027-03-15", "9999-12-31"), ("0001-01-01", "0001-01-01")]


@pytest.fixture
def office(client, db):
    client.force_login(User.objects.create_superuser("staff"))
    return client


def at(*when):
    return time_machine.travel(datetime(*when, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def table(client, name, first, last):
    response = client.get(EXPORT, {"table": name, "first": first, "last": last})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = response.getvalue().decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))


def test_it_exports_the_ledger_of_some_days(office):
    staff = User.objects.get()
    with at(2027, 3, 14, 23, 59, 59):
        Seller.objects.renew(MA_TELEPHONE, 1, staff, "before")
    with at(2027, 3, 15):
        Seller.objects.renew(MA_TELEPHONE, 3, staff, "收据 7")
        with unannounced():
            Seller.objects.update(name="拉面")
    with at(2027, 3, 16, 23, 59, 59):
        Seller.objects.renew(MA_TELEPHONE, 2, None)
    with at(2027, 3, 17):
        Seller.objects.renew(MA_TELEPHONE, 4, staff, "after")
    office.force_login(staff)
    assert table(office, "ledger", "2027-03-15", "2027-03-16") == [
        ["时间", "商家", "手机号", "类型", "月数", "变动后余额", "扣月日", "员工账号", "附言"],
        ["2027-03-15 00:00:00", "拉面", MA_TELEPHONE, "续费", "3", "4", "", "staff", "收据 7"],
        ["2027-03-16 23:59:59", "拉面", MA_TELEPHONE, "续费", "2", "6", "", "", ""],
    ]


def test_it_exports_the_sellers(office, ma, noodles):
    rice = make_seller("13900000002", months=0, name="=cmd|' /C calc'!A0", person_name="", switched_off=True)
    taking.take(noodles)
    taking.take(noodles)
    with unannounced():
        Order.objects.filter(number=1).close(Order.Ending.UNCOLLECTED)
    today = str(noodles.on_duty_since)
    rows = table(office, "sellers", today, today)
    assert rows[0] == [
        "编号", "名称", "联系人", "手机号", "剩余月数", "下次扣月日", "已绑定手机", "已停用", "售出月数",
        "订单", "未取餐",
    ]  # fmt: skip
    assert rows[1:] == [
        [str(noodles.pk), "拉面", "马师傅", MA_TELEPHONE, "3", str(noodles.next_charge_on), "是", "否", "3", "2", "1"],
        [str(rice.pk), "'=cmd|' /C calc'!A0", "", "13900000002", "0", "", "否", "是", "0", "0", "0"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start):
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(-1) == -1
    assert harmless("1-1") == "1-1"


@pytest.mark.parametrize("days", [("2027-03-16", "2027-03-15"), ("x", "2027-03-15"), ("", ""), *ENDS])
def test_days_that_make_no_range_are_told(office, days):
    response = office.get(EXPORT, {"table": "ledger", "first": days[0], "last": days[1]})
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "errorlist" in response.text


def test_it_asks_for_the_days(office):
    assert office.get(EXPORT).status_code == 200
    assert office.get(EXPORT, {"table": "secrets", "first": "2027-03-15", "last": "2027-03-15"}).status_code == 200


def test_who_may_not_see_may_not_export(client, db):
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(EXPORT).status_code == 403


def test_who_may_not_see_the_ledger_may_not_export_it(client, db):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_seller"))
    client.force_login(clerk)
    assert 'value="ledger"' not in client.get(EXPORT).text
    assert len(table(client, "sellers", "2027-03-15", "2027-03-15")) == 1
    days = {"first": "2027-03-15", "last": "2027-03-15"}
    assert client.get(EXPORT, {"table": "ledger", **days}).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_balanceentry"))
    assert 'value="ledger"' in client.get(EXPORT).text
    assert len(table(client, "ledger", "2027-03-15", "2027-03-15")) == 1


def test_a_row_of_the_ledger_costs_little(office, noodles, django_assert_max_num_queries):
    """Counted in calls of functions, of which a model for each row takes 300; time tells nothing on a busy machine."""
    day = "2027-03-15", "2027-03-15"
    with at(2027, 3, 15, 12):
        BalanceEntry.objects.bulk_create(
            BalanceEntry(seller=noodles, kind="renewal", months=1, balance_after=1, memo="收据") for _ in range(1200)
        )
    office.force_login(User.objects.get())
    profile = cProfile.Profile()
    with django_assert_max_num_queries(6):
        rows = profile.runcall(table, office, "ledger", *day)
    assert len(rows) == 1201
    assert pstats.Stats(profile).total_calls < 150 * len(rows)
