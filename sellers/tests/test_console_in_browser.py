"""A clerk's morning in Chromium, at a desk and on a phone, against bin/serve."""

import csv
import re
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import expect

from callme_site.testing.browsing import DESKTOP, PHONE, in_browser, log_in, open_page, overflows

pytestmark = in_browser

MAKE_CLERK = """
from django.contrib.auth.models import Group, User
clerk = User.objects.create_user("xiao-chen", password="noodles-and-rice", is_staff=True)
clerk.groups.add(Group.objects.get(name="续费员"))
User.objects.create_superuser("boss", password="noodles-and-rice")
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
    assert page.inner_text(".errorlist") == "手机号已属于 兰州拉面。 改为续费"
    page.fill("#id_telephone", "13800000009")
    page.fill("#id_months", "2")
    page.click("input[name=_save]")
    assert "已增加商家“13800000009”" in message(page)


def renew_by_double_click(page, url):
    page.goto(f"{url}/admin/sellers/seller/?q=13800000009")
    assert not overflows(page)
    page.check(".action-select")
    page.select_option("select[name=action]", "renew")
    page.click("button[name=index]")
    page.check("input[name=term][value='3']")
    assert (page.inner_text(".before"), page.inner_text(".after")) == ("2", "5")
    assert page.inner_text(".until") != page.inner_text(".until-after")
    page.fill("#id_other", "99")
    page.check("input[name=term][value='3']")  # nor does what was typed there keep the page from being sent
    assert (page.inner_text(".after"), page.evaluate("form.checkValidity()")) == ("5", True)
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
    assert page.inner_text("#entries-group").count("收据 0042") == 1
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


LAPTOP = {"width": 1366, "height": 768}
SMALL = {"width": 320, "height": 640}


LANGUAGES = ["zh-CN", "en-US"]


@pytest.mark.parametrize("size", [LAPTOP, PHONE, SMALL], ids=["laptop", "phone", "small"])
def test_renewing_one_stall_from_the_front_page_takes_three_clicks(office, size):
    for language in LANGUAGES:
        with open_page(size, locale=language) as page:
            log_in(page, office.url, "xiao-chen", "noodles-and-rice")
            page.click("#summary-sellers [name=q]")
            page.keyboard.type("0002")
            page.click("#summary-sellers [name=renew]")
            expect(page.locator("[name=term]:focus")).to_have_value("1")
            page.keyboard.press("ArrowRight")
            before, after = page.inner_text(".until"), page.inner_text(".until-after")
            page.click("input[type=submit]")
            assert "+3" in message(page)
            assert before != after
            if language == "zh-CN":
                assert f"{after}到期" in message(page)
            page.click(".messagelist a")
            assert page.inner_text(".receipt tr:nth-child(5) td") == "13800000002"


# A cell is cut off where it, or what is in it, goes beyond the card or the window.
CUT_OFF = """() => [...document.querySelectorAll("#result_list tbody :is(th, td), #desk tbody :is(th, td)")]
    .filter((cell) => cell.getClientRects().length)
    .filter((cell) => {
        const card = cell.closest("tr").getBoundingClientRect(), box = cell.getBoundingClientRect();
        return cell.scrollWidth > cell.clientWidth + 1 || box.right > card.right || box.left < card.left
            || card.right > innerWidth;
    })
    .map((cell) => cell.outerHTML)"""


CARDS = {
    "sellers/seller/": ["__str__", "months_left", "months_end"],
    "queueing/order/": ["number", "seller", "state", "waiting_time", "note"],
    "sellers/balanceentry/": ["seller", "entered", "kind", "months"],
}
PAGES = ("", "renew/?sellers=1,2,3,4", "1/correct/", "2/unbind/", "4/telephone/", "1/sheet/", "receipt/1/")


def test_on_a_phone_lists_are_cards_with_what_matters_first(office):
    note = "牛肉面，不要香菜，多放辣，加一个蛋，" * 5
    stall = office.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    student = office.ask("login", code="sandbox-li")["sessionKey"]
    office.ask("push", student, sellerId=1, marchSn=office.ask("fetch", stall)["marchSn"], noteContent=note)
    for size, language in product([PHONE, SMALL], LANGUAGES):
        with open_page(size, locale=language) as page:
            log_in(page, office.url, "xiao-chen", "noodles-and-rice")
            assert not overflows(page)
            for path, first in CARDS.items():
                page.goto(f"{office.url}/admin/{path}")
                assert not overflows(page)
                assert page.evaluate(CUT_OFF) == []
                assert fields_of_a_card(page)[: len(first)] == first
            page.goto(f"{office.url}/admin/queueing/order/")
            cell, card = page.locator(".field-note"), page.locator("#result_list tbody tr")
            assert cell.inner_text().endswith(note)
            assert cell.bounding_box()["width"] > 0.8 * card.bounding_box()["width"]
            assert page.locator(".field-state").get_attribute("data-heading") in ("状态", "State")
            for path in PAGES:
                page.goto(f"{office.url}/admin/sellers/seller/{path}")
                assert not overflows(page), path
                assert page.evaluate(CUT_OFF) == [], path


def fields_of_a_card(page):
    """Return what the first card tells, from top to bottom."""
    cells = page.locator("#result_list tbody tr").first.locator("[class*=field-]:visible").all()
    tops = {re.search(r"field-(\w+)", cell.get_attribute("class"))[1]: cell.bounding_box()["y"] for cell in cells}
    return sorted(tops, key=tops.get)


def test_receipt_and_sheet_are_a_page_of_a4(office):
    for language, path in product(LANGUAGES, ("1/sheet/", "receipt/1/")):
        with open_page(LAPTOP, locale=language) as page:
            log_in(page, office.url, "xiao-chen", "noodles-and-rice")
            page.goto(f"{office.url}/admin/sellers/seller/{path}")
            expect(page.locator("#print")).to_be_visible()
            assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
            pdf = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
            width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
            assert (round(width), round(height)) == (595, 842)
            page.emulate_media(media="print")
            expect(page.locator("nav")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_clerks_phone_is_found_by_the_code_that_it_shows(office, size):
    with open_page(size) as page:
        page.goto(f"{office.url}/phone/stall/?person=baozi")
        code = page.locator(".code:not(:empty)").inner_text()
        office.ask("login", isseller="yes", code="sandbox-stall2")

        log_in(page, office.url, "boss", "noodles-and-rice")
        page.goto(f"{office.url}/admin/auth/user/?username=xiao-chen")
        page.click("#result_list tbody th a")
        choice = page.locator("#id_wechat_person option")
        expect(choice).to_have_count(3)
        page.fill("[name=code]", code[:4])
        page.click("input[value=查找]")
        expect(choice).to_have_text(["---------", re.compile(f"{code}：")])
        assert not overflows(page)
        page.select_option("#id_wechat_person", index=1)
        page.click("input[name=_save]")
        assert "已修改用户" in message(page)
    clerk = office.ask("login", isseller="yes", code="sandbox-baozi-again")["sessionKey"]
    assert office.ask("admin", clerk)["adminSuccess"] == "success"


def test_a_save_of_a_stalls_page_leaves_the_menu_that_the_stall_has_changed_meanwhile(machine):
    server = machine.start()
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    with open_page() as page:
        log_in(page, server.url, *server.login)
        page.goto(f"{server.url}/admin/sellers/seller/1/change/")
        assert page.input_value("#id_menu").splitlines() == ["牛肉面", "刀削面", "炒拉条"]
        server.ask("update", stall, menuList="凉面，凉皮")
        page.fill("#id_name", "马家面")
        page.click("input[name=_save]")
        assert "马家面" in message(page)
        told = server.ask("info", stall)
        assert (told["sellerName"], told["menuList"]) == ("马家面", ["凉面", "凉皮"])
        page.goto(f"{server.url}/admin/sellers/seller/1/change/")
        page.fill("#id_menu", "凉面\n\n 担担面\u3000 小碗 ")
        page.click("input[name=_save]")
        assert server.ask("info", stall)["menuList"] == ["凉面", "担担面 小碗"]
