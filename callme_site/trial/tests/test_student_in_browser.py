"""The student's mini-program in Chromium: who is ahead, several orders, what a stall takes back, codes to scan."""

import re

import pytest
from playwright.sync_api import expect

from callme_site.testing.browsing import PHONE, in_browser, open_page
from callme_site.trial.tests.driving import Phone, check

pytestmark = in_browser

SMALL = {"width": 320, "height": 640}
WAITED = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Person
from callme_site.storage.versions import EVERYTHING, changing
from queueing.models import Order
now = timezone.now()
student = Person.objects.create(openid_hash="0" * 40)
with changing(EVERYTHING):
    for seller, seconds in [(1, 600), (2, 120)]:
        for number in range(60, 66):
            bound = now - timedelta(seconds=seconds + 60)
            called = bound + timedelta(seconds=seconds)
            Order.objects.create(seller_id=seller, buyer=student, number=number, taken_at=bound, bound_at=bound,
                                 called_at=called, closed_at=called, ending="collected")
"""


class Hands:
    """Stalls and other students, who do what they do at once."""

    def __init__(self, server):
        self.ask = server.ask
        self.keys = {}

    def key(self, name):
        if name not in self.keys:
            isseller = "yes" if name.startswith("stall") else "no"
            self.keys[name] = self.ask("login", code=f"sandbox-{name}-hand", isseller=isseller)["sessionKey"]
        return self.keys[name]

    def do(self, name, query, **fields):
        answer = self.ask(query, self.key(name), **fields)
        assert answer[f"{query}Success"] == "success", answer
        return answer

    def order(self, seller, student, note=""):
        """Hand a number of that stall to a student, who enters it."""
        number = self.do(f"stall{seller}", "fetch")["marchSn"]
        self.do(student, "push", sellerId=seller, marchSn=number, noteContent=note)
        return number


def student(page, server, person="li"):
    page.goto(f"{server.url}/phone/student/?person={person}")
    return Phone(page)


def asked(page):
    """Return the list of queries that the phone asks from now on."""
    queries = []
    page.on("request", lambda request: queries.append((request.post_data_json or {}).get("query")))
    return queries


def test_it_tells_how_many_are_ahead_and_what_the_stall_takes_back(machine):
    server = machine.start()
    hands = Hands(server)
    first, second = (hands.order(1, name) for name in ("wang", "zhang"))
    mine = hands.order(1, "li", "牛肉面")
    with open_page(PHONE) as page:
        li = student(page, server)
        li.see(str(mine), "牛肉面", "前面还有 2 份")
        check(page)
        queries = asked(page)
        hands.do("stall1", "call", marchSn=first)
        li.see("前面还有 1 份")
        hands.do("stall1", "call", marchSn=second)
        li.see("前面没有更早的订单了")
        assert set(queries) == {"hungry"}

        hands.do("stall1", "call", marchSn=mine)
        li.see("您的餐好了！")
        li.press("别响了")
        hands.do("stall1", "undo", marchSn=mine)
        li.see("商家撤回了叫号", "正在做")
        check(page)
        hands.do("stall1", "call", marchSn=mine)
        li.see("您的餐好了！")
        expect(li.button("别响了")).to_be_visible()  # it rings anew

        hands.do("stall1", "done", marchSn=mine, isseller="yes")
        li.see("商家结束了您的订单。", "请到柜台问一下")
        check(page)
        hands.do("stall1", "undo", marchSn=mine)
        li.see("商家撤回了结束", "您的餐好了！")
        check(page)
        # The other phone of the same person collects it.
        hands.do("li", "done", sellerId=1, marchSn=mine)
        li.see("这份餐已经取走了。")
        expect(li("page:visible")).not_to_contain_text("请到柜台问一下")


def test_it_asks_when_it_is_told_to(machine):
    """A second for each two ahead: with eighteen, after ten; at its own pace where the server does not say."""
    server = machine.start()
    hands = Hands(server)
    for place in range(18):
        hands.order(1, f"before{place}")
    hands.order(1, "li")
    with open_page(PHONE) as page:
        queries = asked(page)
        li = student(page, server)
        li.see("前面还有 18 份")
        first = queries.count("hungry")
        page.wait_for_timeout(8000)
        assert queries.count("hungry") == first
        expect.set_options(timeout=20_000)
        with page.expect_request(lambda request: request.post_data_json["query"] == "hungry", timeout=4000):
            pass
    server.stop()
    machine.settings["RETRY_AFTER_MOST"] = "0"
    server = machine.start()
    with open_page(PHONE) as page:
        queries = asked(page)
        li = student(page, server)
        li.see("前面还有 18 份")
        page.wait_for_timeout(7000)
        assert 2 <= queries.count("hungry") <= 4
        assert queries.count("menu") == 1


def test_several_orders_wait_at_once_and_ring_wherever_one_is(machine):
    server = machine.start()
    hands = Hands(server)
    with open_page(PHONE) as page:
        li = student(page, server)
        li.visit("兰州拉面")
        noodles = hands.do("stall1", "fetch")["marchSn"]
        li.enter(noodles, "牛肉面")
        li.see("正在做")
        li.press("再点一份")
        li.see("您在等餐", f"{noodles} 号 · 兰州拉面", "牛肉面")
        li.visit("兰州拉面")
        li.see("手里的号", f"{noodles} 号 · 兰州拉面")  # the way back for who scans the stall's code again
        more = hands.do("stall1", "fetch")["marchSn"]
        li.enter(more, "刀削面")
        li.see(str(more), "刀削面", "前面还有 1 份")
        li.press("再点一份")
        expect(li(".order")).to_have_count(2)
        check(page)

        # Called while another stall's menu is read.
        li.visit("煲仔饭")
        li.see("滑鸡煲仔饭")
        expect(li(".order:visible")).to_have_count(0)
        hands.do("stall1", "call", marchSn=noodles)
        li.see("您的餐好了！", f"{noodles} 号 · 兰州拉面")
        check(page)
        # And while another order waits in front.
        li(".bar-back").click()
        li(".order").filter(has_text="刀削面").click()
        li.see("正在做", f"{noodles} 号 · 兰州拉面")
        check(page)
        li(".order:visible").click()
        li.see("牛肉面")
        li.press("已取餐")
        li.say("慢用！")
        expect(li(".order:visible")).to_have_count(1)
        hands.do("stall1", "done", marchSn=more, isseller="yes")
        li.see("商家结束了您的订单。")
        check(page)
        page.reload()
        li.see("在哪个档口吃？")
        expect(li(".order:visible")).to_have_count(0)


def test_orders_of_before_are_there_and_each_leads_to_its_page(machine):
    server = machine.start()
    hands = Hands(server)
    noodles, rice = hands.order(1, "li", "牛肉面"), hands.order(3, "li", "滑鸡煲仔饭")
    hands.do("stall3", "call", marchSn=rice)
    with open_page(PHONE) as page:
        li = student(page, server)
        expect(li(".order")).to_have_count(2)
        expect(li(".order").first).to_contain_text(f"{noodles} 号 · 兰州拉面")
        expect(li(".order").last).to_contain_text(f"您的餐好了！{rice} 号 · 煲仔饭")
        li(".order").last.click()
        li.see("滑鸡煲仔饭")
        li.press("别响了")
        li.press("已取餐")
        li.see("在哪个档口吃？")
        li(".order").click()
        li.see("牛肉面", "正在做")
        page.goto("about:blank")
        student(page, server)
        li.see("牛肉面", "正在做")  # of one order, the page opens by itself


def stalls(phone):
    return [name.split()[0] for name in phone(".stall").all_inner_texts()]


def test_the_list_tells_who_waits_how_long_and_is_sorted_by_it(machine):
    server = machine.start()
    hands = Hands(server)
    machine.manage("shell", "-v0", "-c", WAITED)
    hands.order(2, "wang")
    hands.order(2, "zhang")
    hands.order(3, "liu")
    with open_page(PHONE) as page:
        li = student(page, server)
        noodles, soup, rice = (li(".stall").filter(has_text=name) for name in ("兰州拉面", "麻辣烫", "煲仔饭"))
        expect(noodles).to_contain_text("没有人在等")
        expect(noodles).to_contain_text("最近约等 10 分钟")
        expect(soup).to_contain_text("2 份在等")
        expect(soup).to_contain_text("最近约等 2 分钟")
        expect(rice).to_contain_text("1 份在等")
        expect(rice).not_to_contain_text("最近")
        check(page)
        li.press("人少的")
        expect(li.button("人少的")).to_have_attribute("aria-pressed", "true")
        expect(li(".stall").nth(1)).to_contain_text("煲仔饭")
        expect(li(".stall").last).to_contain_text("麻辣烫")
        li.press("等得短的")
        expect(li(".stall").first).to_contain_text("麻辣烫")
        expect(li(".stall").last).to_contain_text("煲仔饭")
        li.press("默认")
        expect(li(".stall").first).to_contain_text("兰州拉面")


def scan(phone, text):
    phone.press("扫屏幕上的码")
    phone("dialog textarea").fill(text)
    check(phone.page)
    phone.answer("扫描")


def test_a_scanned_code_enters_the_number_and_its_claim(machine):
    server = machine.start()
    with open_page(PHONE) as page:
        li = student(page, server)
        li.visit("兰州拉面")
        for other in ("https://example.edu.cn/", "callme:sellerId=1&marchSn=100&claim="):
            scan(li, other)
            expect(li.said).to_have_text("这不是档口屏幕上的取餐码。")
        li.press("扫屏幕上的码")
        li.answer("取消")
        expect(li.said).to_have_count(0)
        scan(li, "callme:sellerId=1&marchSn=12&claim=0417")
        expect(li(".number:visible")).to_have_text("12")
        expect(li(".claim:visible")).to_have_value("0417")
        check(page)
        with page.expect_request(lambda request: request.post_data_json["query"] == "push") as push:
            li.send()
        assert push.value.post_data_json["claim"] == "0417"
        expect(li.said).to_contain_text("四位码不对")
        # Another stall's leads to that stall.
        scan(li, "callme:sellerId=3&marchSn=7&claim=")
        li.see("滑鸡煲仔饭")
        expect(li(".number:visible")).to_have_text("7")
        expect(li(".claim:visible")).to_have_value("")
        with page.expect_request(lambda request: request.post_data_json["query"] == "push") as push:
            li.send()
        assert "claim" not in push.value.post_data_json
        expect(li.said).to_contain_text("屏幕上有四位码的，也要填")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("letters", [None, "24px"], ids=["normal", "large"])
def test_what_is_new_fits_a_small_phone(machine, locale, letters):
    server = machine.start()
    hands = Hands(server)
    machine.manage("shell", "-v0", "-c", WAITED)
    for place in range(3):
        hands.order(1, f"before{place}")
    noodles, rice = hands.order(1, "li", "牛肉面" * 9), hands.order(3, "li")
    hands.do("stall3", "call", marchSn=rice)

    def look(*texts):
        li.see(*texts)
        if letters:
            page.evaluate(f"document.documentElement.style.fontSize = '{letters}'")
        check(page)
        for kind in ("button", "input"):
            sizes = li(f"page:visible {kind}").evaluate_all("all => all.map(each => each.offsetHeight)")
            assert min(sizes, default=44) >= 44, sizes

    english = locale == "en-GB"
    with open_page(SMALL, locale=locale, color_scheme="dark" if english else "light") as page:
        li = student(page, server)
        look("Others waited about 10 min" if english else "最近约等 10 分钟", str(noodles))
        li.visit("兰州拉面")
        look("牛肉面", "Your food is ready!" if english else "您的餐好了！")
        li(".bar-back").click()
        li(".order").first.click()
        look("3 ahead of you" if english else "前面还有 3 份", "Your food is ready!" if english else "您的餐好了！")
        hands.do("stall1", "call", marchSn=noodles)
        look("Collected" if english else "已取餐")
        hands.do("stall1", "undo", marchSn=noodles)
        look("took the call back" if english else "商家撤回了叫号")
        hands.do("stall1", "done", marchSn=noodles, isseller="yes")
        look("The stall has ended your order." if english else "商家结束了您的订单。")
        expect(li(".bar-title")).to_have_text(re.compile("."))


def test_a_stall_that_asks_for_proof_is_told_the_four_digits(machine):
    server = machine.start()
    hands = Hands(server)
    hands.do("stall1", "update", proof="yes")
    taken = hands.do("stall1", "fetch")
    number, claim = taken["marchSn"], taken["claim"]
    with open_page(PHONE) as page:
        li = student(page, server)
        li.visit("兰州拉面")
        li.enter(number, "牛肉面")
        expect(li.said).to_contain_text("屏幕上有四位码的，也要填")
        li(".claim:visible").fill(f"{(int(claim) + 1) % 10_000:04}")
        li.send()
        expect(li.said).to_contain_text("四位码不对")
        check(page)
        scan(li, f"callme:sellerId=1&marchSn={number}&claim={claim}")
        li.send()
        li.see(str(number), "牛肉面", "正在做")


def test_a_paused_stall_says_so_and_comes_last(machine):
    server = machine.start()
    hands = Hands(server)
    hands.do("stall1", "pause")
    with open_page(PHONE) as page:
        li = student(page, server)
        paused = li(".stall").filter(has_text="暂停取号")
        expect(paused).to_have_count(1)
        expect(paused).to_contain_text("兰州拉面")
        check(page)
        li.press("人少的")
        expect(li(".stall").last).to_contain_text("暂停取号")
        hands.do("stall1", "resume")
        li.press("再看一次")
        expect(paused).to_have_count(0)
