"""Q11 with phoneCode: the number that WeChat answers for it is the one that is looked up."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from accounts import login_errors, wechat
from accounts.models import AccessToken, Session
from callme_site.storage.pool import Pool
from callme_site.testing.racing import meet_before, race, unlocked
from conftest import ENCODINGS, MA_TELEPHONE, Phone, make_seller
from sellers.guesses import WrongTelephones
from sellers.models import Seller, SellerQuerySet
from sellers.sessions import find_session

KEY = Fernet.generate_key().decode()
SUCCESS = {"signupSuccess": "success"}
CODE = f"sandbox-{MA_TELEPHONE}"
PATH = "/wxa/business/getuserphonenumber"


def failure(reason):
    return {"signupSuccess": "fail", "failMsg": reason}


WRONG = failure("Invalid Tel Error")


@pytest.fixture
def shop(db, sandbox_wechat, settings):
    """A stall that nobody has bound, and that is open for sign-up no more."""
    settings.OPENID_KEYS = [KEY]
    return make_seller(name="", sign_up_until=timezone.now() - timedelta(days=1))


def newcomer(name="hu"):
    """Return the phone of somebody who has logged in at WeChat to the sellers' mini-program."""
    key = Phone()("login", isseller="yes", code=f"sandbox-{name}-{uuid4()}")["sessionKey"]
    return Phone(key, find_session(key).person)


def bound_to(shop):
    shop.refresh_from_db()
    return shop.person


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_binds_the_caller_though_the_stall_is_not_open(shop, encoding):
    hu = newcomer()
    assert hu("signup", encoding=encoding, telNum=MA_TELEPHONE) == WRONG
    sent = {"phoneCode": f" {CODE} ", "sellerName": "拉面", "personName": "马师傅"}
    assert hu("signup", encoding=encoding, **sent) == SUCCESS
    assert (bound_to(shop), shop.name, shop.person_name) == (hu.person, "拉面", "马师傅")
    assert shop.sign_up_until is None


@pytest.mark.parametrize("telephone", ["13800000002", "138", ""])
def test_the_proven_number_counts_and_not_the_typed_one(shop, telephone):
    make_seller("13800000002")
    hu = newcomer()
    assert hu("signup", phoneCode=CODE, telNum=telephone) == SUCCESS
    assert bound_to(shop) == hu.person


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("code", ["", "  ", "\u200e"])
def test_a_code_that_is_empty_counts_as_not_sent(shop, encoding, code):
    assert newcomer()("signup", encoding=encoding, phoneCode=code) == WRONG
    open_for_sign_up(shop)
    assert newcomer()("signup", encoding=encoding, phoneCode=code, telNum=MA_TELEPHONE) == SUCCESS


def open_for_sign_up(shop):
    Seller.objects.filter(pk=shop.pk).update(sign_up_until=timezone.now() + timedelta(hours=1))


def test_without_either_there_is_no_number(shop):
    assert newcomer()("signup", sellerName="拉面") == WRONG


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("code", ["nonsense", "sandbox-", "x" * 256])
def test_a_code_that_wechat_refuses(shop, encoding, code):
    assert newcomer()("signup", encoding=encoding, phoneCode=code) == failure("Login Error")


def test_wrong_codes_count_with_those_of_logins(shop, sandbox_wechat, monkeypatch, settings):
    """WeChat is asked for each: who sends many waits in the slow lane of its address, and keeps no login out."""
    settings.LOGIN_ERRORS_A_MINUTE = 3
    errors = login_errors.LoginErrors()
    for place in ("accounts.logins", "sellers.signing_up"):
        monkeypatch.setattr(f"{place}.login_errors", lambda: errors)
    hu, zhao = newcomer(), newcomer("zhao")
    hu.client.defaults["HTTP_X_FORWARDED_FOR"] = stranger = "203.0.113.66"
    assert [hu("signup", phoneCode="junk") for _ in range(3)] == [failure("Login Error")] * 3
    monkeypatch.setattr(login_errors, "PATIENCE", 0.1)
    with errors.slow_lane(errors.bucket(stranger)):
        assert hu("signup", phoneCode=CODE) == failure("API Error")
        assert CODE not in sandbox_wechat.used_codes
        assert zhao("signup", phoneCode="junk") == failure("Login Error")
    assert hu("signup", phoneCode=CODE) == SUCCESS  # slowly
    os.close(errors.file)


def test_a_code_works_once(shop):
    assert newcomer()("signup", phoneCode=CODE) == SUCCESS
    assert newcomer("zhao")("signup", phoneCode=CODE) == failure("Login Error")


@pytest.mark.parametrize("mood", [{"errcode": -1}, {"status": 503}, {"hangs_up": "before"}, {"rubbish": True}])
def test_wechat_is_away(shop, sandbox_wechat, mood):
    hu = newcomer()
    sandbox_wechat.set_mood({"path": PATH, "times": 1, **mood})
    assert hu("signup", phoneCode=CODE) == failure("API Error")
    assert bound_to(shop) is None
    assert hu("signup", phoneCode=f"{CODE}-2") == SUCCESS


def test_wechat_is_told_whose_code_it_is(shop, sandbox_wechat):
    """Somebody else's code is refused: the sandbox knows nobody of that openid."""
    hu = newcomer()
    sandbox_wechat.visitors.clear()
    assert hu("signup", phoneCode=CODE) == failure("API Error")


def test_a_new_access_token_is_fetched_where_the_kept_one_is_no_longer_good(shop):
    AccessToken.objects.create(appid="test-seller", token="an-old-token", ends_at=timezone.now() + timedelta(hours=1))
    assert newcomer()("signup", phoneCode=CODE) == SUCCESS


def test_without_keys_wechat_is_not_asked(shop, settings, sandbox_wechat):
    hu = newcomer()
    settings.OPENID_KEYS = []
    assert hu("signup", phoneCode=CODE) == failure("API Error")
    assert CODE not in sandbox_wechat.used_codes


def test_a_login_from_before_the_key_has_to_be_renewed(shop, settings):
    settings.OPENID_KEYS = []
    hu = newcomer()
    settings.OPENID_KEYS = [KEY]
    assert hu("signup", phoneCode=CODE) == failure("Login Error")
    assert newcomer()("signup", phoneCode=CODE) == SUCCESS


@pytest.mark.parametrize("number", ["13900000009", "85212345678"])
def test_a_number_that_nobody_registered_is_no_guess(shop, number):
    hu = newcomer()
    for place in range(11):
        assert hu("signup", phoneCode=f"sandbox-{number}-{place}") == WRONG
    assert not WrongTelephones.objects.exists()
    open_for_sign_up(shop)
    assert hu("signup", telNum=MA_TELEPHONE) == SUCCESS


def test_who_has_guessed_too_often_may_prove(shop):
    hu = newcomer()
    for place in range(11):
        hu("signup", telNum=f"139000000{place:02}")
    open_for_sign_up(shop)
    assert hu("signup", telNum=MA_TELEPHONE) == WRONG
    assert hu("signup", phoneCode=CODE) == SUCCESS


def test_a_stall_without_months(shop):
    make_seller("13800000002", months=0)
    assert newcomer()("signup", phoneCode="sandbox-13800000002") == failure("Need Renew Error")


def test_a_caller_who_has_another_stall(shop):
    hu = newcomer()
    hu("signup", phoneCode=CODE)
    make_seller("13800000002")
    assert hu("signup", phoneCode="sandbox-13800000002") == failure("Seller Openid Error")


def test_a_stall_that_is_somebody_elses_stays_so(shop):
    hu = newcomer()
    hu("signup", phoneCode=CODE)
    assert newcomer("zhao")("signup", phoneCode=f"{CODE}-again") == WRONG
    assert bound_to(shop) == hu.person


def test_ones_own_stall_again_sets_the_names(shop):
    hu = newcomer()
    assert hu("signup", phoneCode=CODE) == hu("signup", phoneCode=f"{CODE}-2", sellerName="小面") == SUCCESS
    assert hu("info")["sellerName"] == "小面"


def test_a_stall_that_is_switched_off(shop):
    make_seller("13800000002", switched_off=True)
    assert newcomer()("signup", phoneCode="sandbox-13800000002") == WRONG


def test_who_was_unbound_needs_the_staffs_leave_even_so(shop):
    hu, staff = newcomer(), User.objects.create_user("clerk")
    hu("signup", phoneCode=CODE)
    assert Seller.objects.unbind(shop.pk, hu.person.pk, staff_user=staff, request=uuid4())
    assert newcomer()("signup", phoneCode=f"{CODE}-2") == WRONG
    assert Seller.objects.open_for_sign_up(shop.pk, shop.unbindings.in_force(), staff_user=staff)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert newcomer()("signup", phoneCode=f"{CODE}-3") == SUCCESS


def test_a_students_login_proves_nothing(shop, sandbox_wechat):
    li = Phone(Phone()("login", code="sandbox-li")["sessionKey"])
    assert li("signup", phoneCode=CODE) == failure("Invalid Session Error")
    assert CODE not in sandbox_wechat.used_codes


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_where_proof_is_required_a_typed_number_is_refused(shop, settings, encoding):
    settings.SIGNUP_PROOF = "required"
    open_for_sign_up(shop)
    hu = newcomer()
    for telephone in [MA_TELEPHONE, "13900000009"] * 6:
        assert hu("signup", encoding=encoding, telNum=telephone) == failure("Need Proof Error")
    assert not WrongTelephones.objects.exists()
    assert hu("signup", encoding=encoding, phoneCode=CODE) == SUCCESS
    again = hu("signup", encoding=encoding, telNum=MA_TELEPHONE, sellerName="小面")
    assert again == failure("Need Proof Error"), "whoever is bound has `update`"


def test_no_number_and_no_openid_is_logged(shop, leaks):
    """The openids and session keys are looked for by themselves."""
    leaks.secrets |= {MA_TELEPHONE, CODE}
    hu = newcomer()
    hu("signup", phoneCode="nonsense")
    hu("signup", phoneCode=CODE)


@pytest.fixture
def pool(monkeypatch):
    """One connection for the threads that answer."""
    monkeypatch.setattr(connections, "create_connection", type(connections).create_connection.__get__(connections))
    monkeypatch.setattr(wechat, "pool", pool := Pool(1, quick=1))
    yield pool
    ((opened, _used),) = pool.idle
    opened.close()


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_wechat_is_waited_for(shop, pool, monkeypatch):
    hu, ask, free = newcomer(), wechat.http.request, []

    def asked(*args, **kwargs):
        free.append(len(pool.idle))
        return ask(*args, **kwargs)

    def answer():
        with pool.answering():
            return hu("signup", phoneCode=CODE), len(pool.idle)

    monkeypatch.setattr(wechat.http, "request", asked)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(answer).result(30) == (SUCCESS, 0)
    assert free == [1] * len(free)
    assert free


def sign_up(phone, place):
    return partial(Phone(phone.session_key), "signup", phoneCode=f"{CODE}-{place}")


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_it_binds_one_of_two_who_have_proven_the_number(shop):
    for place in range(5):
        with_number = f"1380000001{place}"
        seller = make_seller(with_number, sign_up_until=None)
        phones = [newcomer(f"{name}{place}") for name in ("hu", "zhao")]
        answers = race(
            *[partial(phone, "signup", phoneCode=f"sandbox-{with_number}-{phone.person.pk}") for phone in phones]
        )
        assert answers in ([SUCCESS, WRONG], [WRONG, SUCCESS])
        assert bound_to(seller) == phones[answers.index(SUCCESS)].person


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_it_binds_both_without_the_lock(shop, monkeypatch):
    phones = [newcomer("hu"), newcomer("zhao")]
    unlocked(monkeypatch)
    meet_before(monkeypatch, SellerQuerySet, "update", parties=2)
    assert race(*[sign_up(phone, place) for place, phone in enumerate(phones)]) == [SUCCESS] * 2


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_it_binds_one_person_to_one_of_two_proven_stalls(shop, monkeypatch):
    make_seller("13800000002", sign_up_until=None)
    hu = newcomer()
    meet_before(monkeypatch, SellerQuerySet, "update", parties=2)
    codes = [CODE, "sandbox-13800000002"]
    answers = race(*[partial(Phone(hu.session_key), "signup", phoneCode=code) for code in codes])
    assert sorted(answers, key=len) == [SUCCESS, failure("Seller Openid Error")]
    assert Session.objects.filter(person=hu.person).exists()
