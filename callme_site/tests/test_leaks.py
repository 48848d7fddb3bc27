"""The watch over all tests: it fails a test in which something leaks, and no other."""

import logging
import threading
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import ProgrammingError

from accounts.models import Session, hash_openid
from callme_site.trial import sandbox
from callme_site.wire.registry import registry

logger = logging.getLogger("callme_site.somewhere")


def leak(leaks):
    """Check now that the watch has heard something."""
    with pytest.raises(AssertionError, match="has leaked"):
        leaks.check()


def test_it_hears_what_is_no_secret_in_silence(leaks, sandbox_wechat, stranger, ma, client):
    logger.warning("event key=%s path=%s", "value", "/admin/sellers/seller/?q=openid")
    assert stranger("login", code="sandbox-zhao")["loginSuccess"] == "success"
    assert ma("fetch")["fetchSuccess"] == "success"
    assert client.get("/admin/login/").status_code == 200
    leaks.check()


@pytest.mark.parametrize(
    "secret",
    [
        lambda li: li.session_key,
        lambda li: "openid-of-li",
        lambda li: "session-key-of-li",
        lambda li: hash_openid("somebody"),
        lambda li: Session.objects.get().digest,
        lambda li: sandbox.openid("appid", "li"),
        lambda li: settings.SECRET_KEY,
        lambda li: settings.WECHAT_SELLER_SECRET,
        lambda li: str(Session.objects.all().query),
        lambda li: "UPDATE `accounts_session` SET",
        lambda li: "Duplicate entry '1-5' for key 'queueing_order.one_live_order_a_number'",
    ],
)
def test_it_hears_a_secret_in_a_log_line(leaks, li, secret):
    logger.warning("event key=%s", secret(li))
    leak(leaks)


def test_it_hears_the_message_of_an_exception(leaks, li):
    try:
        raise ValueError(li.session_key)
    except ValueError:
        logger.exception("event")
    leak(leaks)


def test_it_hears_other_threads(leaks, li):
    thread = threading.Thread(target=logger.warning, args=("event key=%s", li.session_key))
    thread.start()
    thread.join()
    leak(leaks)


@pytest.mark.parametrize("secret", ["KEY", "openid-of-li", 'no such column in SELECT "queueing_order"'])
def test_it_hears_a_secret_in_an_answer(leaks, ma, li, monkeypatch, secret):
    def answer(caller, data):
        return {"marchSn": secret.replace("KEY", li.session_key)}

    monkeypatch.setitem(registry, "fetch", replace(registry["fetch"], answer=answer))
    assert ma("fetch")["fetchSuccess"] == "success"
    leak(leaks)


def test_it_hears_the_key_of_somebody_else_in_a_logins_answer(leaks, sandbox_wechat, stranger, li, monkeypatch):
    login = registry["login"]

    def answer(caller, data):
        return {**login.answer(caller, data), "other": li.session_key}

    monkeypatch.setitem(registry, "login", replace(login, answer=answer))
    assert stranger("login", code="sandbox-zhao")["loginSuccess"] == "success"
    leak(leaks)


@pytest.mark.django_db
def test_it_hears_sql_in_an_error_page(leaks, client, settings, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError('near SELECT "a"')

    settings.DEBUG = True
    client.raise_request_exception = False
    monkeypatch.setattr("callme_site.operation.health.as_json", broken)
    assert client.get("/health").status_code == 500
    leaks.heard = [text for text in leaks.heard if "<html" in text]
    leak(leaks)


def test_production_writes_no_sql(leaks):
    sql = 'near SELECT "secret"'
    try:
        raise ProgrammingError(1064, sql)
    except ProgrammingError:
        logger.exception("event")
    leaks.check()
