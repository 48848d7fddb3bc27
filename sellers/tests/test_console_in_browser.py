"""A clerk's morning in Chromium, at a desk and on a phone, against bin/serve."""

import csv
import re
from pathlib import Path

import pytest

from callme_site.tests.browsing import DESKTOP, PHONE, log_in, needs_chromium, open_page, overflows

pytestmark = needs_chromium

MAKE_CLERK = """
from django.contrib.auth.models import Group, User
clerk = User.objects.create_user("xiao-chen", password="noodles-and-rice", is_staff=True)
clerk.groups.add(Group.objects.get(name="续费员"))
"""


@pytest.fixture
def office(machine):
    """bin/serve with its sample stalls, and a renewal clerk."""
    server = machine.start()
    machine.manage("shell", "-v0", "-c", MAKE_CLERK)
    return server


def message(page):
    return page.inner_text(".messagelist")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_clerks_morning(office, size, tmp_path):
    with open_page(size) as page:
        log_in(page, office.url, "xiao-chen", "noodles-and-rice")
        assert not overflows(page)
        register(page, office.url)
        renew_by_double_click(page, office.url)
        correct(page)
        unbind(page, office)
        export(page, office.url, tmp_path)
        page.goto(f"{office.url}/admin/queueing/order/")
        assert not overflows(page)


def register(page, url):
    page.goto(f"{url}/admin/sellers/seller/add/")
    assert not overflows(page)
    page.fill("#id_telephone", "13800000001")
    page.click("input[name=_save]")
    assert "手机号" in page.inner_text(".errorlist")
    page.fill("#id_telephone", "13800000009")
    page.fill("#id_months", "2")
    page.click("input[name=_save]")
    assert "成功添加了 商家“13800000009”" in message(page)


def renew_by_double_click(page, url):
    page.goto(f"{url}/admin/sellers/seller/?q=13800000009")
    assert not overflows(page)
    page.check(".action-select")
    page.select_option("select[name=action]", "renew")
    page.click("button[name=index]")
    page.check("input[name=term][value='3']")
    assert (page.inner_text(".before"), page.inner_text(".after")) == ("2", "5")
    page.fill("#id_other", "6")
    assert page.inner_text(".after") == "8"
    assert not overflows(page)
    page.fill("#id_memo", "收据 0042")
    address = page.url
    page.dblclick("input[type=submit]")
    page.wait_for_selector(".messagelist")
    assert "续费 +6 个月，现余 8 个月" in message(page)
    page.goto(address)  # back, and again
    assert "续费 +6 个月，现余 8 个月" in message(page)
    assert re.findall(r"收据 \d+", page.inner_text("#entries-group")) == ["收据 0042"]
    assert not overflows(page)


def correct(page):
    page.click("text=更正余额")
    page.fill("#id_months", "-9")
    page.fill("#id_memo", "多收了")
    page.click("input[type=submit]")
    assert "只剩 8 个月" in page.inner_text(".errorlist")
    page.fill("#id_months", "-1")
    page.click("input[type=submit]")
    assert "更正 -1 个月，现余 7 个月" in message(page)


def unbind(page, office):
    phone = office.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    page.goto(f"{office.url}/admin/sellers/seller/?q=13800000001")
    page.click("#result_list tbody th a")
    page.click("text=解绑手机")
    assert not overflows(page)
    page.click("input[type=submit]")
    assert "已解绑" in message(page)
    assert office.ask("info", phone) == {"queryErr": "Session Time Out"}


def export(page, url, folder: Path):
    page.goto(f"{url}/admin/sellers/seller/export/")
    assert not overflows(page)
    with page.expect_download() as download:
        page.click("button[value=ledger]")
    download.value.save_as(folder / "ledger.csv")
    with (folder / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:3] == ["时间", "商家", "手机号"]
    assert "收据 0042" in [row[-1] for row in rows]
