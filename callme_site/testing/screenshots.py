"""The README's pictures: bin/serve with its sample stalls, some orders and a clerk, seen in Chromium."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callme_site.testing.settings")

from django.conf import settings
from playwright.sync_api import FrameLocator, Page

from callme_site.testing.browsing import PHONE, log_in, open_page
from callme_site.testing.serving import Serving, machine_on

FOLDER = settings.BASE_DIR / "docs" / "screenshots"
WINDOW = {"width": 1366, "height": 768}  # a small laptop
TV = {"width": 1920, "height": 1080}
DISHES = ["牛肉面，不要香菜", "刀削面", "炒拉条，多放辣", "牛肉面", "刀削面，加蛋"]


# A day's orders by the hour, whatever the hour of the pictures.
FILL_THE_DAY = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Person
from queueing.models import Order
midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
student = Person.objects.create(openid_hash="0" * 40)
for hour, count in {7: 21, 8: 14, 10: 4, 11: 58, 12: 83, 13: 19, 17: 52, 18: 61, 19: 12}.items():
    for place in range(count):
        taken = midnight + timedelta(hours=hour, seconds=3600 * place // count)
        called = taken + timedelta(seconds=90 + 37 * (place % 17))
        Order.objects.create(seller_id=1 + place % 3, buyer=student, number=1 + place % 99, taken_at=taken,
                             bound_at=taken, called_at=called, closed_at=called, ending="collected")
"""


def serve_lunch(server: Serving) -> None:
    """Let stall 1 serve a few students: two collect, one is called, two wait, one number is just out."""
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    for number, dish in enumerate(DISHES, start=1):
        student = server.ask("login", code=f"sandbox-student{number}")["sessionKey"]
        order = {"sellerId": 1, "marchSn": server.ask("fetch", stall)["marchSn"]}
        server.ask("push", student, noteContent=dish, **order)
    server.ask("fetch", stall)
    for number in (1, 2, 3):
        server.ask("call", stall, marchSn=number)
    for number in (1, 2):
        server.ask("done", stall, marchSn=number, isseller="yes")


def take(server: Serving) -> None:
    """Take the pictures of the console, at a desk and on a phone."""
    admin = f"{server.url}/admin"
    pages = {
        "summary": "/",
        "sellers": "/sellers/seller/",
        "seller": "/sellers/seller/1/change/",
        "renew": "/sellers/seller/renew/?sellers=1,2,3",
        "orders": "/queueing/order/",
    }
    for suffix, size in (("", WINDOW), ("-phone", PHONE)):
        with open_page(size) as page:
            log_in(page, server.url, *server.login)
            for name, path in pages.items():
                page.goto(admin + path)
                page.screenshot(path=FOLDER / f"{name}{suffix}.png")


def serve_many(server: Serving) -> None:
    """Let stalls 1 and 2 serve a crowd: a dozen numbers are being made at each, and a few are ready."""
    for place in (1, 2):
        stall = server.ask("login", isseller="yes", code=f"sandbox-stall{place}-again")["sessionKey"]
        numbers = [server.ask("fetch", stall)["marchSn"] for _ in range(16)]
        for number in numbers[place::4]:
            server.ask("call", stall, marchSn=number)


def take_the_board(server: Serving) -> None:
    """Take the pictures of the calling board: a stall's on a TV, and a counter's on a phone."""
    for name, size, path in (("board", TV, "1/"), ("board-phone", PHONE, "?sellers=1,2")):
        with open_page(size) as page:
            page.goto(f"{server.url}/board/{path}")
            page.click("#sound")
            page.wait_for_selector("#sound", state="hidden")
            page.screenshot(path=FOLDER / f"{name}.png")


def take_phones(server: Serving) -> None:
    """Take the pictures of the front page, at stall 3: one student's phone rings, and one number is just out."""
    for suffix, size in (("", WINDOW), ("-phone", PHONE)):
        with open_page(size, reduced_motion="reduce") as page:
            page.goto(server.url)
            stall, student = (page.locator(f".{program}") for program in ("stall", "student"))
            stall.locator("[data-slot=person]").select_option("stall3")
            seller, li = (phone.frame_locator("iframe") for phone in (stall, student))
            seller.get_by_text("煲仔饭").wait_for()
            seller.get_by_role("button", name="取一个号").click()
            number = seller.locator(".ticket-number").inner_text()
            order(li, number)
            seller.get_by_role("button", name="叫号", exact=True).click()
            li.get_by_text("您的餐好了！").wait_for()
            seller.get_by_role("button", name="取一个号").click()
            seller.locator(".row-blank").wait_for()
            page.evaluate("document.activeElement.blur(); document.querySelector('.student').scrollIntoView()")
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(500)  # the row of phones comes to rest
            page.screenshot(path=FOLDER / f"phones{suffix}.png")
            li.get_by_role("button", name="已取餐").click()
            seller.get_by_role("button", name="清掉没人填的 1 个号").click()
            seller.get_by_role("button", name="清掉", exact=True).click()
            seller.get_by_text("没有发出的号").wait_for()


def order(phone: FrameLocator | Page, number: str) -> None:
    """Let a student enter a number of stall 3's, with a dish."""
    phone.get_by_role("button", name="煲仔饭").click()
    for figure in number:
        phone.get_by_role("button", name=f"数字 {figure}").click()
    phone.get_by_role("button", name="滑鸡煲仔饭").click()
    phone.get_by_role("button", name="等餐").click()
    if phone.locator(".message:visible").count():
        phone.get_by_role("button", name="允许").click()


def take_mini_programs(server: Serving) -> None:
    """Take a picture of every page of the two mini-programs."""

    def take(name: str, seen: str) -> None:
        page.get_by_text(seen).filter(visible=True).first.wait_for()
        page.wait_for_timeout(300)  # pictures are painted
        page.screenshot(path=FOLDER / f"{name}.png")

    def use(phone: str) -> None:
        page.goto(f"{server.url}/phone/{phone}")

    stall = server.ask("login", isseller="yes", code="sandbox-stall3-pictures")["sessionKey"]
    number = str(server.ask("fetch", stall)["marchSn"])
    with open_page(PHONE) as page:
        use("student/?person=wang")
        take("student-stalls", "煲仔饭")
        page.get_by_role("button", name="煲仔饭").click()
        take("student-number", "滑鸡煲仔饭")
        page.locator(".bar-back").click()
        order(page, number)
        take("student-waiting", "正在做")
        use("stall/?person=stall1")
        take("stall-counter", "要做的")
        server.ask("call", stall, marchSn=number)
        use("student/?person=wang")
        take("student-called", "您的餐好了")
        use("stall/?person=stall1")
        page.get_by_role("button", name="我的店").click()
        take("stall-shop", "保存")
        page.get_by_role("button", name="今天").click()
        take("stall-today", "今天发出")
        page.locator(".bar-back").click()
        page.get_by_role("button", name="小程序码").click()
        page.locator(".picture:visible img").wait_for()
        take("stall-code", "一扫")
        use("stall/?person=newcomer")
        take("stall-signup", "还没有绑定")
        use("stall/?person=staff")
        page.get_by_role("button", name="工作人员").click()
        page.get_by_role("button", name="续费", exact=True).first.click()
        take("stall-staff", "卖几个月")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        machine_on(Path(folder), f"sqlite:///{folder}/callme.sqlite3") as machine,
    ):
        server = machine.start()
        serve_lunch(server)
        machine.manage("shell", "-v0", "-c", FILL_THE_DAY)
        for _time, _function, (job,) in settings.CRONJOBS:
            machine.manage(job)
        take(server)
        serve_many(server)
        take_the_board(server)
        take_phones(server)
        take_mini_programs(server)


if __name__ == "__main__":
    main()
