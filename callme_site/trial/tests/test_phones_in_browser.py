"""The two mini-programs in Chromium against bin/serve: a day of a stall and its students, by their own buttons."""

import re

import pytest
from playwright.sync_api import expect

from callme_site.testing.browsing import DESKTOP, PHONE, in_browser, open_page
from callme_site.testing.pictures import encoded
from callme_site.trial.tests.driving import Phone, check, front

pytestmark = in_browser

MARKUP = "<img src=x onerror=alert(1)>\n<b>不要香菜</b> & 🌶"
SMALL = {"width": 320, "height": 640}
LAPTOP = {"width": 1366, "height": 768}


def step(page, words):
    expect(page.locator("[aria-current=step]")).to_have_text(words)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_life_of_a_number(machine, size):
    server = machine.start()
    with open_page(size, color_scheme="dark" if size is PHONE else "light") as page:
        page.goto(server.url)
        step(page, "学生选档口")
        seller, li = front(page, server.url)
        step(page, "商家取号")
        check(page)
        seller.take(1)
        step(page, "学生填号点菜")
        eat(page, seller, li)
        share(page, seller, li)
        expect(page.locator("[data-board]")).to_have_attribute("href", "/board/?sellers=1,2,3")


def eat(page, seller, li):
    """From the number to the meal, with what went over the line to be read."""
    li.press("刀削面")
    expect(li("textarea")).to_have_value("刀削面")
    li.enter(1, MARKUP)
    li.see("1", MARKUP, "正在做")
    expect(li("page:visible img")).to_have_count(0)
    seller.see("要做的 1", MARKUP)
    expect(seller(".row img, .row b")).to_have_count(0)
    [(asked, answered)] = li.exchanges("push", 1)
    assert asked.endswith(f"& sellerId=1 & marchSn=1 & noteContent={MARKUP}")
    assert answered == '{"pushSuccess": "success"}'
    # Polls that are answered as before are counted in one place.
    expect(li.root.locator(".times").filter(has_text=re.compile(r"×\d")).first).to_be_visible()
    li(".bar-back").click()
    li.see("您在等餐", "1 号 · 兰州拉面")
    li("button.order").click()
    li.see("正在做")
    step(page, "商家叫号")
    check(page)

    seller.call(1)
    li.see("您的餐好了！")
    li.ring()
    step(page, "手机响了，取餐")
    seller.see("已叫号 1")
    check(page)
    seller.call(1, words="再叫一次")
    seller.see("已叫号 ×2")
    assert [asked.split(" & ")[-1] for asked, _answered in seller.exchanges("call", 2)] == ["marchSn=1"] * 2
    li.press("别响了")
    expect(li.root).not_to_have_class(re.compile("ringing"))
    li.press("已取餐")
    li.say("慢用！")
    expect(seller.rows).to_have_count(0)


def share(page, seller, li):
    """Three students: a number that is not out, one that another has, one that is given up, and what nobody wants.

    Number 1 has just ended, and rests.
    """
    page.get_by_role("button", name="再来一位学生").click()
    page.get_by_role("button", name="再来一位学生").click()
    wang, zhang = Phone(page, 2), Phone(page, 3)
    expect(wang.root.locator("[data-slot=person]")).to_have_value("wang")
    li.visit("兰州拉面")
    li.press("等餐")
    expect(li.said).to_have_text("请先填手里的号。")
    li.enter(7, "牛肉面")
    expect(li.said).to_contain_text("没有发出这个号，请再看一眼。")
    for number in (2, 3, 4, 5):
        seller.take(number)
    li.enter(2, "牛肉面")
    li.see("正在做")
    wang.visit("兰州拉面")
    wang.enter(2, "刀削面")
    expect(wang.said).to_have_text("这个号已经有人填了。请核对手里的号。")
    check(page)
    wang.enter(3)
    wang.see("正在做")
    expect(wang(".note")).to_have_count(0)  # no empty card for an order without a note
    zhang.visit("兰州拉面")
    zhang.enter(4, "炒拉条")

    seller.see("要做的 3", "还没人填 1")
    seller.rows.filter(has_text="牛肉面").get_by_role("button", name="结束").click()
    expect(seller("dialog")).to_contain_text("2 号还没叫，就结束吗？")
    check(page)
    seller.press("不")
    seller.see("要做的 3")
    seller.rows.filter(has_text="牛肉面").get_by_role("button", name="结束").click()
    seller.answer("结束")
    li.see("商家结束了您的订单。")
    li.press("回到档口")
    wang.press("不要了")
    wang.press("继续等")
    wang.press("不要了")
    wang.answer("不要了")
    wang.say("已放弃这个号。")
    seller.call(4)
    zhang.see("您的餐好了！")
    seller.rows.filter(has_text="炒拉条").get_by_role("button", name="结束").click()  # called: not asked again
    zhang.see("商家结束了您的订单。")
    seller.press("清掉没人填的 1 个号")
    expect(seller("dialog")).to_contain_text("没人填的号：5")
    seller.press("清掉")
    seller.see("没有发出的号")
    wang.root.get_by_role("button", name="收起").click()
    expect(page.locator(".set")).to_have_count(3)


def test_a_new_stall_signs_up_and_shows_itself(machine, tmp_path):
    # A picture's address is under PUBLIC_URL; the phone shows it from wherever it was opened.
    machine.settings["PUBLIC_URL"] = f"http://localhost:{machine.port}"
    machine.settings["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    server = machine.start()
    (tmp_path / "stall.jpg").write_bytes(encoded())
    (tmp_path / "stall.txt").write_text("no picture")
    with open_page() as page:
        page.goto(server.url)
        seller, student = Phone(page, 0), Phone(page, 1)
        seller.root.locator("[data-slot=person]").select_option("baozi")
        seller.see("这个微信还没有绑定档口")
        unbound = seller.root.locator(".answered").filter(has_text='"failMsg": "Seller Openid Error", "sessionKey": "')
        expect(unbound).to_have_count(1)
        expect(seller(".code")).to_have_text(re.compile("^[0-9a-f]{6}$"))
        seller("[aria-label=手机号]").fill("13800000001")
        seller.press("入驻")
        expect(seller.said).to_contain_text("已被另一部手机使用")
        check(page)
        seller("[aria-label=手机号]").fill("13800000004")
        seller("[aria-label=店名]").fill("包子铺")
        seller.press("入驻")
        seller.see("包子铺", "取一个号")

        seller.press("我的店")
        expect(seller("[aria-label=店名]")).to_have_value("包子铺")
        seller.see("还剩 1 个月")
        seller.press("保存")
        seller.say("没有改动。")
        seller("textarea").fill("肉包, 大\n菜包")
        choose(page, seller, tmp_path / "stall.txt")
        seller.press("保存")
        expect(seller.said).to_contain_text("图片不是能打开的 JPEG")
        choose(page, seller, tmp_path / "stall.jpg")
        expect(seller(".picture img")).to_be_visible()
        seller.press("保存")
        seller.say("已保存。")
        assert painted(seller(".picture img"))
        refused, taken = seller.exchanges("update", 2)
        assert refused[0].endswith('menuList=["肉包, 大","菜包"] & sellerImage=(stall.txt, 1 KB)')
        assert '"failMsg": "Type Error"' in refused[1]
        assert taken[0].endswith("& sellerImage=(picture.jpg, 1 KB)")  # what is saved already is not sent again
        assert taken[1] == '{"updateSuccess": "success", "updateImageSuccess": "success"}'
        check(page)
        seller.press("小程序码")
        expect(seller(".picture:visible img")).to_be_visible()
        check(page)
        seller("button.paper").click()
        seller("dialog button").click()

        student.press("再看一次")
        assert painted(student("page:visible img"))
        # The code at the counter leads to the same menu as the list.
        student.root.locator("[data-slot=scan]").select_option("4")
        student.see("包子铺", "肉包, 大", "菜包")
        seller.press("返回")
        seller.press("返回")
        assert painted(seller("img"))


def choose(page, seller, path):
    with page.expect_file_chooser() as chooser:
        seller.press("换一张图片")
    chooser.value.set_files(path)
    expect(seller(".picture img[src^='blob:']")).to_be_attached()  # what the page has made of it is what it sends


def painted(image):
    expect(image).to_be_visible()
    return image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60


def test_staff_renew_by_phone(machine):
    server = machine.start()
    with open_page(PHONE) as page:
        page.goto(f"{server.url}/phone/stall/?person=stall2")
        seller = Phone(page)
        seller.press("我的店")
        seller.press("工作人员")
        seller.see("这部手机不是工作人员的")
        page.goto(f"{server.url}/phone/stall/?person=staff")
        staff = Phone(page)
        staff.press("工作人员")
        card = staff(".seller").filter(has_text="13800000002")
        expect(card).to_contain_text("还剩 1 个月")
        card.get_by_role("button", name="续费").click()
        check(page)
        card.get_by_role("button", name="3 个月").click()
        expect(staff("dialog")).to_contain_text("麻辣烫 13800000002")
        staff.press("卖出")
        expect(card).to_contain_text("还剩 4 个月")
        new = staff(".card").last
        new.get_by_role("button", name="1 个月", exact=True).click()
        expect(staff.said).to_have_text("请填 11 位手机号。")
        new.locator("input").fill("13900000009")
        new.get_by_role("button", name="12 个月").click()
        staff.press("卖出")
        expect(staff(".seller").filter(has_text="13900000009")).to_contain_text("还剩 12 个月")


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
        reach(page, seller, "Take a number")
        expect(seller(".ticket-number")).to_have_text("1")
        reach(page, li, re.compile("^兰州拉面"))
        expect(li(".bar-title")).to_be_focused()
        reach(page, li, "Digit 1")
        reach(page, li, "牛肉面")
        asks = li(".message:visible").count()
        reach(page, li, "Wait for my food")
        if asks:
            reach(page, li, "Allow")
        li.see("Being cooked")
        seller.see("牛肉面")
        reach(page, seller, "Call")
        li.see("Your food is ready!")
        assert li.root.locator(".phone").evaluate("phone => getComputedStyle(phone).animationName") == "none"
        check(page)


def reach(page, phone, words):
    """Tab to the button of that name and press it."""
    button = phone.button(words)
    expect(button).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {words}")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("letters", [None, "24px"], ids=["normal", "large"])
def test_every_page_fits_a_small_phone(machine, locale, letters):
    """320 px, in both languages, with the text as large as the phone's setting goes; a thumb hits every button."""
    server = machine.start()
    english = locale == "en-GB"

    def look(phone, *texts):
        phone.see(*texts)
        if letters:
            phone.page.evaluate(f"document.documentElement.style.fontSize = '{letters}'")
        buttons = phone("page:visible button")
        expect(buttons.first).to_be_visible()  # some come with an answer of the server's, after the page's words
        check(phone.page)
        sizes = buttons.evaluate_all("all => all.map(each => each.offsetHeight)")
        assert min(sizes) >= 44, sizes

    with open_page(SMALL, locale=locale, color_scheme="dark" if english else "light") as page:
        phone = Phone(page)

        def use(person):
            page.goto(f"{server.url}/phone/{person}")

        words = (
            ("Take a number", "Digit", "Wait for my food", "Call") if english else ("取一个号", "数字", "等餐", "叫号")
        )
        use("stall/?person=stall3")
        phone.take(1, words=words[0])
        phone.take(2, words=words[0])
        look(phone, "2")
        use("student/?person=li")
        look(phone, "煲仔饭")
        phone.visit("煲仔饭")
        look(phone, "滑鸡煲仔饭")
        phone.enter(1, "滑鸡煲仔饭，多放锅巴，不要葱" * 3, digit=words[1], wait=words[2])
        look(phone, "多放锅巴")
        use("stall/?person=stall3")
        look(phone, "多放锅巴")
        phone.call(1, words=words[3])
        look(phone, "Call again" if english else "再叫一次")
        use("student/?person=li")
        look(phone, "Your food is ready!" if english else "您的餐好了！")
        use("stall/?person=stall3")
        for name, text in (
            [("My stall", "Save"), ("Code to scan", "scans it")]
            if english
            else [("我的店", "保存"), ("小程序码", "一扫")]
        ):
            phone.press(name)
            look(phone, text)
        for person, text in [
            ("nobody", "Sign up" if english else "入驻"),
            ("staff", "For staff" if english else "工作人员"),
        ]:
            use(f"stall/?person={person}")
            look(phone, text)
        phone.press("For staff" if english else "工作人员")
        look(phone, "13800000001")


def test_a_refusal_is_seen_beside_its_button_on_a_small_phone(machine):
    """Without scrolling, and without pushing the button off the screen."""
    server = machine.start()

    def refused(words, reason, act=None):
        (act or phone.press)(words)
        expect(phone.said).to_contain_text(reason)
        for seen in (phone.said, phone.button(words)):
            expect(seen).to_be_in_viewport(ratio=1)

    with open_page(SMALL, locale="en-GB") as page:
        phone = Phone(page)
        page.goto(f"{server.url}/phone/student/?person=li")
        phone.visit("煲仔饭")
        refused("Wait for my food", "Please enter the number first.")
        phone.press("Digit 9")
        refused("Wait for my food", "This number is not out. Please look at it again.", phone.send)
        page.goto(f"{server.url}/phone/stall/?person=stall3")
        phone.press("My stall")
        phone("[aria-label='Name of the stall']").fill("")
        refused("Save", "A name has 1 to 60 characters.")
        page.goto(f"{server.url}/phone/stall/?person=nobody")
        phone("[aria-label='Telephone number']").fill("13800000001")
        refused("Sign up", "Nobody is registered under this telephone number")


def test_a_page_keeps_the_title_that_it_gave_itself(machine):
    server = machine.start()
    with open_page(PHONE, locale="en-GB") as page:
        phone = Phone(page)
        page.goto(f"{server.url}/phone/stall/?person=stall1")
        phone.press("My stall")
        expect(phone(".bar-title")).to_have_text("My stall")
        phone(".bar-back").click()
        phone.see("Take a number")
        expect(phone(".bar-title")).to_have_text("Counter")


@pytest.mark.parametrize("size", [LAPTOP, SMALL], ids=["laptop", "small"])
def test_the_front_page_fits_and_hides_no_button(machine, size):
    server = machine.start()
    with open_page(size, locale="en-GB") as page:
        page.goto(server.url)
        seller = Phone(page, 0)
        seller.take(1, words="Take a number")
        check(page)
        button = seller.button("Take a number")
        assert button.evaluate("button => button.getBoundingClientRect().bottom <= innerHeight")
        if size is LAPTOP:
            assert page.locator(".phone").first.evaluate("phone => phone.getBoundingClientRect().bottom <= innerHeight")


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("wx.setKeepScreenOn(", "wx.setKeepScreenOnn(", "wx.setKeepScreenOnn is not known here"),
        ("{ keepScreenOn: true }", "{ keepScreenOff: true }", "the option keepScreenOff is not known here"),
        ('"aria-live"', '"aria-lvie"', "ariaLvie"),
        ('E("button"', 'E("buton"', "<buton> is not known here"),
    ],
)
def test_what_the_phone_does_not_know_fails_loudly(machine, written, instead, complaint):
    server = machine.start()
    with open_page(PHONE, forgiven=complaint) as page:

        def miswritten(route):
            text = route.fetch().text()
            assert written in text
            route.fulfill(body=text.replace(written, instead), content_type="text/javascript")

        page.route("**/compiled/stall/program.js", miswritten)
        with page.expect_event("pageerror") as error:
            page.goto(f"{server.url}/phone/stall/?person=stall1")
        assert complaint in str(error.value)
