"""Chromium, as people use it: Debian's package, driven by Playwright."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# It asks nobody but the page's server; as root, its sandbox does not start.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

in_browser = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")]


@contextmanager
def open_page(size: dict[str, int] = DESKTOP, *, forgiven: str | None = None, **options: str) -> Iterator[Page]:
    """A page of a new, Chinese browser; at its end, nothing may have gone wrong in it or been asked of another host.

    `forgiven` is the pattern of console errors that the test brings about.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        page = browser.new_page(viewport=size, **options)
        complaints, hosts = [], set()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
        yield page
        browser.close()
    complaints = [complaint for complaint in complaints if not (forgiven and re.search(forgiven, complaint))]
    assert not complaints, complaints
    assert hosts <= {"127.0.0.1"}, hosts


def log_in(page: Page, url: str, username: str, password: str) -> None:
    """Log in to the admin and arrive at its front page."""
    page.goto(f"{url}/admin/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("input[type=submit]")
    page.wait_for_selector("#site-name")


def overflows(page: Page) -> bool:
    """Return whether the page is wider than its window."""
    page.wait_for_load_state()  # after a click that leads to it, its styles may still be on their way
    return page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")


# The texts that lie beyond the window, or beyond a box that does not show all that it holds.
CUT_OFF = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), cut = [];
    const unseen = "script, style, noscript, template, select, textarea, .visually-hidden, .unseen, .selector button";
    while (texts.nextNode()) {
        const text = texts.currentNode, range = document.createRange();
        if (!text.textContent.trim() || text.parentElement.closest(unseen)) continue;
        range.selectNodeContents(text);
        const boxes = [...range.getClientRects()];
        const right = Math.max(...boxes.map((box) => box.right)), left = Math.min(...boxes.map((box) => box.left));
        let beyond = boxes.length > 0 && (right > innerWidth + 1 || left < -1);
        for (let around = text.parentElement; boxes.length && around !== document.body; around = around.parentElement) {
            const box = around.getBoundingClientRect();
            const hides = getComputedStyle(around).overflowX !== "visible";
            beyond ||= hides && (right > box.right + 1 || left < box.left - 1);
        }
        if (beyond) cut.push(text.textContent.trim());
    }
    return cut;
}"""


def cut_off(page: Page) -> list[str]:
    """Return the texts that cannot be read to their ends without moving the page or a part of it sideways."""
    page.wait_for_load_state()
    return page.evaluate(CUT_OFF)


def axe_faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now; a frame in it is a page of its own."""
    findings = Axe().run(page, options={"iframes": False}).response["violations"]
    return [f"{finding['id']}: {node['html']}" for finding in findings for node in finding["nodes"]]
