"""The two phones in Chromium against bin/serve: what somebody sees who tries callme for the first time."""

import re

import pytest
from playwright.sync_api import expect

from callme_site.tests.browsing import DESKTOP, PHONE, axe_faults, needs_chromium, open_page, overflows
from callme_site.tests.test_serve import jpeg

pytestmark = needs_chromium

SECONDS = 20  # of patience with a busy machine
SERVER_AWAY = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED| 503 "
MARKUP = "<img src=x onerror=alert(1)>\n<b>不要香菜</b> & 🌶"
END_THE_SESSIONS = """
from accounts.models import Session
from callme_site.changes import EVERYTHING, changing
with changing(EVERYTHING):
    Session.objects.all().delete()
"""


@pytest.fixture(autouse=True)
def patience():
    expect.set_options(timeout=SECONDS * 1000)


class Phone:
    """One of the phones on the page; 0 is the seller's."""

    def __init__(self, page, place):
        self.page = page
        self.root = page.locator(".set").nth(place)
        self.said = self.root.locator(".said")
        self.trouble = self.root.locator(".trouble")
        self.orders = self.root.locator(".orders li")

    def __call__(self, selector):
        return self.root.locator(selector)

    def press(self, words):
        expect(self.root).not_to_have_class(re.compile("busy"))  # a phone does one thing at a time
        self.root.get_by_role("button", name=words, exact=True).click()

    def see(self, *texts):
        for text in texts:
            expect(self.root.locator(".view")).to_contain_text(text)

    def exchanges(self, query):
        """Return what was asked and answered for a query, the oldest first."""
        found = self.root.locator(".exchanges li").filter(has=self.page.locator(f"b:text-is('{query}')"))
        return [
            (item.locator(".asked").inner_text(), item.locator(".answered").inner_text()) for item in found.all()[::-1]
        ]

    def take(self, number):
        """Take a number, which has to be that one."""
        self.press("取一个号")
        expect(self.root.locator(".ticket:visible")).to_contain_text(f"请递给学生 {number}")

    def order(self, number, note):
        self.root.locator("[name=marchSn]").fill(str(number))
        self.root.locator("[name=noteContent]").fill(note)
        self.press("等餐")

    def call(self):
        self.root.locator("[data-do=call]:visible").first.click()


def log_in(page, url, *, stall="兰州拉面"):
    """Open the page and log in on both phones; the student sits at the stall's menu."""
    page.goto(url)
    seller, li = Phone(page, 0), Phone(page, 1)
    seller.press("stall1")
    li.press("li")
    seller.see("兰州拉面")
    li.press(stall)
    li.see("拿到的号")
    return seller, li


def check(page):
    """Nobody is kept from using the page as it looks now."""
    assert not overflows(page)
    assert axe_faults(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_life_of_a_number(machine, size):
    server = machine.start()
    with open_page(size, color_scheme="dark" if size is PHONE else "light") as page:
        page.goto(server.url)
        check(page)
        expect(page.locator("[aria-current=step]")).to_have_text("两部手机登录")
        seller, li = log_in(page, server.url)
        expect(page.locator("[aria-current=step]")).to_have_text("商家取号")
        check(page)
        seller.take(1)
        expect(page.locator("[aria-current=step]")).to_have_text("学生填号点菜")
        eat(page, seller, li)
        share(page, seller, li)
        expect(page.locator("[data-board]")).to_have_attribute("href", "/board/?sellers=1,2,3")
        expect(seller("a[data-slot=board]")).to_have_attribute("href", "/board/1/")


def eat(page, seller, li):
    """From the number to the meal, with what went over the line to be read."""
    li.press("刀削面")
    expect(li("[name=noteContent]")).to_have_value("刀削面")
    li.order(1, MARKUP)
    li.see("1", MARKUP, "正在做")
    assert li("img:visible").count() == 0
    expect(seller.orders).to_contain_text(MARKUP)
    expect(seller.orders.locator("img, b")).to_have_count(0)
    assert li.exchanges("push")[0][0].endswith(f"& sellerId=1 & marchSn=1 & noteContent={MARKUP}")
    assert li.exchanges("push")[0][1] == '{"pushSuccess": "success"}'
    expect(li(".exchanges").get_by_text("×2")).to_be_visible()  # polls that are answered as before
    assert len(li.exchanges("hungry")) == 1
    check(page)

    seller.call()
    li.see("您的餐好了！")
    expect(li.root).to_have_class(re.compile("ringing"))
    expect(page.locator("[aria-current=step]")).to_have_text("手机响了，取餐")
    check(page)
    seller.press("再叫一次")
    expect(seller.orders).to_contain_text("已叫号 ×2")
    assert [asked.split(" & ")[-1] for asked, _answered in seller.exchanges("call")] == ["marchSn=1"] * 2
    li.press("别响了")
    expect(li.root).not_to_have_class(re.compile("ringing"))
    li.press("已取餐")
    expect(li.said).to_have_text("慢用！")
    expect(seller.orders).to_have_count(0)


def share(page, seller, li):
    """Two students, one number; the stall ends it, and clears what nobody wants."""
    page.get_by_role("button", name="再来一位学生").click()
    wang = Phone(page, 2)
    expect(wang(".who")).to_have_text("wang")
    wang.press("兰州拉面")
    li.order(7, "牛肉面")
    expect(li.said).to_have_text("没有发出这个号，请再看一眼。")
    seller.take(1)
    seller.take(2)
    li.order(1, "牛肉面")
    li.see("正在做")
    wang.order(1, "刀削面")
    expect(wang.said).to_have_text("这个号已经有人填了。")
    wang.order(2, "刀" * 201)
    expect(wang.said).to_have_text("备注太长：最多 200 个字。")
    check(page)
    seller.orders.first.get_by_role("button", name="结束").click()
    expect(li.said).to_have_text("商家结束了您的订单。")
    seller.press("清掉没人填的号")
    seller.see("还没有。")
    wang.press("收起")
    expect(page.locator(".set")).to_have_count(2)


def test_a_new_stall_signs_up_and_shows_itself(machine, tmp_path):
    # A picture's address is under PUBLIC_URL; the page shows it from wherever it was opened.
    machine.settings["PUBLIC_URL"] = f"http://localhost:{machine.port}"
    machine.settings["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    server = machine.start()
    (tmp_path / "stall.jpg").write_bytes(jpeg())
    (tmp_path / "stall.txt").write_text("no picture")
    with open_page() as page:
        page.goto(server.url)
        seller, student = Phone(page, 0), Phone(page, 1)
        seller("[name=name]").fill("包子")
        seller.press("登录")
        seller.see("入驻", "13800000004")
        assert '"failMsg": "Seller Openid Error", "sessionKey": "' in seller.exchanges("login")[0][1]
        seller("[name=telNum]").fill("13800000001")
        seller.press("入驻")
        expect(seller.said).to_contain_text("它已被另一部手机使用")
        check(page)
        seller("[name=telNum]").fill("13800000004")
        seller("[name=sellerName]").fill("包子铺")
        seller.press("入驻")
        seller.see("包子铺", "取一个号")

        seller.press("我的店")
        expect(seller("[name=sellerName]")).to_have_value("包子铺")
        seller("[name=menu]").fill("肉包, 大\n菜包")
        seller("[type=file]").set_input_files(tmp_path / "stall.txt")
        seller.press("保存")
        expect(seller.said).to_contain_text("不是能打开的 JPEG")
        seller("[type=file]").set_input_files(tmp_path / "stall.jpg")
        seller.press("保存")
        expect(seller.said).to_have_text("已保存。")
        assert painted(seller(".portrait img"))
        assert seller.exchanges("update")[0][0].endswith('menuList=["肉包, 大","菜包"] & sellerImage=(stall.txt, 1 KB)')
        check(page)

        student.press("li")
        assert painted(student(".stalls img:visible"))
        check(page)
        student.press("包子铺")
        student.see("肉包, 大", "菜包")
        seller.press("返回")
        assert painted(seller("img.face"))


def painted(image):
    expect(image).to_be_visible()
    return image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60


def test_the_order_outlives_the_tab_the_session_and_the_server(machine):
    server = machine.start()
    with open_page(forgiven=SERVER_AWAY) as page:
        seller, li = log_in(page, server.url)
        seller.take(1)
        li.order(1, "牛肉面")
        li.see("正在做")

        page.goto("about:blank")
        page.goto(server.url)
        li.see("1", "牛肉面", "正在做")
        expect(seller.orders).to_contain_text("牛肉面")

        machine.manage("shell", "-v0", "-c", END_THE_SESSIONS)
        seller.call()
        li.see("您的餐好了！")
        assert any("Session Time Out" in answer for _asked, answer in li.exchanges("hungry") + li.exchanges("menu"))
        assert (len(li.exchanges("login")), len(seller.exchanges("login"))) == (2, 2)

        server.stop()
        expect(li.trouble).to_have_text("连不上服务器，手机会自动重试。")
        expect(seller.trouble).to_have_text("连不上服务器，手机会自动重试。")
        seller.press("取一个号")
        expect(seller.said).to_have_text("没有收到应答。请看看是否已办成，没有就再按一次。")
        check(page)
        machine.start()
        expect(li.trouble).to_be_empty()
        expect(seller.trouble).to_be_empty()
        seller.take(2)

        # As the gateway answers while the database is away (test_database_away.py).
        busy = {"status": 503, "headers": {"Retry-After": "1"}, "body": '{"queryErr": "Server Error"}'}
        page.route(f"{server.url}/", lambda route: route.fulfill(**busy))
        expect(li.trouble).to_have_text("服务器暂时忙，手机会自动重试。")
        page.unroute(f"{server.url}/")
        expect(li.trouble).to_be_empty()

        page.context.set_offline(True)
        expect(li.trouble).not_to_be_empty()
        page.context.set_offline(False)
        expect(li.trouble).to_be_empty()
        li.press("已取餐")
        expect(li.said).to_have_text("慢用！")
        expect(seller.orders).to_have_count(1)


def test_it_speaks_english_too_and_keeps_still_for_who_wants_that(machine):
    server = machine.start()
    with open_page(locale="en-GB", reduced_motion="reduce") as page:
        page.goto(server.url)
        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        seller, li = Phone(page, 0), Phone(page, 1)
        # By the keyboard alone, up to the ringing.
        reach(page, "stall1")
        expect(seller(".view h3")).to_be_focused()
        reach(page, "Take a number")
        expect(seller(".ticket")).to_contain_text("1")
        reach(page, "li")
        reach(page, "兰州拉面")
        expect(li(".view h3")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("1")
        reach(page, "牛肉面")
        reach(page, "Wait for my food")
        li.see("Being cooked")
        expect(seller.orders).to_contain_text("牛肉面")
        reach(page, "Call")
        li.see("Your food is ready!")
        assert li(".phone").evaluate("phone => getComputedStyle(phone).animationName") == "none"
        check(page)


def reach(page, words):
    """Tab to the button of that name and press it."""
    button = page.get_by_role("button", name=words, exact=True)
    expect(button).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {words}")
