"""WeChat's message of the call in Chromium against bin/serve: the leave for it, the dark screen, the page it opens."""

import re

import pytest
import requests
from playwright.sync_api import expect

from callme_site.testing.browsing import DESKTOP, PHONE, in_browser, open_page
from callme_site.trial.sandbox_services import openid
from callme_site.trial.tests.driving import Phone, check, front
from callme_site.trial.tests.test_student_in_browser import Hands, student

pytestmark = in_browser

SMALL = {"width": 320, "height": 640}
ASKS = "微信会问：餐好时给您发一条消息，只这一次"
COMES, KEEP_OPEN = "餐好时微信会给您发一条消息", "请让这个页面开着：微信只在它打开时响铃"
SETTINGS = "callme.wechat.li"


class WeChat:
    """The sandbox WeChat of a machine, to which a message is given as callme gives it."""

    def __init__(self, machine):
        self.url = machine.settings["WECHAT_API_URL"]
        # As the settings have them where the sandbox is on.
        self.app = {"appid": "sandbox-buyer", "secret": "sandbox-buyer-secret"}

    def post(self, path, sent, **params):
        answer = requests.post(self.url + path, json=sent, params=params, timeout=5).json()
        assert answer.get("errcode", 0) == 0, answer
        return answer

    def message(self, number, *, seller=1, name="li", note="牛肉面"):
        self.post("/sandbox/subscribe", {"name": name, "template_id": "sandbox-template"})
        token = self.post("/cgi-bin/stable_token", self.app | {"grant_type": "client_credential"})["access_token"]
        data = {"thing1": "兰州拉面", "character_string2": str(number), "thing3": note, "time4": "12:03"}
        message = {
            "touser": openid(self.app["appid"], name),
            "template_id": "sandbox-template",
            "page": f"pages/wait/wait?sellerId={seller}&marchSn={number}",
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "data": {field: {"value": value} for field, value in data.items()},
        }
        self.post("/cgi-bin/message/subscribe/send", message, access_token=token)


def pushes(page):
    """Return the list of what is sent with `push` from now on."""
    sent = []

    def note(request):
        data = (request.method == "POST" and "phone" not in request.url and request.post_data_json) or {}
        if data.get("query") == "push":
            sent.append(data.get("subscribe"))

    page.on("request", note)
    return sent


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_leave_is_asked_for_at_the_tap_that_sends_the_number(machine, size):
    server = machine.start()
    hands = Hands(server)
    with open_page(size, color_scheme="dark" if size is SMALL else "light") as page:
        sent = pushes(page)
        li = student(page, server)
        for allow, told in [(False, KEEP_OPEN), (True, COMES)]:
            li.visit("兰州拉面")
            number = hands.do("stall1", "fetch")["marchSn"]
            li.see(ASKS)
            expect(li(".message")).to_be_in_viewport(ratio=1)
            for figure in str(number):
                li.press(f"数字 {figure}")
            li.press("等餐")
            expect(li("dialog")).to_contain_text("申请发送一次以下消息取餐提醒")
            check(page)
            li.answer("允许" if allow else "拒绝")
            li.see(str(number), "正在做", told)
            check(page)
            li.press("再点一份")
        assert sent == [None, "yes"]
        page.reload()
        li(".order").first.click()
        li.see("允许过消息的")  # what was allowed before this start the phone does not know


def test_leave_that_no_order_has_used_is_not_asked_for_again(machine):
    server = machine.start()
    hands = Hands(server)
    with open_page(PHONE) as page:
        sent = pushes(page)
        li = student(page, server)
        li.visit("兰州拉面")
        li.see(ASKS)
        li.enter(57, "牛肉面", allow=True)
        expect(li.said).to_contain_text("没有发出这个号")
        li(".erase").click()
        li(".erase").click()
        li.press(f"数字 {hands.do('stall1', 'fetch')['marchSn']}")
        li.press("等餐")
        li.see("正在做", COMES)
        assert sent == ["yes", "yes"]


@pytest.mark.parametrize("allow", [True, False], ids=["allow", "reject"])
def test_what_is_chosen_for_always_is_not_asked_again(machine, allow):
    server = machine.start()
    hands = Hands(server)
    with open_page(PHONE) as page:
        sent = pushes(page)
        li = student(page, server)
        li.visit("兰州拉面")
        li.press(f"数字 {hands.do('stall1', 'fetch')['marchSn']}")
        li.press("等餐")
        li("dialog").get_by_label("总是保持以上选择，不再询问").check()
        li.answer("允许" if allow else "拒绝")
        li.press("再点一份")
        li.visit("兰州拉面")
        li.see("餐好时，微信会给您发一条消息。" if allow else "您关闭了微信的消息")
        li.press(f"数字 {hands.do('stall1', 'fetch')['marchSn']}")
        li.press("等餐")
        li.see(COMES if allow else KEEP_OPEN)
        assert sent == (["yes", "yes"] if allow else [None, None])


def test_who_has_switched_messages_off_goes_on_all_the_same(machine):
    server = machine.start()
    hands = Hands(server)
    with open_page(PHONE, locale="en-GB") as page:
        page.add_init_script(f"sessionStorage.setItem('{SETTINGS}', '{{\"off\": true}}')")
        li = student(page, server)
        li.visit("兰州拉面")
        li.see("You have switched WeChat’s messages off")
        li.press(f"Digit {hands.do('stall1', 'fetch')['marchSn']}")
        li.press("Wait for my food")
        li.see("Being cooked", "Keep this page open")
        check(page)


def test_the_call_reaches_the_phone_in_the_pocket(machine):
    """From the leave to the meal, by what callme sends."""
    server = machine.start()
    with open_page(DESKTOP) as page:
        seller, li = front(page, server.url)
        seller.take(1)
        li.enter(1, "牛肉面，不要香菜", allow=True)
        li.see("正在做", COMES)
        li.pocket()
        seller.call(1)
        expect(li.messages).to_contain_text("取餐提醒")
        expect(li.messages).to_contain_text("兰州拉面")
        expect(li.messages).to_contain_text("牛肉面，不要香菜")
        li.messages.click()
        li.see("1", "您的餐好了！")
        seller.press("撤回")
        li.see("商家撤回了叫号", KEEP_OPEN)  # the one message is used up
        expect(page.locator("[aria-current=step]")).to_have_text("商家叫号")
        seller.call(1)
        li.see("您的餐好了！")
        li.press("已取餐")
        li.say("慢用！")


@pytest.mark.parametrize(("size", "locale"), [(DESKTOP, "zh-CN"), (PHONE, "en-GB"), (SMALL, "en-GB")])
def test_a_message_over_the_dark_screen_opens_the_waiting_page(machine, size, locale):
    server = machine.start()
    hands, wechat = Hands(server), WeChat(machine)
    english = locale == "en-GB"
    first, second = hands.order(1, "li", "牛肉面"), hands.order(1, "li", "刀削面")
    wechat.message(98)  # came before the phone went into the pocket
    with open_page(size, locale=locale, color_scheme="dark" if english else "light") as page:
        page.goto(server.url)
        li = Phone(page, 1)
        li.see("刀削面")
        page.wait_for_timeout(1000)
        li.show()
        li.pocket()
        hands.do("stall1", "call", marchSn=first)
        wechat.message(first)
        expect(li.messages).to_have_count(1)
        wechat.message(second, note="<b>刀削面</b>")
        wechat.message(second, name="wang")
        expect(li.messages).to_have_count(2)
        expect(li.messages.first).to_contain_text("<b>刀削面</b>")
        expect(li.messages.last).to_contain_text("Pick-up number" if english else "取餐号")
        expect(page.locator("[aria-current=step]")).to_contain_text("collect" if english else "取餐")
        li.show()
        check(page)
        page.wait_for_timeout(6000)  # by then nothing runs on the phone any more
        li.messages.last.click()
        expect(li.root).not_to_have_class(re.compile("in-pocket"))
        expect(li("page")).to_have_count(1)
        expect(li("page")).to_contain_text("Your food is ready!" if english else "您的餐好了！", timeout=2000)
        li.see(str(first), "牛肉面", "Collected" if english else "已取餐")
        li.ring()
        check(page)
        # What was read is not there again, and what the pocket has not seen is asked of nobody.
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "messages" in request.url else None)
        page.wait_for_timeout(1500)
        assert asked == []
        li.show()
        li.pocket()
        page.wait_for_timeout(1500)
        expect(li.messages).to_have_count(0)


@pytest.mark.parametrize("ending", ["collected", "long ago"])
def test_a_message_that_is_opened_late_shows_what_has_become_of_the_order(machine, ending):
    """The program was destroyed meanwhile, and knows of no order."""
    server = machine.start()
    hands = Hands(server)
    number = hands.order(1, "li", "牛肉面")
    hands.do("stall1", "call", marchSn=number)
    page_of_message = f"pages/wait/wait?sellerId=1%26marchSn={number}"
    with open_page(PHONE) as page:
        li = Phone(page)
        page.goto(f"{server.url}/phone/student/?person=li&open={page_of_message}")
        li.see(str(number), "兰州拉面", "牛肉面", "您的餐好了！")
        check(page)
        hands.do("li", "done", sellerId=1, marchSn=number)
        if ending == "long ago":
            machine.manage("shell", "-v0", "-c", LONG_AGO)
        page.goto(f"{server.url}/phone/student/?person=li&open={page_of_message}")
        li.see(str(number), "兰州拉面", "这份餐已经取走了。" if ending == "collected" else "您的订单已结束。")
        expect(li("page:visible")).not_to_contain_text("正在做")
        check(page)
        li.press("回到档口")
        li.see("在哪个档口吃？")
        page.goto(f"{server.url}/phone/student/?person=li&open=pages/wait/wait?sellerId=x")
        li.see("在哪个档口吃？")


LONG_AGO = """
from datetime import timedelta
from django.utils import timezone
from callme_site.storage.versions import EVERYTHING, changing
from queueing.models import Order
with changing(EVERYTHING):
    Order.objects.update(closed_at=timezone.now() - timedelta(hours=1))
"""


def sign_up(page, server, locale):
    page.goto(f"{server.url}/phone/stall/?person=baozi")
    stall = Phone(page)
    words = "Sign up with WeChat’s number" if locale == "en-GB" else "用微信里的手机号入驻"
    return stall, words


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("letters", [None, "24px"], ids=["normal", "large"])
def test_wechats_telephone_number_may_be_refused(machine, locale, letters):
    server = machine.start()
    english = locale == "en-GB"
    with open_page(SMALL, locale=locale, color_scheme="dark" if english else "light") as page:
        stall, words = sign_up(page, server, locale)
        expect(stall.button(words)).to_be_visible()
        if letters:
            page.evaluate(f"document.documentElement.style.fontSize = '{letters}'")
        asked = []
        page.on("request", lambda request: asked.append((request.post_data_json or {}).get("query")))
        stall.press(words)
        expect(stall("dialog input")).to_have_count(4)
        check(page)
        stall.answer("Reject" if english else "拒绝")
        expect(stall.said).to_have_text(
            "WeChat’s number was not used. You may type it." if english else "没有用微信里的手机号，可以自己填。"
        )
        assert asked == []
        expect(stall(".tel")).to_be_editable()
        check(page)


def test_a_stall_signs_up_with_the_number_that_wechat_has_proven(machine):
    machine.settings["SIGNUP_PROOF"] = "required"
    server = machine.start()
    with open_page(PHONE) as page:
        stall, words = sign_up(page, server, "zh-CN")
        stall(".tel").fill("13800000004")
        stall.press("入驻")
        expect(stall.said).to_have_count(1)  # typing does not suffice here
        check(page)
        stall.press(words)
        stall.answer("允许")
        expect(stall.said).to_contain_text("已被另一部手机使用")  # the first number is stall 1's
        check(page)
        for errcode, reason in [(40029, "请再点一次"), (-1, "请自己填")]:
            mood = {"path": "/wxa/business/getuserphonenumber", "errcode": errcode, "times": 1}
            WeChat(machine).post("/sandbox/mood", mood)
            stall.press(words)
            stall.answer("允许")
            expect(stall.said).to_contain_text(reason)
        stall("[aria-label=店名]").fill("包子铺")
        stall.press(words)
        stall("dialog").get_by_label("13800000004").check()
        with page.expect_request(lambda request: (request.post_data_json or {}).get("query") == "signup") as signup:
            stall.answer("允许")
        sent = signup.value.post_data_json
        assert re.fullmatch(r"sandbox-13800000004-\w+", sent["phoneCode"])
        assert "telNum" not in sent
        stall.see("包子铺", "取一个号")
