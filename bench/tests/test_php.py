"""The floor of PHP answers what callme answers, else the benchmark would compare two different things."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection
from django.utils import timezone

from accounts.models import Session
from bench.sites import php_fpm, serve_php
from callme_site.testing.announced import unannounced
from callme_site.testing.phones import query_fields
from conftest import Phone, needs_nginx
from queueing.models import Order

pytestmark = [
    needs_nginx,
    pytest.mark.skipif(not php_fpm(), reason="there is no php-fpm here"),
    pytest.mark.mariadb,
    pytest.mark.django_db(transaction=True),
]
DISH = "牛肉面，多放'香菜'"


@pytest.fixture
def php(tmp_path, db):
    """The port of the floor, which is on the tests' own database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    with ExitStack() as stack:
        yield serve_php(stack, tmp_path / "php", database).nginx.port


@pytest.fixture
def late(db):
    """A phone whose session ended long ago."""
    phone = Phone.of("late")
    with unannounced():
        Session.objects.filter(person=phone.person).update(started_at=timezone.now() - timedelta(days=2))
    return phone


def meal(ask: Callable, stall: int, ma: Phone, li: Phone, wang: Phone) -> list[dict]:
    """Return all answers of a meal in which everything goes wrong once."""
    one, two, nine = ({"sellerId": stall, "marchSn": number} for number in (1, 2, 9))
    asked = [
        (li, "seller_list", {}),
        (li, "menu", {"sellerId": stall}),
        (li, "menu", {"sellerId": stall + 1}),
        (ma, "note", {}),
        *[(ma, "fetch", {})] * 7,
        (li, "push", {**one, "noteContent": DISH}),
        (li, "push", {**one, "noteContent": DISH}),
        (li, "push", {**one, "noteContent": "刀削面"}),
        (wang, "push", {**one, "noteContent": DISH}),
        (wang, "push", {**nine, "noteContent": DISH}),
        (wang, "push", {**two, "noteContent": "面" * 201}),
        *[(wang, "push", {**two, "marchSn": number, "noteContent": ""}) for number in range(2, 8)],
        (li, "menu", {"sellerId": stall}),
        (ma, "note", {}),
        (li, "hungry", one),
        (ma, "call", one),
        (ma, "call", one),
        (ma, "call", nine),
        (li, "hungry", one),
        (wang, "hungry", one),
        (wang, "done", one),
        (li, "done", one),
        (li, "done", one),
        (li, "hungry", one),
        (li, "done", {**two, "isseller": "yes"}),
        (ma, "done", {**two, "isseller": "yes"}),
        (ma, "call", {"marchSn": 7}),
        (li, "hungry", {"sellerId": stall, "marchSn": 7}),
        (li, "done", {"sellerId": stall, "marchSn": 7}),
        (li, "fetch", {}),
        (li, "hungry", {"sellerId": "x"}),
        (ma, "fetch", {}),
        (ma, "note", {}),
    ]
    return [ask(phone, query, fields) for phone, query, fields in asked]


# What callme's answers have gained since plain PHP answered as it does.
ADDED = {"waiting", "wait", "taken", "ahead", "retryAfter", "ended", "uncollected", "open"}


def compared(answer: Any) -> Any:
    """Return what plain PHP has of an answer; of a time only whether there is one, as the two are asked apart."""
    if isinstance(answer, list):
        return [compared(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    kept = {name: value for name, value in answer.items() if name not in ADDED}
    return {
        name: value is not None if name in ("takenAt", "calledAt") else compared(value) for name, value in kept.items()
    }


def test_php_answers_as_callme_does(php, ma, li, wang, noodles, settings):
    def ask_php(phone: Phone, query: str, fields: dict) -> dict:
        body = query_fields(query, phone.session_key, **fields)
        response = requests.post(f"http://127.0.0.1:{php}/?", body, timeout=10)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        return response.json()

    settings.PUBLIC_URL, settings.REST_MINUTES = f"http://127.0.0.1:{php}", 0
    noodles.picture = "sellers/a.jpg"
    with unannounced():
        noodles.save()
    answers = meal(lambda phone, query, fields: phone(query, **fields), noodles.pk, ma, li, wang)
    with unannounced():
        Order.objects.all().delete()
    assert compared(meal(ask_php, noodles.pk, ma, li, wang)) == compared(answers)


@pytest.mark.parametrize("query", ["hungry", "fetch", "eat"])
def test_php_answers_nobody_without_a_session(php, stranger, late, query):
    for phone in (stranger, late):
        response = requests.post(f"http://127.0.0.1:{php}/?", query_fields(query, phone.session_key), timeout=10)
        assert response.json() == phone(query)
