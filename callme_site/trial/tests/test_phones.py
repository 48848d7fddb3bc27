"""The two phones, as the server gives them: with the sandbox alone, in both languages, a word for every failMsg."""

import ast
import re

import pytest
from django.conf import settings as django_settings

from callme_site.testing.bodies import FETCH_FORM, FORM, post
from callme_site.trial import phones
from callme_site.wire.registry import registry

TRIAL = django_settings.BASE_DIR / "callme_site" / "trial"
STATIC = TRIAL / "static" / "phones"
TEMPLATE = TRIAL / "templates" / "phones.html"
MINI_PROGRAMS = django_settings.BASE_DIR / "miniprogram"
PATHS = ["/", "/phone/stall/", "/phone/student/"]
REASON = r"[A-Z][A-Za-z]+(?: [A-Z]?[a-z]+)+"  # Taken Error, No Sn Valid, Illegal query


@pytest.fixture
def sandbox(settings):
    settings.WECHAT_SANDBOX = True


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_is_not_there_without_the_sandbox(client, method):
    response = client.generic(method, "/")
    assert (response.status_code, response["Allow"], response["Content-Type"]) == (405, "POST", "application/json")


@pytest.mark.parametrize("path", PATHS)
def test_it_is_a_page_that_asks_nobody_but_this_server(client, sandbox, path):
    # Without the database, too: the phones then say that they wait for it.
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert response["Content-Security-Policy"] == phones.POLICY
    assert "unsafe" not in phones.POLICY
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", response.text)
    assert all('src="/static/' in tag for tag in scripts(response.text))


def test_a_phone_is_in_no_frame_but_ours_and_only_with_the_sandbox(client, settings):
    settings.WECHAT_SANDBOX = False
    assert [client.get(path).status_code for path in PATHS] == [405, 404, 404]
    settings.WECHAT_SANDBOX = True
    assert client.get("/phone/stall/")["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/")["X-Frame-Options"] == "DENY"
    assert client.get("/phone/clerk/").status_code == 404


def scripts(text):
    found = re.findall("<script[^>]*>", text)
    assert found
    return found


def test_it_answers_head(client, sandbox):
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Security-Policy"] == phones.POLICY


@pytest.mark.parametrize(
    ("language", "lang", "words"),
    [("zh-CN,zh;q=0.9", "zh-hans", "这就是装在手机上的两个小程序"), ("en-GB", "en", "These are the two mini-programs")],
)
def test_it_speaks_the_browsers_language(client, sandbox, language, lang, words):
    text = client.get("/", headers={"Accept-Language": language}).text
    assert f'<html lang="{lang}">' in text
    assert words in text
    assert f'<html lang="{lang}"' in client.get("/phone/stall/", headers={"Accept-Language": language}).text
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": language}).text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FETCH"])
def test_other_methods_are_refused_as_before(client, sandbox, method):
    response = client.generic(method, "/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json() == {"queryErr": "Method Not Allowed"}


def test_queries_are_answered_as_before(ma, sandbox):
    ma.client.handler.enforce_csrf_checks = True
    assert post(ma, FETCH_FORM, FORM) == (200, {"fetchSuccess": "success", "marchSn": 1})
    assert post(ma, b"query=eat", FORM) == (200, {"queryErr": "Illegal query"})


@pytest.mark.parametrize("program", phones.PROGRAMS)
def test_it_has_plain_words_for_every_failure_of_the_code(program):
    """miniprogram/tests/words.test.mjs compares them with docs/protocol.md."""
    text = (MINI_PROGRAMS / program / "lib" / "reasons.js").read_text()
    words = re.findall(rf'^    "({REASON})": "', text, re.MULTILINE)
    assert failures_of_the_code() - set(words) == set()
    assert {words.count(reason) for reason in failures_of_the_code()} == {2}  # languages


def failures_of_the_code():
    """Return every failMsg and queryErr that the code can answer."""
    found = {query.refusal for query in registry.values() if query.refusal}
    found |= {reason for query in registry.values() for reason in query.fails.values()}
    apps = ["callme_site", "accounts", "sellers", "queueing"]
    paths = [path for app in apps for path in (django_settings.BASE_DIR / app).rglob("*.py")]
    for path in paths:
        if "tests" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                found |= failures_of(node)
    assert {"Taken Error", "No File Uploaded", "Not Ready Yet", "Session Time Out", "Save Error"} <= found
    return found


def failures_of(node):
    """Return the failures that a call, a default or a dictionary names."""
    values = []
    if isinstance(node, ast.Call):
        values += [keyword.value for keyword in node.keywords if keyword.arg in ("fail", "refusal")]
        if getattr(node.func, "id", "") in ("Fail", "Refused", "QueryError"):
            values += node.args[:1]
    elif isinstance(node, ast.arguments):
        values += [
            default
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
            if argument.arg == "fail"
        ]
    elif isinstance(node, ast.Dict):
        values += [
            value
            for key, value in zip(node.keys, node.values, strict=True)
            if getattr(key, "value", "") in ("failMsg", "queryErr")
        ]
    return {value.value for value in values if isinstance(value, ast.Constant) and value.value}


def test_the_page_finds_what_it_asks_of_its_template():
    """A misspelt id would show only once somebody needs it."""
    templates = set(re.findall(r'<template id="([\w-]+)"', TEMPLATE.read_text()))
    code = "".join(path.read_text() for path in STATIC.glob("*.js"))
    asked = set(re.findall(r'\b(?:copy|text)\("([\w-]+)"', code)) | {f"role-{program}" for program in phones.PROGRAMS}
    assert asked == templates


def test_the_phones_never_read_text_as_markup():
    scripts = [*STATIC.glob("*.js"), *STATIC.glob("phone/*.mjs"), *MINI_PROGRAMS.glob("*/pages/*/*.js")]
    assert len(scripts) > 15
    for path in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text()), path


def test_the_engine_makes_no_code_of_text():
    engine = list(STATIC.glob("engine/*.js"))
    assert len(engine) == 2
    for path in engine:
        assert not re.search(r"\beval\(|new Function\b", path.read_text())
