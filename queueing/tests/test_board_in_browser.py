"""The calling board in Chromium, on a TV and on a phone, against bin/serve."""

import time

import pytest

from callme_site.testing.browsing import PHONE, axe_faults, in_browser, open_page, overflows

pytestmark = in_browser

TV = {"width": 1920, "height": 1080}
LAPTOP = {"width": 1366, "height": 768}
SMALL = {"width": 320, "height": 640}

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
from queueing import taking
from queueing.models import Order
from sellers.models import Seller
for seller in Seller.objects.filter(pk__in={sellers}):
    for number in range(99):
        taking.take(seller)
    for number in range(2, 80, 2):
        Order.objects.call(seller, number)
"""

# As if these numbers of stall 1 were uncollected in so many seconds.
CALLED_LONG_AGO = """
from datetime import timedelta
from django.conf import settings
from django.utils import timezone
from callme_site.storage.versions import EVERYTHING, changing
from queueing.models import Order
moment = timezone.now() - timedelta(minutes=settings.UNCOLLECTED_MINUTES) + timedelta(seconds={seconds})
with changing(EVERYTHING):
    Order.objects.filter(seller=1, live_number__in={numbers}).update(
        taken_at=moment, called_at=moment, last_called_at=moment
    )
"""

# Stall 2 hands out no more for now, and its students waited six minutes lately.
PAUSED = """
from datetime import timedelta
from django.utils import timezone
from callme_site.storage.versions import EVERYTHING, changing
from queueing.models import Order
from sellers.models import Seller
now = timezone.now()
times = {"taken_at": now - timedelta(minutes=7), "bound_at": now - timedelta(minutes=6), "called_at": now}
with changing(EVERYTHING):
    Seller.objects.filter(pk=2).update(paused_until=now + timedelta(hours=1))
    for number in range(50, 56):
        Order.objects.create(seller_id=2, number=number, closed_at=now, ending="collected", **times)
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

    def undo(self, number):
        assert self.server.ask("undo", self.session, marchSn=number) == {"undoSuccess": "success"}

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
    wait_until(page, f"document.querySelector('.latest .number')?.textContent === '{number}'")


def wait_to_hear(page, *sounds):
    """Wait for these sounds, and no other before or among them."""
    wait_until(page, f"heard.length >= {len(sounds)}")
    assert page.evaluate("heard.splice(0)") == list(sounds)


def open_board(page, server, path="1/"):
    page.goto(f"{server.url}/board/{path}")
    page.wait_for_selector("#board:visible")


def switch_off(machine, *sellers):
    command = f"""
from callme_site.storage.versions import SELLERS, changing
from sellers.models import Seller
with changing(SELLERS):
    Seller.objects.update(switched_off=False)
    Seller.objects.filter(pk__in={sellers}).update(switched_off=True)
"""
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
        assert newest(page) == [("兰州拉面", "2", True)]

        page.evaluate("voices.pop(), voices.pop()")
        hotpot.call(1)
        wait_to_hear(page, "♪")
        assert newest(page) == [("麻辣烫", "1", True), ("兰州拉面", "2", False)]

        switch_off(machine, 1)
        page.wait_for_selector("#sellers section + section", state="detached")
        switch_off(machine, 1, 2)
        page.wait_for_selector("#missing:visible")
        assert page.inner_text("#missing p") == "没有这个商家，或者它已停用。"
        hotpot.call(2)  # while nobody sees it
        switch_off(machine)
        page.wait_for_selector("#sellers section + section", timeout=20_000)
        assert page.locator("ol.ready").all_inner_texts() == ["1\n2", "2"]
        assert newest(page) == [("麻辣烫", "2", True), ("兰州拉面", "2", False)]
        noodles.call(1)
        wait_to_hear(page, "♪")  # and no more
        hotpot.end(1, 2)
        wait_until(page, "document.querySelectorAll('.call:not([hidden])').length === 1")
        assert newest(page) == [("兰州拉面", "1", True)]


def newest(page):
    """Return the newest call of each stall, and whether it is the newest of all."""
    return [
        (
            call.locator(".name").inner_text(),
            call.locator(".number").inner_text(),
            "latest" in call.get_attribute("class"),
        )
        for call in page.locator(".call:visible").all()
    ]


def test_what_is_taken_back_is_silent(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(3)
    with open_page(TV) as page:
        page.add_init_script(EAR)
        open_board(page, server)
        turn_the_sound_on(page)
        stall.call(1, 2)
        wait_to_hear(page, "♪", "Ting: 请 1 号取餐", "♪", "Ting: 请 2 号取餐")
        stall.undo(2)
        wait_for_newest(page, 1)
        assert (numbers(page, "making"), numbers(page, "ready")) == ([2, 3], [1])
        assert page.locator("#newest .fresh").count() == 0

        stall.call(1)  # again, and that by mistake
        wait_to_hear(page, "♪", "Ting: 请 1 号取餐")
        stall.undo(1)
        stall.end(1)  # this too
        wait_until(page, "!document.querySelector('ol.ready li')")
        stall.undo(1)
        page.wait_for_selector("ol.ready li:not(.fresh):text-is('1')")
        stall.call(3)
        wait_to_hear(page, "♪", "Ting: 请 3 号取餐")  # and nothing before
        stall.call(2)
        wait_to_hear(page, "♪", "Ting: 请 2 号取餐")


def test_what_nobody_collects_is_announced_once_more(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(4)
    stall.call(1, 2)
    machine.manage("shell", "-v0", "-c", CALLED_LONG_AGO.format(numbers=[1], seconds=-60))
    with open_page(TV) as page:
        page.add_init_script(EAR)
        open_board(page, server)
        turn_the_sound_on(page)
        assert (numbers(page, "uncollected"), numbers(page, "ready")) == ([1], [2])
        assert page.inner_text(".apart h3") == "未取餐"
        stall.call(3)
        wait_to_hear(page, "♪", "Ting: 请 3 号取餐")  # and not what was there before the screen
        machine.manage("shell", "-v0", "-c", CALLED_LONG_AGO.format(numbers=[2, 3], seconds=3))
        wait_to_hear(page, *(sound for number in (2, 3) for sound in ("♪", f"Ting: {number} 号还没有取，请尽快取餐")))
        assert (numbers(page, "uncollected"), numbers(page, "ready")) == ([1, 2, 3], [])
        assert page.inner_text("#announcement") == "3 号还没有取，请尽快取餐"
        page.wait_for_selector("ol.uncollected li.fresh:text-is('3')")
        assert page.locator("#newest .fresh").count() == 0

        stall.end(3)
        stall.undo(3)
        stall.call(2)
        wait_to_hear(page, "♪", "Ting: 请 2 号取餐")
        assert numbers(page, "uncollected") == [1, 2, 3]
        stall.end(1, 2, 3)
        page.wait_for_selector(".apart", state="hidden")
        stall.call(4)
        wait_to_hear(page, "♪", "Ting: 请 4 号取餐")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_says_that_a_stall_is_paused_and_how_long_others_waited(machine, scheme):
    server = machine.start()
    machine.manage("shell", "-v0", "-c", PAUSED)
    stall = Stall(server, 1)
    stall.take(2)
    stall.call(1)
    machine.manage("shell", "-v0", "-c", CALLED_LONG_AGO.format(numbers=[1], seconds=-1))
    for locale, said in (("zh-CN", SAID), ("en-GB", SAID_IN_ENGLISH)):
        with open_page(color_scheme=scheme, locale=locale) as page:
            for size in (TV, LAPTOP, PHONE, SMALL):
                page.set_viewport_size(size)
                for path in ("?sellers=1,2,3", "2/"):
                    open_board(page, server, path)
                    assert page.locator(":is(.paused, .wait) > span:visible").all_inner_texts() == said
                    assert not overflows(page)
                    assert axe_faults(page) == []


SAID = ["暂停取号", "最近大家等了约 6 分钟"]
SAID_IN_ENGLISH = ["Paused: no new numbers for now", "Others waited about 6 min lately"]


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
        before = page.evaluate(PLACES)
        page.wait_for_selector("#offline:visible")
        assert page.evaluate(PLACES) == before
        assert "网络已断开" in page.inner_text("#offline")
        assert numbers(page, "ready") == [1]
        server = machine.start()
        stall.call(2)
        wait_for_newest(page, 2)
        assert page.is_hidden("#offline")
        assert (numbers(page, "making"), numbers(page, "ready")) == ([], [1, 2])
        assert page.evaluate("loaded") == "once"


PLACES = "[...document.querySelectorAll('li, #newest')].map((part) => JSON.stringify(part.getBoundingClientRect()))"


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
            route.fulfill(status=503, headers={"Retry-After": "7"}, json={"queryErr": "Server Error"})

        page.route("**/board/numbers*", answer)
        page.goto(f"{server.url}/board/1/")
        wait_until(page, "document.querySelector('#waiting').textContent.startsWith('服务器没有回应')")
        page.wait_for_selector("#waiting:visible")
        assert page.is_hidden("#offline")
        assert axe_faults(page) == []
        while len(asked) < 2:
            page.wait_for_timeout(100)
        assert asked[1] - asked[0] >= 7


def test_99_numbers_are_all_to_be_seen(machine):
    server = machine.start()
    machine.manage("shell", "-v0", "-c", FILL.format(sellers=[1, 2, 3]))
    machine.manage("shell", "-v0", "-c", CALLED_LONG_AGO.format(numbers=[2, 4, 6, 8], seconds=-1))
    for scheme in ("light", "dark"):
        with open_page(color_scheme=scheme) as page:
            for size in (TV, LAPTOP, PHONE, SMALL):
                page.set_viewport_size(size)
                for path, count in (("1/", 99), ("?sellers=1,2,3", 3 * 99)):
                    open_board(page, server, path)
                    assert page.locator("ol li").count() == count
                    assert not overflows(page)
                    assert axe_faults(page) == []
                    if size in (TV, LAPTOP):
                        assert page.evaluate("document.scrollingElement.scrollHeight") <= size["height"]
                        assert page.evaluate(CUT_OFF) == []


# The numbers that are not wholly within their stall's section.
CUT_OFF = """() => [...document.querySelectorAll("ol li")].filter((item) => {
    const [inner, outer] = [item, item.closest(".numbers")].map((element) => element.getBoundingClientRect());
    return inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1 || item.scrollWidth > item.clientWidth;
}).map((item) => item.textContent)"""


def test_a_flash_can_be_read_at_every_moment_of_it(machine):
    server = machine.start()
    stall = Stall(server, 1)
    stall.take(1)
    for scheme in ("light", "dark"):
        with open_page(TV, color_scheme=scheme) as page:
            open_board(page, server)
            stall.call(1)
            page.wait_for_selector("ol.ready li.fresh")
            contrasts = page.evaluate(CONTRASTS)
            assert len(set(contrasts)) > 1  # it does flash
            assert min(contrasts) > 4.5


# The contrast of text and ground in what flashes, at fifty moments of two seconds.
CONTRASTS = r"""() => {
    const light = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const contrasts = [];
    for (const part of document.querySelectorAll(".fresh")) {
        const [animation] = part.getAnimations();
        animation.pause();
        for (let time = 0; time < 2000; time += 40) {
            animation.currentTime = time;
            const { color, backgroundColor } = getComputedStyle(part);
            const [one, other] = [light(color), light(backgroundColor)].sort((one, other) => one - other);
            contrasts.push((other + 0.05) / (one + 0.05));
        }
    }
    return contrasts;
}"""


@pytest.mark.parametrize("size", [TV, PHONE], ids=["tv", "phone"])
def test_a_stall_without_numbers_leaves_its_room_to_the_others(machine, size):
    server = machine.start()
    machine.manage("shell", "-v0", "-c", FILL.format(sellers=[2]))
    with open_page(size) as page:
        open_board(page, server, "?sellers=1,2,3")
        heights = page.evaluate("[...document.querySelectorAll('.seller')].map((section) => section.clientHeight)")
        assert max(heights[0], heights[2]) < 110
        assert heights[1] > 5 * heights[0]
        assert page.locator(".seller:visible .idle:visible").all_inner_texts() == ["暂无号码", "暂无号码"]
        assert not overflows(page)
        assert axe_faults(page) == []
        Stall(server, 1).take(1)
        page.wait_for_selector(".seller:first-child .making li:visible")


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
        assert page.inner_text("#missing p") == "There is no such stall, or it is switched off."
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
