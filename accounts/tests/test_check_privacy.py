"""Nothing is kept of people for longer than it may be, and where it is, it is found."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from axes.models import AccessAttempt
from cryptography.fernet import Fernet
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import privacy
from accounts.models import AccessToken, Person, Session
from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from conftest import Phone, make_seller
from queueing import taking
from queueing.models import Order
from sellers.guesses import WrongTelephones

WELL = "个人信息都没有保存过久。\n"
NOON = "2027-03-15 12:00+08:00"
KEY, NEXT = (Fernet.generate_key().decode() for _ in range(2))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def key(settings):
    settings.OPENID_KEYS = [KEY]


def check():
    """Return what check_privacy says of what it finds, in lines; [] where all is well."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_privacy", stdout=out, stderr=err)
    except CommandError as error:
        found = err.getvalue().splitlines()
        assert f"{len(found)} 类数据" in str(error)
        assert error.returncode == 1
        return found
    assert (out.getvalue(), err.getvalue()) == (WELL, "")
    return []


def test_it_finds_nothing_where_nothing_is(key):
    assert check() == []


def test_it_finds_nothing_in_the_middle_of_lunch(key, ma, li, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    assert check() == []


def test_a_session_may_stay_until_the_job_has_run(key, clock):
    Phone.of("li")
    clock.shift(75 * MINUTE - timedelta(seconds=1))  # its hour, the job's ten minutes, and five for the job itself
    assert check() == []
    clock.shift(1)
    assert check() == ["保存过久：手机的会话，1 条。", "保存过久：会话中的 openid，1 条。"]
    call_command("expire_sessions", verbosity=0)
    assert check() == []


def test_a_session_without_an_openid_is_one_thing_that_stays(clock):
    Phone.of("li")
    clock.shift(75 * MINUTE)
    assert check() == ["保存过久：手机的会话，1 条。"]


def test_the_setting_says_how_long_a_session_lasts(settings, clock):
    settings.SESSION_MINUTES = 5
    Phone.of("li")
    clock.shift(20 * MINUTE)
    assert check() == ["保存过久：手机的会话，1 条。"]


def test_one_that_lies_ahead_would_stay_for_long(clock):
    Phone.of("li")
    clock.shift(-2 * MINUTE)
    assert check() == ["保存过久：手机的会话，1 条。"]
    call_command("expire_sessions", verbosity=0)
    assert check() == []


def test_openids_without_a_key(key, settings):
    Phone.of("li")
    settings.OPENID_KEYS = []
    Phone.of("wang")
    assert check() == ["OPENID_KEYS 为空，却仍保存着：会话中的 openid，1 条。"]


def test_openids_that_no_present_key_reads(key, settings):
    Phone.of("li")
    settings.OPENID_KEYS = [NEXT, KEY]
    Phone.of("wang")
    assert check() == []
    settings.OPENID_KEYS = [NEXT]
    assert check() == ["现有的 OPENID_KEYS 都解不开：会话中的 openid，1 条。"]


def test_access_tokens_that_have_ended(clock):
    for place, minutes in enumerate([-16, -15, -14, 60]):
        AccessToken.objects.create(appid=f"app{place}", token="t", ends_at=timezone.now() + minutes * MINUTE)
    AccessToken.objects.create(appid="none yet")
    assert check() == ["保存过久：接口凭证，2 条。"]
    call_command("expire_sessions", verbosity=0)
    assert set(AccessToken.objects.values_list("appid", flat=True)) == {"app3", "none yet"}


def test_an_access_token_is_not_deleted_while_the_next_one_is_fetched():
    now = timezone.now()
    AccessToken.objects.create(appid="busy", token="t", ends_at=now, fetching_until=now + timedelta(seconds=1))
    AccessToken.objects.create(appid="given up", token="t", ends_at=now, fetching_until=now)
    assert AccessToken.objects.expire() == 1
    assert AccessToken.objects.get().appid == "busy"


def test_browsers_sessions_and_wrong_passwords(clock):
    session = SessionStore()
    session.set_expiry(timezone.now())
    session.create()
    AccessAttempt.objects.create(username="clerk", ip_address="192.0.2.1", failures_since_start=1)
    clock.shift(DAY + 5 * MINUTE)
    assert check() == ["保存过久：管理后台的浏览器会话，1 条。"]
    clock.shift(15 * MINUTE)
    assert check() == ["保存过久：管理后台的浏览器会话，1 条。", "保存过久：密码错误记录，1 条。"]
    call_command("clearsessions", verbosity=0)
    assert check() == []


def test_a_wrong_password_that_counts_stays(clock):
    AccessAttempt.objects.create(username="clerk", ip_address="192.0.2.1", failures_since_start=1)
    clock.shift(15 * MINUTE)
    call_command("clearsessions", verbosity=0)
    assert AccessAttempt.objects.exists()


def test_history(settings, clock, noodles):
    settings.HISTORY_DAYS = 2
    order = taking.take(noodles)
    Order.objects.end(noodles, order.number)
    taking.take(noodles)  # lives, as nobody runs the job that ends it
    JobRun.objects.create(name="x")
    WrongTelephones.objects.count_one(noodles.person, 0)
    with unannounced():
        Session.objects.all().delete()
    clock.shift(DAY + timedelta(hours=1, minutes=5))
    assert check() == ["保存过久：手机号错误记录，1 条。"]
    clock.shift(2 * DAY)
    assert check() == [
        "保存过久：已结束的订单，1 条。",
        "保存过久：任务记录，1 条。",
        "保存过久：手机号错误记录，1 条。",
    ]
    call_command("prune_history", verbosity=0)
    assert check() == []


def test_it_leaves_its_record_and_tells_no_openid(key, clock, leaks):
    phone = Phone.of("li")
    leaks.secrets.add(Session.objects.get().openid)
    clock.shift(75 * MINUTE)
    found = check()
    run = JobRun.objects.get()
    assert (run.name, run.ok) == ("check_privacy", False)
    assert run.told == "2 类数据本应已删除：运行 manage.py check_privacy 查看是哪些。"
    said = "".join(found) + run.said
    assert not any(secret in said for secret in leaks.secrets | {phone.person.openid_hash})


def test_every_column_of_openids_is_looked_at():
    """Any model that keeps one under that name has contributed it."""
    columns = {model for model in apps.get_models() for field in model._meta.fields if field.name == "openid"}
    assert columns == {rows.model for rows in privacy.kept if rows.openid}


def test_no_row_leads_to_a_person_but_those_that_are_forgotten():
    """Who adds a table of people adds it to a privacy.py, and here."""
    leading = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model is Person
    }
    assert leading == {
        *("accounts.Session.person", "queueing.Order.buyer", "sellers.Seller.person"),
        *("sellers.Unbinding.person", "sellers.WrongTelephones.person"),
    }


def test_the_jobs_of_the_crontab_leave_nothing(key, clock, li, settings):
    make_seller()
    for job in ("expire_sessions", "close_stale_orders", "prune_history", "clearsessions", "check_privacy"):
        clock.shift(3 * DAY)
        call_command(job, verbosity=0)
