"""Q01 and Q02: logging in, at a sandbox WeChat that is reached by real HTTP."""

import hashlib
import logging
import socket

import pytest
from django.db import connection

from accounts.models import Person, Session
from callme_site.trial import sandbox
from conftest import Phone, make_seller
from sellers.sessions import find_session

REFUSED = {"loginSuccess": "fail", "failMsg": "Login Error"}
UNAVAILABLE = {"loginSuccess": "fail", "failMsg": "API Error"}

pytestmark = pytest.mark.django_db


def test_a_student_logs_in(sandbox_wechat, stranger):
    answer = stranger("login", isseller="no", code="sandbox-li")
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"]}
    openid = sandbox.openid("test-buyer", "li")
    person = Person.objects.get(openid_hash=hashlib.sha1(openid.encode()).hexdigest())
    session = find_session(answer["sessionKey"])
    assert (session.person, session.app) == (person, "buyer")


@pytest.mark.parametrize("isseller", [{}, {"isseller": "maybe"}, {"isseller": "YES"}])
def test_whoever_does_not_say_yes_is_a_student(sandbox_wechat, stranger, isseller):
    answer = stranger("login", code="sandbox-li", **isseller)
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"]}


def test_a_seller_learns_the_months_left(sandbox_wechat, stranger):
    newcomer = Phone(stranger("login", isseller="yes", code="sandbox-ma")["sessionKey"])
    make_seller("13800000001", months=7)
    newcomer("signup", telNum="13800000001")
    answer = stranger("login", isseller="yes", code="sandbox-ma-2")
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"], "balanceMon": 7}


def test_a_seller_whom_nobody_knows_gets_a_session_to_sign_up_with(sandbox_wechat, stranger):
    answer = stranger("login", isseller="yes", code="sandbox-ma")
    key = answer["sessionKey"]
    assert answer == {"loginSuccess": "fail", "failMsg": "Seller Openid Error", "sessionKey": key}
    assert Phone(key)("info") == {"infoSuccess": "fail", "failMsg": "Invalid Session Error"}
    assert find_session(key).app == "seller"


def test_a_person_logs_in_again_under_another_key(sandbox_wechat, stranger):
    first = stranger("login", code="sandbox-li")["sessionKey"]
    second = stranger("login", code="sandbox-li-again")["sessionKey"]
    assert first != second
    assert find_session(first).person == find_session(second).person


def test_the_key_is_the_sha1_of_openid_and_session_key(db):
    key, _person = Session.objects.start("openid", "session-key", "buyer")
    assert key == hashlib.sha1(b"openidsession-key").hexdigest()


def test_the_database_holds_nothing_to_log_in_with(sandbox_wechat, stranger):
    key = stranger("login", code="sandbox-li")["sessionKey"]
    openid = sandbox.openid("test-buyer", "li")
    with connection.cursor() as cursor:
        for model in (Person, Session):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            stored = str(cursor.fetchall())
            assert key not in stored
            assert openid not in stored


@pytest.mark.parametrize("code", ["", "   ", "nonsense", "sandbox-", "x" * 257, "\0"])
def test_a_code_that_is_none_is_refused(sandbox_wechat, stranger, code):
    assert stranger("login", code=code) == REFUSED


def test_a_missing_code_is_refused_without_asking_wechat(stranger):
    assert stranger("login") == stranger("login", code="") == REFUSED


def test_a_code_works_once(sandbox_wechat, stranger):
    assert stranger("login", code="sandbox-li")["loginSuccess"] == "success"
    assert stranger("login", code="sandbox-li") == REFUSED


def test_wechat_is_away(settings, stranger):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.WECHAT_API_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert stranger("login", code="sandbox-li") == UNAVAILABLE


@pytest.mark.parametrize("setting", ["WECHAT_BUYER_APPID", "WECHAT_BUYER_SECRET"])
def test_wechat_does_not_accept_our_credentials(sandbox_wechat, settings, stranger, setting):
    setattr(settings, setting, "wrong")
    assert stranger("login", code="sandbox-li") == UNAVAILABLE
    assert not Session.objects.exists()


def test_no_log_line_has_a_secret_in_it(sandbox_wechat, settings, stranger, caplog):
    with caplog.at_level(logging.INFO):
        key = stranger("login", code="sandbox-li")["sessionKey"]
        stranger("login", code="sandbox-li")
        settings.WECHAT_API_URL = "http://127.0.0.1:9"
        stranger("login", code="sandbox-wang")
    assert "wechat_unreachable path=/sns/jscode2session error=ConnectionError" in caplog.text
    for secret in (settings.WECHAT_BUYER_SECRET, key, "sandbox-", sandbox.openid("test-buyer", "li")):
        assert secret not in caplog.text
