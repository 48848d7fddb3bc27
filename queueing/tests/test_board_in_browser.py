"""The calling board in Chromium, on a TV and on a phone, against bin/serve."""

import time

import pytest

from callme_site.tests.browsing import PHONE, axe_faults, needs_chromium, open_page, overflows

pytestmark = needs_chromium

TV = {"width": 1920, "height": 1080}

# What the loudspeaker gets: "♪" for a chime, and what is said. Debian's Chromium has no voices: these are lent to it.
EAR = """
window.heard = [];
window.voices = [
    {name: "David", lang: "en-US", localService: true},
    {name: "Yun of the cloud", lang: "zh-CN", localService: false},
    {name: "Sinji", lang: "zh-HK", localService: true},
    {name: "Ting", lang: "zh-CN", localService: true},
];
const {createOscillator} = BaseAudioContext.prototype;
let last = -1;
BaseAudioContext.prototype.createOscillator = function () {
    if (this.state === "running" && this.currentTime > last + 0.5) heard.push("♪");
    last = this.currentTime;
    return createOscillator.call(this);
};
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
speechSynthesis.getVoices = () => voices;
speechSynthesis.speak = (said) => {
    heard.push(`${said.voice.name}: ${said.text}`);
    setTimeout(() => said.onend(), 50);
};
"""

FILL = """
from queueing.models import Order
from sellers.models import Seller
for seller in Seller.objects.filter(pk__in={sellers}):
    for number in range(99):
        Order.objects.take(seller)
    for number in range(2, 80, 2):
        Order.objects.call(seller, number)
"""


class Stall:
    """A sample stall of the server's, whose person calls numbers."""

    def __init__(self, server, place):
        self.server = server
        self.session = server.ask("login", isseller="yes", code=f"sandbox-stall{place}-{time.monotonic_ns()}")[
            "sessionKey"
        ]

    def take(self, count=1):
        return [self.server.ask("fetch", self.session)["marchSn"] for _ in range(count)]

    def call(self, *numbers):
        for number in numbers:
            assert self.server.ask("call", self.session, marchSn=number) == {"callSuccess": "success"}

    def end(self, *numbers):
        for number in numbers:
            self.server.ask("done", self.session, marchSn=number, isseller="yes")


def numbers(page, state):
    return [int(number) for number in page.locator(f"ol.{state} li").all_inner_texts()]


def wait_until(page, script, seconds=15):
    """Wait until the script is true. Playwright's own way needs eval, which the page's policy forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < deadline, script
        page.wait_for_timeout(30)


def wait_for_newest(page, number):
    wait_until(page, f"document.querySelector('#newest .number').textContent === '{number}'")


def wait_to_hear(page, *sounds):
    """Wait for these sounds, and no other before or among them."""
    wait_until(page, f"heard.length >= {len(sounds)}")
    assert page.evaluate("heard.splice(0)") == list(sounds)


def open_board(page, server, path="1/"):
    page.goto(f"{server.url}/board/{path}")
    page.wait_for_selector("#board:visible")


def switch_off(machine, *sellers):
    command = "from sellers.models import Seller\nSeller.objects.update(switched_off=False)\n"
    command += f"Seller.objects.filter(pk__in={sellers}).update(switched_off=True)"
    machine.manage("shell", "-v0", "-c", command)


def test_a_lunch_at_one_stall(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(6)
    stall.call(1)
    with open_page(TV) as page:
        page.add_init_script(EAR)
        open_board(page, server)
        assert (numbers(page, "making"), numbers(page, "ready")) == ([2, 3, 4, 5, 6], [1])
        assert page.inner_text("#newest .number") == "1"
        assert page.locator(".fresh").count() == 0
        turn_the_sound_on(page)
        assert page.text_content("#announcement") == ""
        assert min(seconds_to_see(page, stall, number) for number in (2, 3, 4)) < 2
        wait_to_hear(page, *(sound for number in (2, 3, 4) for sound in ("♪", f"Ting: 请 {number} 号取餐")))
        assert page.inner_text("#announcement") == "请 4 号取餐"

        page.wait_for_selector(".fresh", state="detached", timeout=15_000)
        stall.call(2)  # again
        page.wait_for_selector("ol.ready li.fresh:text-is('2')")
        page.wait_for_selector("#newest .fresh")
        wait_for_newest(page, 2)
        wait_to_hear(page, "♪", "Ting: 请 2 号取餐")

        stall.call(6, 5)  # at once: one after the other
        wait_to_hear(page, "♪", "Ting: 请 6 号取餐", "♪", "Ting: 请 5 号取餐")
        stall.end(5, 6)
        wait_for_newest(page, 2)
        assert (numbers(page, "making"), numbers(page, "ready")) == ([], [1, 2, 3, 4])
        stall.end(1, 2, 3, 4)
        page.wait_for_selector("#newest > .none:visible")
        assert page.evaluate("heard") == []


def turn_the_sound_on(page):
    assert page.inner_text("#sound") == "声音尚未开启，请点击这里开启。"
    page.click("#sound")
    page.wait_for_selector("#sound", state="hidden")


def seconds_to_see(page, stall, number):
    stall.call(number)
    called = time.monotonic()
    wait_for_newest(page, number)
    page.wait_for_selector(f"ol.ready li.fresh:text-is('{number}')")
    return time.monotonic() - called


def test_a_counter_of_two_stalls(machine):
    server = machine.start()
    noodles, hotpot = Stall(server, 1), Stall(server, 2)
    for stall in (noodles, hotpot):
        stall.take(2)
    with open_page(TV, forgiven="404") as page:
        page.add_init_script(EAR)
        open_board(page, server, "?sellers=2,1")
        assert page.locator("#sellers h2").all_inner_texts() == ["麻辣烫", "兰州拉面"]
        turn_the_sound_on(page)
        noodles.call(2)
        wait_to_hear(page, "♪", "Ting: 兰州拉面，请 2 号取餐")
        assert page.inner_text("#newest .name") == "兰州拉面"

        page.evaluate("voices.pop(), voices.pop()")
        hotpot.call(1)
        wait_to_hear(page, "♪")
        assert page.inner_text("#newest .name") == "麻辣烫"

        switch_off(machine, 1)
        page.wait_for_selector("#sellers section + section", state="detached")
        switch_off(machine, 1, 2)
        page.wait_for_selector("#missing:visible")
        assert page.inner_text("#missing") == "没有这个商家，或者它已停用。"
        hotpot.call(2)  # while nobody sees it
        switch_off(machine)
        page.wait_for_selector("#sellers section + section", timeout=20_000)
        assert page.locator("ol.ready").all_inner_texts() == ["1\n2", "2"]
        noodles.call(1)
        wait_to_hear(page, "♪")  # and no more


def test_it_is_right_again_when_the_server_is_back(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(2)
    stall.call(1)
    with open_page(PHONE, forgiven="ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET") as page:
        open_board(page, server)
        page.evaluate("window.loaded = 'once'")
        assert page.is_hidden("#offline")
        server.stop()
        page.wait_for_selector("#offline:visible")
        assert "网络已断开" in page.inner_text("#offline")
        assert numbers(page, "ready") == [1]
        server = machine.start()
        stall.call(2)
        wait_for_newest(page, 2)
        assert page.is_hidden("#offline")
        assert (numbers(page, "making"), numbers(page, "ready")) == ([], [1, 2])
        assert page.evaluate("loaded") == "once"


def test_what_is_no_answer_of_ours_counts_as_offline(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(1)
    with open_page(forgiven="429|ERR_INTERNET_DISCONNECTED|ERR_FAILED") as page:
        open_board(page, server)
        # Somebody's login page; a line that has gone dead; a proxy that asks for patience.
        for answer in (
            lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>"),
            lambda route: None,
            lambda route: route.fulfill(status=429, headers={"Retry-After": "3"}),
        ):
            page.route("**/board/numbers*", answer)
            page.wait_for_selector("#offline:visible")
            page.unroute("**/board/numbers*")
            page.wait_for_selector("#offline", state="hidden")
        page.context.set_offline(True)
        page.wait_for_selector("#offline:visible")
        page.context.set_offline(False)
        page.wait_for_selector("#offline", state="hidden")
        stall.call(1)
        wait_for_newest(page, 1)


def test_it_waits_as_long_as_it_is_asked_to(machine):
    server = machine.start()
    with open_page(forgiven="503") as page:
        asked = []

        def answer(route):
            asked.append(time.monotonic())
            route.fulfill(status=503, headers={"Retry-After": "7"}, json={"database": "unreachable"})

        page.route("**/board/numbers*", answer)
        page.goto(f"{server.url}/board/1/")
        page.wait_for_selector("#offline:visible")
        while len(asked) < 2:
            page.wait_for_timeout(100)
        assert asked[1] - asked[0] >= 7


def test_99_numbers_are_all_to_be_seen(machine):
    server = machine.start()
    machine.manage("shell", "-v0", "-c", FILL.format(sellers=[1, 2, 3]))
    for scheme in ("light", "dark"):
        for size in (TV, PHONE):
            with open_page(size, color_scheme=scheme) as page:
                for path, count in (("1/", 99), ("?sellers=1,2,3", 3 * 99)):
                    open_board(page, server, path)
                    assert page.locator("ol li").count() == count
                    assert not overflows(page)
                    assert axe_faults(page) == []
                    if size is TV:
                        assert page.evaluate("document.scrollingElement.scrollHeight") <= TV["height"]
                        assert page.evaluate(CUT_OFF) == []


# The numbers that are not wholly within their stall's section.
CUT_OFF = """() => [...document.querySelectorAll("ol li")].filter((item) => {
    const [inner, outer] = [item, item.closest(".numbers")].map((element) => element.getBoundingClientRect());
    return inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1 || item.scrollWidth > item.clientWidth;
}).map((item) => item.textContent)"""


@pytest.mark.parametrize("size", [TV, PHONE], ids=["tv", "phone"])
def test_every_state_can_be_read_by_everybody(machine, size):
    server = machine.start()
    stall = Stall(server, 1)
    with open_page(size, forgiven="404", locale="en-GB", reduced_motion="reduce") as page:
        open_board(page, server)
        assert page.inner_text("#newest > .none") == "Your number appears here as soon as your food is ready."
        assert axe_faults(page) == []
        stall.take(2)
        stall.call(1)
        page.wait_for_selector("ol.ready li.fresh")
        moving = "getComputedStyle(document.querySelector('{}')).animationName"
        assert {page.evaluate(moving.format(part)) for part in ("li.fresh", "#newest .fresh")} == {"none"}
        wait_until(page, "document.querySelector('#announcement').textContent === 'Number 1, please collect'")
        page.evaluate("page.offline.hidden = false")
        assert axe_faults(page) == []
        page.goto(f"{server.url}/board/99/")
        assert page.inner_text("#missing") == "There is no such stall, or it is switched off."
        assert axe_faults(page) == []


def test_it_may_run_for_weeks(machine):
    """A thousand polls, with calls all the while, in a browser whose timers run fifty times as fast."""
    server = machine.start()
    stall = Stall(server, 1)
    with open_page(TV) as page:
        page.add_init_script(EAR)
        page.add_init_script("const slow = setTimeout; window.setTimeout = (task, delay) => slow(task, delay / 50);")
        open_board(page, server)
        turn_the_sound_on(page)
        polls = []
        page.on("request", lambda request: polls.append(1) if "numbers" in request.url else None)
        devtools = page.context.new_cdp_session(page)
        before = serve_until(page, stall, devtools, polls, 200)
        after = serve_until(page, stall, devtools, polls, 1200)
    assert (after["nodes"], after["jsEventListeners"]) == (before["nodes"], before["jsEventListeners"])
    assert after["heap"] < before["heap"] + 400_000, (before, after)  # bytes; it sways by half of it


def serve_until(page, stall, devtools, polls, count):
    """Serve lunch until the board has polled that often and is empty again; return what the page then holds."""
    while len(polls) < count:
        taken = stall.take(5)
        stall.call(*taken, *taken[::3])
        wait_until(page, "document.querySelectorAll('ol.ready li').length === 5")
        stall.end(*taken)
        wait_until(page, "!document.querySelector('ol li, .fresh')")
    wait_until(page, "!announcing")
    page.evaluate("heard.length = 0")
    page.wait_for_timeout(1500)  # the last chime has faded, in real time
    devtools.send("HeapProfiler.collectGarbage")
    counted = devtools.send("Memory.getDOMCounters")
    return counted | {"heap": devtools.send("Runtime.getHeapUsage")["usedSize"]}
