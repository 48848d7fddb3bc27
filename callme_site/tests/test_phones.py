"""The two phones, as the server gives them: with the sandbox alone, in both languages, a word for every failMsg."""

import ast
import json
import re

import pytest
from django.conf import settings as django_settings

from callme_site import phones
from callme_site.pages import POLICY
from callme_site.protocol import registry
from callme_site.tests.test_bad_request import FETCH_FORM, FORM, post

STATIC = django_settings.BASE_DIR / "callme_site" / "static" / "callme" / "phones"
TEMPLATE = django_settings.BASE_DIR / "templates" / "phones.html"
REASON = r"[A-Z][A-Za-z]+(?: [A-Z]?[a-z]+)+"  # Taken Error, No Sn Valid, Illegal query


@pytest.fixture
def sandbox(settings):
    settings.WECHAT_SANDBOX = True


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_is_not_there_without_the_sandbox(client, method):
    response = client.generic(method, "/")
    assert (response.status_code, response["Allow"], response["Content-Type"]) == (405, "POST", "application/json")


def test_it_is_a_page_that_asks_nobody_but_this_server(client, sandbox):
    # Without the database, too: the phones then say that they wait for it.
    response = client.get("/")
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert response["Content-Security-Policy"] == POLICY
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", response.text)
    assert all('src="/static/' in tag or 'type="application/json"' in tag for tag in scripts(response.text))


def scripts(text):
    found = re.findall("<script[^>]*>", text)
    assert found
    return found


def test_it_answers_head(client, sandbox):
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(
    ("language", "lang", "words"),
    [
        ("zh-CN,zh;q=0.9", "zh-hans", ["两部手机上各点一个名字登录", "取一个号", "这个号已经有人填了。"]),
        ("en-GB", "en", ["tap a name on each phone", "Take a number", "Somebody has entered this number already."]),
    ],
)
def test_it_speaks_the_browsers_language(client, sandbox, language, lang, words):
    text = client.get("/", headers={"Accept-Language": language}).text
    reasons = json.loads(re.search(r'<script id="reasons"[^>]*>(.*?)</script>', text)[1])
    assert f'<html lang="{lang}">' in text
    assert words[0] in text
    assert words[1] in text
    assert reasons["Taken Error"] == words[2]
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


def test_it_has_plain_words_for_every_failure_of_the_code():
    assert failures_of_the_code() - phones.REASONS.keys() == set()


def test_it_has_plain_words_for_every_failure_of_the_document():
    text = (django_settings.BASE_DIR / "docs" / "protocol.md").read_text()
    told = set(re.findall(rf'"(?:failMsg|queryErr)": "({REASON})"', text))
    for table in re.findall(r"^\| failMsg.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE):
        told |= {row.split("|")[1].strip() for row in table.splitlines()}
    told |= set(re.findall(rf"failMsg: `({REASON})`", text))
    assert len(told) > 20
    assert told - phones.REASONS.keys() == set()


def failures_of_the_code():
    """Return every failMsg and queryErr that the code can answer."""
    found = {query.refusal for query in registry.values() if query.refusal}
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


def test_the_phones_find_what_they_ask_of_the_page():
    """A misspelt id would show only once somebody gets to that screen."""
    text = TEMPLATE.read_text()
    code = "".join(path.read_text() for path in STATIC.glob("*.js"))
    templates = set(re.findall(r'<template id="([\w-]+)"', text))
    asked = set(re.findall(r'\b(?:copy|text|this\.show|this\.end\(order,)\(?\s?"([\w-]+)"', code))
    roles = {f"{kind}-{role}" for kind in ("role", "login") for role in ("seller", "student")}
    assert asked | roles == templates


def test_the_phones_never_read_text_as_markup():
    for path in STATIC.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", path.read_text()
        )
