"""A phone of the trial as a hand drives it, in Chromium."""

import json
import re

from playwright.sync_api import expect

from callme_site.testing.browsing import axe_faults, overflows

SECONDS = 20  # of patience with a busy machine
WATCH = """(element, patience) => new Promise((resolve, reject) => {
    const last = performance.now() + patience;
    const look = () => {
        if (CONDITION) {
            resolve();
        } else if (performance.now() > last) {
            reject(new Error("it never came"));
        } else {
            requestAnimationFrame(look);
        }
    };
    look();
})"""


class Phone:
    """A phone: one of those on the front page (0 is the stall's), or one that has the window to itself."""

    def __init__(self, page, place=None):
        expect.set_options(timeout=SECONDS * 1000)
        self.page = page
        self.root = page.locator("html") if place is None else page.locator(".set").nth(place)
        self.screen = page if place is None else self.root.frame_locator("iframe")
        self.toast = self("role=status")
        self.trouble = self("page:visible .trouble")
        self.said = self("page:visible .said:not(.said-none)")
        self.rows = self(".row:visible")

    def __call__(self, selector):
        return self.screen.locator(selector)

    def show(self):
        """Bring it into the window."""
        self.root.evaluate("root => root.scrollIntoView({ inline: 'center' })")

    def button(self, words):
        # A message box is fixed in its frame, so that asking for it does not bring the frame into the window.
        self.show()
        return self.screen.get_by_role("button", name=words, exact=True)

    def press(self, words):
        expect(self(".btn-busy")).to_have_count(0)  # a phone does one thing at a time
        self.button(words).click()

    def visit(self, stall):
        """Press a stall in the list, whoever waits there."""
        self.show()
        self.screen.get_by_role("button", name=re.compile(f"^{stall}")).click()

    def see(self, *texts):
        for text in texts:
            expect(self("page:visible")).to_contain_text(text)

    def answer(self, words):
        """Press a button of the message box."""
        self.show()
        self("dialog").get_by_role("button", name=words, exact=True).click()

    def say(self, words):
        """Wait for words that are gone again after a moment, and so are looked for without a pause."""
        self.watch(self.toast, f"element.textContent === {json.dumps(words)}")

    def ring(self):
        self.watch(self.root, "element.classList.contains('ringing')")

    def watch(self, place, condition):
        place.evaluate(WATCH.replace("CONDITION", condition), SECONDS * 1000)

    def exchanges(self, query, count):
        """Return what was asked and answered for a query, the oldest first, once there are so many."""
        found = self.root.locator(".exchanges li").filter(has=self.page.locator(f"b:text-is('{query}')"))
        expect(found).to_have_count(count)
        return [
            (item.locator(".asked").inner_text(), item.locator(".answered").inner_text()) for item in found.all()[::-1]
        ]

    def take(self, number, *, words="取一个号"):
        """Take a number, which has to be that one."""
        self.press(words)
        expect(self(".ticket-number")).to_have_text(str(number))

    def send(self, words="等餐", *, allow=False):
        """Send what is entered, and answer WeChat where it asks for leave for a message, as the page has told."""
        asks = self(".message:visible").count()
        self.press(words)
        if asks:
            self.show()
            self("dialog").locator(".modal-confirm" if allow else ".modal-cancel").click()

    def enter(self, number, note="", *, digit="数字", wait="等餐", allow=False):
        """Enter a number by the keypad, with a note, and send it."""
        shown = self("page:visible .number")
        for _figure in shown.inner_text().strip("–"):
            self(".erase").click()
        expect(shown).to_have_text("–")
        for figure in str(number):
            self.press(f"{digit} {figure}")
        self("textarea").fill(note)
        self.send(wait, allow=allow)

    def call(self, number, *, words="叫号"):
        self.rows.filter(has_text=re.compile(rf"^{number}\D")).get_by_role("button", name=words, exact=True).click()

    @property
    def messages(self):
        """The messages over the dark screen, the newest first."""
        return self.root.locator(".messages button")

    def pocket(self):
        self.root.locator("[data-do=pocket]").click()


def front(page, url, *, stall="兰州拉面"):
    """Open the front page; the student stands at the stall's menu."""
    page.goto(url)
    seller, li = Phone(page, 0), Phone(page, 1)
    seller.see("兰州拉面")
    li.visit(stall)
    li.see("手里的号")
    return seller, li


def check(page):
    """Nobody is kept from using the page and the phones on it as they look now."""
    for frame in page.frames:
        assert not overflows(frame), frame.url
        faults = axe_faults(frame)
        assert not faults, faults
