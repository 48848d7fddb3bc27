"""A stall's day at its counter, in Chromium against bin/serve: several called at once, steps taken back, the code."""

import re

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from callme_site.testing.browsing import PHONE, in_browser, open_page
from callme_site.testing.screenshots import FILL_THE_DAY
from callme_site.trial.tests.driving import Phone, check

pytestmark = in_browser

SMALL = {"width": 320, "height": 640}
READER = django_settings.BASE_DIR / "miniprogram" / "node_modules" / "jsqr" / "dist" / "jsQR.js"


def lunch(server, count, *, stall=1, sent=lambda place: {}):
    """Let that many students order at a stall; return the session of the stall."""
    session = server.ask("login", isseller="yes", code=f"sandbox-stall{stall}-again")["sessionKey"]
    for place in range(1, count + 1):
        student = server.ask("login", code=f"sandbox-student{place}")["sessionKey"]
        taken = server.ask("fetch", session)
        order = {"sellerId": stall, "marchSn": taken["marchSn"], "claim": taken.get("claim", "")}
        assert server.ask("push", student, noteContent=f"面 {place}", **order) == {"pushSuccess": "success"}
    return session


def counter(page, server, stall=1):
    page.goto(f"{server.url}/phone/stall/?person=stall{stall}")
    return Phone(page)


def reads(phone, text):
    """Wait until the code on the screen is that text for another hand's reader; Debian's Chromium has none."""
    if not READER.exists():
        pytest.skip("there are no Node packages here: bin/build-miniprograms installs them")
    phone("canvas").evaluate(
        f"""async (canvas, [text, patience]) => {{
            const module = {{ exports: {{}} }}, exports = module.exports;
            {READER.read_text()}
            let read;
            for (const last = performance.now() + patience; read !== text;) {{
                if (performance.now() > last) {{
                    throw new Error(`it reads ${{read}}`);
                }}
                await new Promise(requestAnimationFrame);
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                read = module.exports(pixels.data, pixels.width, pixels.height)?.data;
            }}
        }}""",
        [text, 20_000],
    )


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_several_are_called_with_one_tap(machine, size):
    server = machine.start()
    session = lunch(server, 4)
    with open_page(size, color_scheme="dark" if size is SMALL else "light") as page:
        stall = counter(page, server)
        stall.take(5)
        stall.press("选多个")
        stall.press("叫这 0 个号")
        expect(stall.said).to_have_text("请先选号。")
        choices = stall(".choice:visible")
        for number in (3, 1, 2):
            choices.filter(has_text=f"面 {number}").click()
        choices.filter(has_text="面 2").click()
        choices.filter(has_text="面 4").click()
        expect(choices.filter(has_text="✓")).to_have_count(3)
        check(page)
        # One of them ends before the tap that calls it.
        server.ask("done", session, marchSn=4, isseller="yes")
        expect(choices).to_have_count(3)
        stall.press("叫这 2 个号")
        stall.see("已叫号 2", "要做的 1", "已叫 3、1")
        check(page)
        stall.press("撤回")
        stall.say("已撤回 3、1")
        stall.see("要做的 3")
        expect(stall(".undo:visible")).to_have_count(0)
        reads(stall, "callme:sellerId=1&marchSn=5&claim=")


def test_what_could_not_be_called_is_said(machine):
    server = machine.start()
    session = lunch(server, 3)
    with open_page(PHONE, locale="en-GB") as page:
        stall = counter(page, server)
        stall.press("Choose several")
        for number in (1, 2):
            stall(".choice:visible").filter(has_text=f"面 {number}").click()
        # Its student is faster than the tap.
        page.route(re.compile("/$"), ended_first(server, session, 2))
        stall.press("Call 2")
        expect(stall.said).to_have_text("Not called: 2. Those orders had ended.")
        stall.see("Called: 1", "To cook 1")
        check(page)


def ended_first(server, session, number):
    def route(route):
        if '"query":"call"' in (route.request.post_data or ""):
            server.ask("done", session, marchSn=number, isseller="yes")
        route.continue_()

    return route


def test_a_wrong_tap_is_taken_back(machine):
    server = machine.start()
    lunch(server, 1)
    with open_page(PHONE) as page:
        stall = counter(page, server)
        stall.call(1)
        stall.see("已叫 1", "已叫号 1")
        check(page)
        stall.call(1, words="再叫一次")
        stall.see("×2")
        stall.press("撤回")
        stall.say("已撤回 1")
        stall.see("已叫号 1")
        expect(stall(".row-state")).not_to_contain_text("×")
        stall.rows.get_by_role("button", name="结束").click()
        stall.see("已结束 1")
        expect(stall.rows).to_have_count(0)
        stall.press("撤回")
        stall.see("已叫号 1", "面 1")
        stall.rows.get_by_role("button", name="结束").click()
        stall.see("已结束 1")
        expect(stall("page:visible .undo-act")).to_have_count(0)  # after ten seconds it is too late


def test_a_step_that_is_too_long_ago_is_told_of(machine):
    machine.settings["UNDO_SECONDS"] = "0"
    server = machine.start()
    lunch(server, 1)
    with open_page(PHONE) as page:
        stall = counter(page, server)
        stall.call(1)
        stall.see("已叫 1")
        stall.press("撤回")
        expect(stall.said).to_have_text("时间太久了，不能再撤回。")
        stall.see("已叫号 1")
        check(page)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_code_of_a_number_is_read(machine, locale):
    server = machine.start()
    with open_page(SMALL, locale=locale, color_scheme="dark") as page:
        stall = counter(page, server, 3)
        take, show = ("取一个号", "出示") if locale == "zh-CN" else ("Take a number", "Show")
        stall.take(1, words=take)
        stall.take(2, words=take)
        expect(stall("canvas")).to_be_visible()
        check(page)
        reads(stall, "callme:sellerId=3&marchSn=2&claim=")
        stall.rows.filter(has_text=re.compile(r"^1\D")).get_by_role("button", name=show).click()
        expect(stall(".ticket-number")).to_have_text("1")
        reads(stall, "callme:sellerId=3&marchSn=1&claim=")


def test_what_nobody_has_entered_is_cleared_within_a_few_keys(machine):
    server = machine.start()
    session = lunch(server, 0)
    for _ in range(99):
        server.ask("fetch", session)
    with open_page(SMALL) as page:
        stall = counter(page, server)
        expect(stall.rows).to_have_count(99)
        for _ in range(5):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('clear')"):
                break
        page.keyboard.press("Enter")
        check(page)
        stall.answer("清掉")
        stall.say("清掉了 99 个号。")
        expect(stall.rows).to_have_count(0)


def test_what_nobody_fetches_is_at_the_bottom(machine):
    server = machine.start()
    session = lunch(server, 3)
    server.ask("call", session, marchSn=1)
    machine.manage("shell", "-c", CALLED_LONG_AGO)
    server.ask("call", session, marchSn=2)
    with open_page(SMALL, locale="en-GB", color_scheme="dark") as page:
        stall = counter(page, server)
        stall.see("To cook 1", "Called 1", "Not collected 1", "Called 25 min ago")
        assert [row.split()[0] for row in stall.rows.all_inner_texts()] == ["3", "2", "1"]
        check(page)
        stall.call(1, words="Call again")
        stall.see("Not collected 1")  # a recall starts nothing anew
        stall.rows.last.get_by_role("button", name="End").click()
        stall.see("Ended: 1")
        expect(stall.rows).to_have_count(2)


CALLED_LONG_AGO = """
from datetime import timedelta
from django.utils import timezone
from callme_site.testing.announced import unannounced
from queueing.models import Order
with unannounced():
    Order.objects.filter(number=1).update(called_at=timezone.now() - timedelta(minutes=25, seconds=30))
"""


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_the_figures_of_the_day(machine, size):
    server = machine.start()
    machine.manage("shell", "-c", FILL_THE_DAY)
    with open_page(size, color_scheme="dark" if size is SMALL else "light") as page:
        stall = counter(page, server)
        stall.press("我的店")
        stall.press("今天")
        stall.see(
            "今天发出 112 个号",
            "一半的订单，填号后 6 分钟内叫到",
            "十份里有九份，11 分钟内叫到",
            "没人来取：0 份",
            "12 时",
        )
        hours = stall(".hour")
        expect(hours).to_have_count(13)  # from 7 to 19
        widths = hours.locator(".hour-bar").evaluate_all("bars => bars.map(bar => bar.offsetWidth)")
        assert widths[2] == 0 and max(widths) == widths[5] > 100  # nothing at 9, most at 12
        check(page)


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small"])
def test_a_stall_pauses_and_resumes(machine, size):
    server = machine.start()
    session = lunch(server, 1)
    with open_page(size, color_scheme="dark" if size is SMALL else "light") as page:
        stall = counter(page, server)
        stall.press("暂停发号")
        stall.see("已暂停发号", "今晚零点自动恢复")
        expect(stall.button("取一个号")).to_have_count(0)
        assert server.ask("fetch", session)["failMsg"] == "Paused Error"
        stall.call(1)
        stall.see("已叫号 1")
        check(page)
        page.reload()
        stall.press("恢复发号")
        stall.take(2)
        # Another phone of the stall paused meanwhile.
        server.ask("pause", session)
        stall.press("取一个号")
        expect(stall.said).to_have_text("这个档口现在暂停发号。")
        stall.see("恢复发号")
        check(page)


def test_a_number_is_shown_with_its_proof(machine):
    server = machine.start()
    session = server.ask("login", isseller="yes", code="sandbox-stall1-again")["sessionKey"]
    with open_page(SMALL, locale="en-GB") as page:
        stall = counter(page, server)
        stall.take(1, words="Take a number")
        expect(stall(".ticket-claim")).to_have_count(0)
        stall.press("My stall")
        switch = stall.button("Ask for proof")
        expect(switch).to_have_attribute("aria-pressed", "false")
        stall("[aria-label='Name of the stall']").fill("being written")
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        expect(stall("[aria-label='Name of the stall']")).to_have_value("being written")
        check(page)
        stall(".bar-back").click()
        stall.take(2, words="Take a number")
        claim = stall(".ticket-claim").inner_text()
        assert re.fullmatch("[0-9]{4}", claim)
        check(page)
        reads(stall, f"callme:sellerId=1&marchSn=2&claim={claim}")
        show(stall, 1)
        expect(stall(".ticket-claim")).to_have_count(0)
        reads(stall, "callme:sellerId=1&marchSn=1&claim=")
        page.reload()
        show(stall, 2)
        expect(stall(".ticket-claim")).to_have_text(claim)
        reads(stall, f"callme:sellerId=1&marchSn=2&claim={claim}")
        assert server.ask("claim", session, marchSn=2)["claim"] == claim
        stall.press("My stall")
        stall.button("Ask for proof").click()
        expect(stall.button("Ask for proof")).to_have_text("Off")


def show(stall, number):
    stall.rows.filter(has_text=re.compile(rf"^{number}\D")).get_by_role("button", name="Show", exact=True).click()
    expect(stall(".ticket-number")).to_have_text(str(number))
    expect(stall("canvas:not(.ticket-code-none)")).to_be_visible()
