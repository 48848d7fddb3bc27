"""The two mini-programs in Chromium when something fails: the session, the server, the network; and in the pocket."""

import re

from playwright.sync_api import expect

from callme_site.testing.browsing import PHONE, in_browser, open_page
from callme_site.trial.tests.driving import Phone, check, front

pytestmark = in_browser

SERVER_AWAY = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED| 503 "
END_THE_SESSIONS = """
from accounts.models import Session
from callme_site.storage.versions import EVERYTHING, changing
with changing(EVERYTHING):
    Session.objects.all().delete()
"""


def test_the_order_outlives_the_tab_the_session_and_the_server(machine):
    server = machine.start()
    with open_page(forgiven=SERVER_AWAY) as page:
        seller, li = front(page, server.url)
        seller.take(1)
        li.enter(1, "牛肉面")
        li.see("正在做")

        page.goto("about:blank")
        page.goto(server.url)
        li.see("1", "牛肉面", "正在做")
        seller.see("牛肉面")
        assert li.exchanges("login", 0) == []  # the key is kept, and which messages there are; nothing else is
        kept = page.evaluate("Object.keys(localStorage).sort()")
        assert [name for name in kept if name != "callme.student.li.templateIds"] == [
            "callme.phones",
            "callme.stall.stall1.sessionKey",
            "callme.student.li.sessionKey",
        ]

        machine.manage("shell", "-v0", "-c", END_THE_SESSIONS)
        seller.call(1)
        li.see("您的餐好了！")
        expect(li.root.locator(".answered").filter(has_text="Session Time Out").first).to_be_attached()
        li.exchanges("login", 1)
        seller.exchanges("login", 1)

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
        seller.see("还没人填 1")

        # As the gateway answers while the database is away (test_health.py).
        busy = {"status": 503, "headers": {"Retry-After": "1"}, "body": '{"queryErr": "Server Error"}'}
        page.route(f"{server.url}/", lambda route: route.fulfill(**busy))
        expect(li.trouble).to_have_text("服务器暂时忙，手机会自动重试。")
        page.unroute(f"{server.url}/")
        expect(li.trouble).to_be_empty()

        page.context.set_offline(True)
        expect(li.trouble).to_have_text("连不上服务器，手机会自动重试。")
        page.context.set_offline(False)
        expect(li.trouble).to_be_empty()
        li.press("已取餐")
        li.say("慢用！")
        expect(seller.rows).to_have_count(1)


class BadNetwork:
    """Lets a query through or not, and its answer never."""

    def __init__(self, page, url):
        self.page, self.url, self.sent = page, f"{url}/", []

    def __enter__(self):
        self.page.route(self.url, self.handle)
        return self

    def __exit__(self, *_error):
        self.page.unroute(self.url)

    def handle(self, route):
        query = route.request.post_data_json["query"]
        self.sent.append(query)
        if query in self.lost:
            if self.arrives:
                route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    def losing(self, *queries, arrives):
        self.lost, self.arrives = queries, arrives
        return self


def test_one_tap_takes_one_number_whatever_becomes_of_the_answer(machine):
    server = machine.start()
    with open_page(PHONE, forgiven=SERVER_AWAY) as page:
        page.goto(f"{server.url}/phone/stall/?person=stall1")
        seller = Phone(page)
        seller.see("没有发出的号")
        with BadNetwork(page, server.url).losing("fetch", arrives=True) as network:
            seller.take(1)
            seller.see("还没人填 1")
        assert network.sent.count("fetch") == 1
        with BadNetwork(page, server.url).losing("fetch", arrives=False):
            seller.press("取一个号")
            expect(seller.said).to_contain_text("没有收到应答")
        seller.take(2)
        # Nothing is known for a while: the next tap looks first, and hands out what the last one took.
        with BadNetwork(page, server.url).losing("fetch", "note", arrives=True) as network:
            seller.press("取一个号")
            expect(seller.said).to_contain_text("没有收到应答")
        assert network.sent.count("fetch") == 1
        expect(seller(".ticket-number")).to_have_text("3")
        expect(seller.said).to_have_count(0)
        seller.see("还没人填 3")


def test_a_lost_answer_of_push_call_and_done_is_looked_into(machine):
    server = machine.start()
    with open_page(forgiven=SERVER_AWAY) as page:
        seller, li = front(page, server.url)
        seller.take(1)
        with BadNetwork(page, server.url).losing("push", "done", arrives=True) as network:
            li.enter(1, "牛肉面")
            li.see("正在做")
            seller.see("牛肉面")
            seller.call(1)
            li.see("您的餐好了！")
            li.press("已取餐")
            li.say("慢用！")
        assert (network.sent.count("push"), network.sent.count("done")) == (1, 1)


def test_a_slow_network_is_told_of_and_a_tap_shows_at_once(machine):
    server = machine.start()
    with open_page(PHONE, forgiven=SERVER_AWAY) as page:
        page.goto(f"{server.url}/phone/stall/?person=stall1")
        seller = Phone(page)
        seller.see("没有发出的号")
        held = []

        def hold(route):
            if route.request.post_data_json["query"] == "fetch":
                held.append(route)
            else:
                route.continue_()

        page.route(f"{server.url}/", hold)
        seller.press("取一个号")
        expect(seller(".take")).to_have_text("正在取号……", timeout=1000)
        expect(seller.said).to_have_text("网络很慢，还在等应答……")
        held[0].continue_()
        expect(seller(".ticket-number")).to_have_text("1")


def test_a_phone_in_the_pocket_is_still_and_knows_the_truth_once_it_is_out(machine):
    server = machine.start()
    with open_page() as page:
        seller, li = front(page, server.url)
        seller.take(1)
        li.enter(1, "牛肉面")
        li.see("正在做")
        li.pocket()
        expect(li.root).to_have_class(re.compile("in-pocket"))
        seller.call(1)
        seller.see("已叫号 1")
        # The page on the phone has been told to hide, and asks no more: not even once in the time of two polls.
        asked = li.root.locator(".exchanges li").first.inner_text()
        page.wait_for_timeout(6500)
        assert li.root.locator(".exchanges li").first.inner_text() == asked
        li.pocket()
        expect(li("page:visible")).to_contain_text("您的餐好了！", timeout=1500)
        expect(li.trouble).to_be_empty()
