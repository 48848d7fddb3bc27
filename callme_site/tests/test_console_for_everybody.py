"""The console in Chromium for whoever has no mouse, sees little, or listens; against bin/serve."""

import pytest

from callme_site.testing.browsing import axe_faults, log_in, needs_chromium, open_page, overflows

pytestmark = needs_chromium

LAPTOP = {"width": 1366, "height": 768}
SMALL_PHONE = {"width": 320, "height": 640}
PAGES = [
    *["", "sellers/seller/?q=1", "sellers/seller/1/change/", "sellers/seller/add/", "sellers/seller/1/history/"],
    *["sellers/seller/renew/?sellers=1,2", "sellers/seller/1/correct/", "sellers/seller/1/unbind/"],
    *["sellers/seller/4/open/", "sellers/seller/export/", "sellers/balanceentry/", "sellers/balanceentry/1/change/"],
    *["queueing/order/", "queueing/order/?uncollected=yes&state=all", "auth/user/", "auth/user/1/change/"],
    *["auth/user/add/", "auth/group/1/change/"],
    *[
        "callme_site/jobrun/",
        "accounts/person/?q=1",
        "accounts/textcheck/",
        "password_change/",
        "auth/user/1/password/",
    ],
]


@pytest.fixture
def office(machine):
    """bin/serve with its sample stalls, and a job that ran."""
    server = machine.start()
    machine.manage("expire_sessions")
    return server


@pytest.mark.parametrize("size", [LAPTOP, SMALL_PHONE], ids=["laptop", "phone"])
def test_axe_finds_no_fault_on_any_page(office, size):
    with open_page(size, forgiven="404") as page:  # a style sheet that Django names wrongly on its page for passwords
        page.goto(f"{office.url}/admin/login/")
        faults = {"login": axe_faults(page)}
        log_in(page, office.url, *office.login)
        for path in PAGES:
            page.goto(f"{office.url}/admin/{path}")
            faults[path] = axe_faults(page)
    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_all_columns_are_in_view_on_a_small_laptop(office, locale):
    office.ask("pause", office.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"])
    with open_page(LAPTOP, locale=locale) as page:
        log_in(page, office.url, *office.login)
        page.goto(f"{office.url}/admin/sellers/seller/")
        cut = page.locator(".results").evaluate("results => results.scrollWidth > results.clientWidth")
        assert not cut


@pytest.mark.parametrize("size", [LAPTOP, SMALL_PHONE], ids=["laptop", "phone"])
def test_the_months_are_a_few_keys_away(office, size):
    with open_page(size) as page:
        log_in(page, office.url, *office.login)
        page.goto(f"{office.url}/admin/sellers/seller/renew/?sellers=1")
        assert page.evaluate("document.activeElement.name") == "term"
        page.goto(f"{office.url}/admin/sellers/seller/")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Tab")
        assert page.inner_text(":focus") == "跳到主要内容"


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "没有这个页面"), ("en-US", "There is no such page")])
def test_a_wrong_address_leads_home_where_callme_is_tried_too(office, locale, title):
    homes = {"/nowhere": "", "/board/1/2/": "board/", "/admin/nothing/": "admin/"}
    homes |= {"/admin/sellers/seller/receipt/99/": "admin/"}
    with open_page(SMALL_PHONE, forgiven="404", locale=locale) as page:
        log_in(page, office.url, *office.login)
        for path, home in homes.items():
            page.goto(office.url + path)
            assert (page.inner_text("h1"), overflows(page)) == (title, False), path
            page.click(".ways a")
            assert page.url == f"{office.url}/{home}"
        page.goto(f"{office.url}/admin")  # without its slash, no wrong address
        assert page.url == f"{office.url}/admin/"


def test_on_a_phone_the_balance_afterwards_is_seen_as_months_are_chosen(office):
    with open_page(SMALL_PHONE) as page:
        log_in(page, office.url, *office.login)
        page.goto(f"{office.url}/admin/sellers/seller/renew/?sellers=1")
        page.locator("[name=term]").nth(1).check()
        assert page.locator(".after:visible").all_inner_texts() == ["6"]
        assert page.locator(".until-after").is_visible()


def test_on_a_phone_what_was_done_is_read_in_lines(office):
    with open_page(SMALL_PHONE) as page:
        log_in(page, office.url, *office.login)
        page.goto(f"{office.url}/admin/sellers/seller/renew/?sellers=1")
        page.fill("[name=memo]", "收据 0042")
        page.click("#desk [type=submit]")
        page.goto(f"{office.url}/admin/sellers/seller/1/history/")
        said = page.locator("#change-history td").last
        assert "收据 0042" in said.inner_text()
        assert said.bounding_box()["width"] > 240
        page.goto(f"{office.url}/admin/sellers/seller/1/change/")
        cards = page.locator("#entries-group tbody tr:visible").all_inner_texts()
        assert len(cards) == 2
        assert all(card.strip() for card in cards)


def test_the_language_is_chosen_before_and_after_logging_in(office):
    with open_page(SMALL_PHONE) as page:
        page.goto(f"{office.url}/admin/login/?next=/admin/sellers/")
        page.click("text=English")
        assert page.get_attribute("html", "lang") == "en"
        assert page.url.endswith("/admin/login/?next=/admin/sellers/")
        log_in(page, office.url, *office.login)
        page.goto(f"{office.url}/admin/sellers/seller/?state=on")
        assert page.inner_text("h1") == "Select seller to change"
        page.click("text=简体中文")
        assert (page.inner_text("h1"), page.url.endswith("?state=on")) == ("选择要修改的商家", True)
        assert not overflows(page)
