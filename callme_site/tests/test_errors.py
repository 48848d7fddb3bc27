"""What browsers see where something went wrong, in both languages; and what the bare address tells them."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from callme_site.pages import POLICY
from conftest import make_seller

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
# None of these tests has the database unless it says so: a page that asked for something would fail.
SESSION = {settings.SESSION_COOKIE_NAME: "x" * 32}
TITLES = {
    400: ("无法读懂这个请求", "This request cannot be read"),
    403: ("这里不对您开放", "This is not open to you"),
    404: ("没有这个页面", "There is no such page"),
    500: ("没有办成", "That did not work"),
    "csrf": ("页面已过期", "This page is out of date"),
}


@pytest.fixture
def browser():
    """A browser that checks its forms' tokens, and is answered also where the server fails."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.defaults["HTTP_ACCEPT"] = BROWSER
    return client


def title(response):
    return re.search("<h1>(.*?)</h1>", response.text)[1]


def ways(response):
    return dict(re.findall('<a href="([^"]*)">([^<]*)</a>', response.text.partition('class="ways"')[2]))


def broken(browser, language):
    """Return the page of a failure: with a session's cookie, the console asks the database, which is not there."""
    browser.cookies.load(SESSION)
    return browser.get("/admin/", headers={"Accept-Language": language})


def too_many_fields(browser, language):
    browser.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    body = "&".join(f"field{number}=" for number in range(1001))
    form = "application/x-www-form-urlencoded"
    return browser.post("/admin/login/", body, content_type=form, headers={"Accept-Language": language})


ASK = {
    400: too_many_fields,
    404: lambda browser, language: browser.get("/nowhere", headers={"Accept-Language": language}),
    500: broken,
    "csrf": lambda browser, language: browser.post("/admin/login/", headers={"Accept-Language": language}),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("fault", ASK)
def test_it_is_said_in_both_languages_without_a_database(browser, fault, language):
    response = ASK[fault](browser, language)
    assert response.status_code == (403 if fault == "csrf" else fault)
    assert title(response) == TITLES[fault][language == "en"]
    assert f'<html lang="{language}">' in response.text
    assert response["Content-Security-Policy"] == POLICY
    assert not re.search("DEBUG|CSRF|Django|Traceback", response.text)
    assert ways(response)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_may_not_is_told_so(client, db, language):
    clerk = User.objects.create_user("xiao-chen", is_staff=True)
    clerk.groups.add(Group.objects.get(name="续费员"))
    client.force_login(clerk)
    response = client.get(reverse("admin:auth_user_changelist"), headers={"Accept-Language": language})
    assert (response.status_code, title(response)) == (403, TITLES[403][language == "en"])
    assert list(ways(response)) == ["/admin/"]


def test_a_form_that_came_too_late_is_opened_anew(browser):
    assert ways(browser.post("/admin/login/?next=/admin/sellers/")) == {
        "/admin/login/?next=/admin/sellers/": "重新打开此页",
        "/admin/": "管理后台首页",
    }


@pytest.mark.parametrize(
    ("path", "home"),
    [("/board/1/2/", "/board/"), ("/nowhere", "/"), ("/media/nothing", "/")],
)
def test_each_leads_home(browser, path, home):
    assert list(ways(browser.get(path))) == [home]


def test_the_consoles_leads_to_the_consoles_home(client, db):
    client.force_login(User.objects.create_superuser("boss"))
    response = client.get("/admin/nothing/")
    assert (response.status_code, ways(response)) == (404, {"/admin/": "管理后台首页"})


def test_a_browser_is_told_what_this_is(browser):
    response = browser.get("/")
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert list(ways(response)) == ["/admin/", "/board/"]
    assert "Accept" in response["Vary"]
    assert browser.head("/").status_code == 200
    assert browser.post("/").json() == {"queryErr": "Illegal query"}


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html;q=0.5", "image/png"])
def test_a_client_gets_its_json(accept):
    response = Client().get("/", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json() == {"queryErr": "Method Not Allowed"}


def test_the_bare_board_lists_the_stalls(client, db):
    noodles, _off = make_seller(), make_seller("13800000002", name="麻辣烫", switched_off=True)
    nameless = make_seller("13800000003", name="")
    text = client.get("/board/").text
    listed = re.findall(r'<a href="(/board/\d+/)"><span>(.*?)</span>', text)
    assert listed == [(f"/board/{noodles.pk}/", "拉面"), (f"/board/{nameless.pk}/", f"商家 {nameless.pk}")]
    assert "http://testserver/board/?sellers=1,2,3" in text


def test_a_language_is_chosen_on_any_page_and_kept(browser):
    for address in ("/", "/nowhere", "/admin/login/"):
        here = f"http://testserver{address}"
        assert '<button name="language" value="en" lang="en">English</button>' in browser.get(address).text
        response = browser.post("/language", {"language": "en"}, headers={"Referer": here})
        assert (response.status_code, response.url) == (302, here)
        assert '<html lang="en"' in browser.get(address).text
        assert '<button name="language" value="zh-hans" lang="zh-hans">简体中文</button>' in browser.get(address).text
        browser.post("/language", {"language": "zh-hans"}, headers={"Referer": here})
        assert '<html lang="zh-hans"' in browser.get(address).text
