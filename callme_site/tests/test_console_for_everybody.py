"""The console in Chromium for whoever has no mouse, sees little, or listens; against bin/serve."""

import pytest

from callme_site.testing.browsing import axe_faults, cut_off, in_browser, log_in, open_page, overflows

pytestmark = in_browser

LAPTOP = {"width": 1366, "height": 768}
SMALL_PHONE = {"width": 320, "height": 640}
PUBLIC = ["", "nowhere", "board/", "board/1/", "board/?sellers=1,2", "board/99/"]
PAGES = [
    *["", "sellers/", "sellers/seller/?q=1", "sellers/seller/1/change/", "sellers/seller/add/"],
    *["sellers/seller/1/history/", "sellers/seller/renew/?sellers=1,2", "sellers/seller/1/correct/"],
    *["sellers/seller/1/unbind/", "sellers/seller/4/open/", "sellers/seller/4/telephone/", "sellers/seller/export/"],
    *["sellers/seller/receipt/1/", "sellers/seller/1/sheet/", "sellers/seller/99/change/"],
    *["sellers/balanceentry/", "sellers/balanceentry/1/change/", "sellers/unbinding/", "sellers/unbinding/1/change/"],
    *["queueing/order/", "queueing/order/?uncollected=yes&state=all", "queueing/order/1/change/"],
    *["accounts/person/?q=1", "accounts/person/1/change/", "accounts/session/"],
    *["accounts/textcheck/", "accounts/textcheck/1/change/", "callme_site/jobrun/", "callme_site/jobrun/1/change/"],
    *["auth/user/", "auth/user/1/change/", "auth/user/add/", "auth/user/2/delete/", "auth/user/1/password/"],
    *["auth/group/", "auth/group/1/change/", "password_change/"],
]
LISTS = [
    path for path in PAGES if path.startswith(("sellers", "queueing", "accounts", "callme")) and path.count("/") == 2
]

FAILED_JOB = """
from callme_site.models import JobRun
JobRun.objects.create(name="charge_months").end(ok=False, said="OperationalError: the server has gone away. " * 6)
"""

# What leaves something to see on each page: names, notes and memos of some length, and what went wrong.
FILL = """
from uuid import uuid4
from django.contrib.auth.models import User
from django.utils import timezone
from accounts.models import Person, TextCheck
from callme_site.storage.versions import EVERYTHING, changing
from queueing import taking
from queueing.models import Order
from sellers.models import Seller
boss, now = User.objects.get(), timezone.now()
User.objects.create_user("xiao-chen", password="noodles-and-rice", is_staff=True)
with changing(EVERYTHING):
    Seller.objects.filter(pk=2).update(name="Grandmother's Handmade Dumplings of the North")
    Seller.objects.filter(pk=3).update(name="川渝老妈重庆小面与手工抄手水饺馄饨专门店三楼东侧第七号窗口")
    Seller.objects.renew_all([1, 2], 3, staff_user=boss, memo="收据 0042，含上学期欠费，下月补开发票", request=uuid4())
    for pk in (1, 2):
        Seller.objects.filter(pk=pk).update(person=Person.objects.create(openid_hash=str(pk) * 40))
    Seller.objects.unbind(2, Seller.objects.get(pk=2).person_id, staff_user=boss, request=uuid4())
    for seller in Seller.objects.filter(pk__in=[1, 2]):
        for number in range(3):
            taking.take(seller)
        Order.objects.call(seller, 1)
    noted = {"note": "牛肉面，不要香菜，多放辣，加一个蛋，打包，两双筷子", "bound_at": now, "message": "failed"}
    Order.objects.filter(number=1).update(buyer=Person.objects.first(), **noted)
    Order.objects.filter(number=3).close(Order.Ending.UNCOLLECTED)
    Seller.objects.pause(2)
for kind, text in (("note", noted["note"]), ("name", Seller.objects.get(pk=2).name)):
    TextCheck.objects.create(kind=kind, subject=2, text=text, state="unchecked", written_at=now)
"""


@pytest.fixture
def office(machine):
    """bin/serve with its sample stalls, and a job that ran."""
    server = machine.start()
    machine.manage("expire_sessions")
    return server


@pytest.fixture
def busy_office(machine, office):
    """The same with something on each page."""
    machine.manage("shell", "-v0", "-c", FAILED_JOB + FILL)
    office.ask("login", code="sandbox-li")
    return office


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [(LAPTOP, "zh-CN", "dark"), (SMALL_PHONE, "en-US", "light")],
    ids=["laptop", "phone"],
)
def test_axe_finds_no_fault_on_any_page(busy_office, size, locale, scheme):
    # Wrong addresses, and a style sheet that Django names wrongly on its page for passwords.
    with open_page(size, forgiven="404", locale=locale, color_scheme=scheme) as page:
        faults = {}
        for path in [*PUBLIC, "admin/login/"]:
            page.goto(f"{busy_office.url}/{path}")
            page.wait_for_selector("#waiting", state="hidden")
            faults[path] = axe_faults(page)
        log_in(page, busy_office.url, *busy_office.login)
        for path in PAGES:
            page.goto(f"{busy_office.url}/admin/{path}")
            faults[f"admin/{path}"] = axe_faults(page)
    assert {path: found for path, found in faults.items() if found} == {}


# The Chinese words in the cells of a list that are so short that no line ends within them.
BROKEN_WORDS = """() => ["months", "field-kind", "field-state", "field-receipt"]
    .flatMap((name) => [...document.querySelectorAll(`#result_list .${name}`)])
    .flatMap((cell) => [...cell.querySelectorAll("*"), cell]).flatMap((part) => [...part.childNodes])
    .filter((part) => part.nodeType === Node.TEXT_NODE)
    .filter((part) => [...part.textContent.matchAll(/[\u4e00-\u9fff]+/g)].some((word) => {
        const range = document.createRange();
        range.setStart(part, word.index);
        range.setEnd(part, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }))
    .map((part) => part.textContent)"""


WIDER = "results => results.scrollWidth > results.clientWidth"


def test_nothing_is_cut_off(busy_office):
    for locale in ("zh-CN", "en-US"):
        with open_page(LAPTOP, forgiven="404", locale=locale) as page:
            log_in(page, busy_office.url, *busy_office.login)
            cut = {}
            for path in LISTS:
                page.goto(f"{busy_office.url}/admin/{path}")
                assert not page.locator(".results").evaluate(WIDER), path
                cut["laptop", path] = cut_off(page) + page.evaluate(BROKEN_WORDS)
            page.set_viewport_size(SMALL_PHONE)
            for path in PAGES:
                page.goto(f"{busy_office.url}/admin/{path}")
                assert not overflows(page), path
                cut["phone", path] = cut_off(page)
        assert {where: texts for where, texts in cut.items() if texts} == {}


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


def test_on_a_phone_what_was_done_is_read_in_lines(machine, office):
    machine.manage("shell", "-v0", "-c", FAILED_JOB)
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
        page.goto(f"{office.url}/admin/callme_site/jobrun/")
        said = page.locator("#result_list tbody .field-told").first
        assert "gone away" in said.inner_text()
        assert said.bounding_box()["width"] > 240
        assert said.evaluate("cell => getComputedStyle(cell).textAlign") == "left"


def test_on_a_phone_what_is_pressed_is_as_large_as_a_thumb(office):
    with open_page(SMALL_PHONE) as page:
        log_in(page, office.url, *office.login)
        for path in ("renew/?sellers=1", "1/correct/", "1/unbind/", "4/open/", "4/telephone/", "export/"):
            page.goto(f"{office.url}/admin/sellers/seller/{path}")
            for button in page.locator(".submit-row > *").all():
                box = button.bounding_box()
                assert (box["width"] > 200, box["height"] > 30) == (True, True), path
        page.goto(f"{office.url}/admin/sellers/seller/")
        page.click("text=选中本页全部")
        assert page.locator(".action-select:checked").count() == 4
        assert page.inner_text(".action-counter") == "已选 4 个，共 4 个"


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
