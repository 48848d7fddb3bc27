"""What is known of somebody is erased, at once and for good."""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from io import StringIO
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accounts import privacy
from accounts.models import Person, Session
from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from callme_site.testing.racing import race, unlocked
from callme_site.testing.tables import rows
from conftest import MA_TELEPHONE, Phone, make_seller, make_staff
from queueing import privacy as queueing_privacy
from queueing.models import Order
from sellers.guesses import WrongTelephones
from sellers.models import Seller

OVER = {"queryErr": "Session Time Out"}
NOTE = "不要香菜，多放辣椒"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(settings):
    settings.OPENID_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def lunch(key, ma, li, wang, noodles):
    """Li has eaten, and waits for two more; Wang waits too."""
    for number in range(1, 5):
        ma("fetch")
        phone = wang if number == 4 else li
        assert phone("push", sellerId=noodles.pk, marchSn=number, noteContent=NOTE) == {"pushSuccess": "success"}
    ma("call", marchSn=1)
    li("done", sellerId=noodles.pk, marchSn=1)
    ma("call", marchSn=2)
    return noodles


def forget(*args, **options):
    said = StringIO()
    call_command("forget_person", *map(str, args), **({"yes": True} | options), stdout=said)
    return said.getvalue()


def test_orders_stay_without_buyer_and_note_and_the_rest_is_gone(lunch, li, ma):
    Session.objects.start("openid-of-li", "another-session-key-of-li", "buyer")
    assert forget(li.person.pk) == (
        f"微信用户 {li.person.pk}：\n  2 个未结束的订单已结束。\n  3 个订单不再有买家和备注。\n  2 个会话已结束。\n"
        f"微信用户 {li.person.pk} 的信息已清除。\n"
    )
    orders = Order.objects.order_by("number").values_list("number", "live_number", "slot", "buyer", "note", "ending")
    wang = Person.objects.get(orders__number=4)
    assert list(orders) == [
        (1, None, None, None, "", "collected"),
        (2, None, None, None, "", "staff"),
        (3, None, None, None, "", "staff"),
        (4, 4, Order.objects.get(number=4).slot, wang.pk, NOTE, ""),
    ]
    assert not Person.objects.filter(pk=li.person.pk).exists()
    assert [order["marchSn"] for order in ma("note")["orderList"]["notedList"]] == [4]


def test_nothing_that_is_stored_tells_of_the_person(lunch, li):
    hash_ = li.person.openid_hash
    before = str(rows())
    forget(li.person.pk)
    assert hash_ in before
    assert hash_ not in str(rows())
    leading = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model is Person
    ]
    assert len(leading) > 4
    assert not any(model._base_manager.filter(**{name: li.person.pk}).exists() for model, name in leading)


def test_the_phone_is_somebody_new_at_once(lunch, li, ma):
    assert li("hungry", sellerId=lunch.pk, marchSn=2) == {"hungrySuccess": "success"}
    forget(li.person.pk)
    assert li("hungry", sellerId=lunch.pk, marchSn=2) == li("menu", sellerId=lunch.pk) == OVER
    again = Phone.of("li")
    assert again.person.pk != li.person.pk
    assert again("menu", sellerId=lunch.pk)["taken"] == []


def test_it_leaves_a_line_that_the_console_shows(lunch, li, caplog, client):
    with caplog.at_level("INFO"):
        forget(li.person.pk)
    assert f"person_forgotten person={li.person.pk}" in caplog.text
    run = JobRun.objects.get()
    assert (run.name, run.ok) == ("forget_person", True)
    told = (
        f"微信用户 {li.person.pk} 的信息已清除。 2 个未结束的订单已结束。 3 个订单不再有买家和备注。 1 个会话已结束。"
    )
    assert run.told == told
    client.force_login(User.objects.create_superuser("boss"))
    assert told in client.get("/admin/callme_site/jobrun/").text


def test_a_dry_run_changes_nothing(lunch, li, ma):
    before = rows()
    assert forget(li.person.pk, dry_run=True).endswith("以上内容将被清除；现在什么也没有清除。\n")
    assert rows() == before
    assert li("hungry", sellerId=lunch.pk, marchSn=2) == {"hungrySuccess": "success"}


@pytest.mark.parametrize(("answer", "forgotten"), [("yes", True), (" YES ", True), ("y", False), ("", False)])
def test_it_asks_first(lunch, li, monkeypatch, answer, forgotten):
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer)
    before = rows()
    if forgotten:
        forget(li.person.pk, yes=False)
    else:
        with pytest.raises(CommandError, match="什么也没有清除"):
            forget(li.person.pk, yes=False)
        assert rows() == before
    assert len(asked) == 1
    assert Person.objects.filter(pk=li.person.pk).exists() is not forgotten


def test_where_nobody_can_answer_nothing_is_erased(li, monkeypatch):
    def nobody(question):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="什么也没有清除"):
        forget(li.person.pk, yes=False)
    assert Person.objects.filter(pk=li.person.pk).exists()


def test_by_the_hash_of_the_openid(li):
    forget("--openid-hash", li.person.openid_hash.upper())
    assert not Person.objects.exists()


def test_by_the_code_that_the_phone_shows(li, wang):
    session = Session.objects.get(person=li.person)
    forget("--session-code", session.code.upper())
    assert Person.objects.get() == wang.person


def test_a_code_of_two_people_is_of_neither(li, wang):
    with unannounced():
        for place, phone in enumerate([li, wang]):
            Session.objects.filter(person=phone.person).update(digest=f"abcdef{place}")
    with pytest.raises(CommandError, match="请多给几位"):
        forget("--session-code", "abcdef")
    forget("--session-code", "abcdef1")
    assert Person.objects.get() == li.person


@pytest.mark.parametrize("who", [["12345"], ["--openid-hash", "0" * 40], ["--session-code", "000000"]])
def test_nobody_of_that_name(li, who):
    with pytest.raises(CommandError, match="没有这个微信用户"):
        forget(*who)


@pytest.mark.parametrize("who", [[], ["1", "--session-code", "000000"], ["x"], ["--openid-hash", "x"]])
def test_what_names_nobody(li, who):
    with pytest.raises(CommandError):
        forget(*who)


@pytest.mark.parametrize("code", ["00000", "xyzxyz", "0" * 65])
def test_what_is_no_code(li, code):
    with pytest.raises(CommandError, match="代码至少 6 位"):
        forget("--session-code", code)


def test_a_code_of_a_session_that_is_over_finds_nobody(li, settings):
    code = Session.objects.get().code
    settings.SESSION_MINUTES = 0
    with pytest.raises(CommandError, match="没有这个微信用户"):
        forget("--session-code", code)


def test_who_runs_a_stall_is_unbound_first(ma, noodles):
    with pytest.raises(CommandError, match=f"此人绑定着档口 拉面（id {noodles.pk}）"):
        forget(ma.person.pk)
    staff = User.objects.create_user("clerk")
    assert Seller.objects.unbind(noodles.pk, ma.person.pk, staff_user=staff, request=uuid4())
    assert "曾不许再入驻的 1 个档口，现在又可以入驻" in forget(ma.person.pk)
    noodles.refresh_from_db()
    assert noodles.telephone == MA_TELEPHONE, "the stall stays"
    assert noodles.name == "拉面"


def test_a_staff_users_person_is_unlinked_first(hu):
    make_staff(hu)
    with pytest.raises(CommandError, match="员工“clerk”"):
        forget(hu.person.pk)
    call_command("link_staff", "clerk", unlink=True, verbosity=0, stdout=StringIO())
    forget(hu.person.pk)
    assert not Person.objects.exists()


def test_what_is_refused_is_taken_back_whole(lunch, li):
    make_staff(li)
    before = rows()
    with pytest.raises(CommandError):
        forget(li.person.pk)
    assert rows() == before


def test_its_guesses_are_forgotten(hu):
    make_seller()
    hu("signup", telNum="13900000009")
    assert "手机号错误记录" in forget(hu.person.pk)
    assert not WrongTelephones.objects.exists()


def test_who_has_done_nothing_is_forgotten_too(db):
    person = Person.objects.create(openid_hash="0" * 40)
    assert forget(person.pk) == f"微信用户 {person.pk}：\n微信用户 {person.pk} 的信息已清除。\n"


def forget_while_a_push_arrives(li, noodles, monkeypatch):
    """Let a push of Li's arrive, its session known, right after the orders; return what became of it."""
    push = partial(Order.objects.bind, noodles.pk, 1, li.person, NOTE)
    pushed = []

    def then_push(person):
        yield from queueing_privacy.of_person(person)
        if not pushed:
            pushed.append(thread.submit(race, push))
            wait(pushed, timeout=1)

    monkeypatch.setattr(privacy, "forgetting", [privacy.forgetting[0], then_push])
    with ThreadPoolExecutor(1) as thread:
        privacy.forget(li.person.pk)
        return pushed[0].result(30)[0]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_push_that_comes_in_between_binds_nothing(ma, li, noodles, monkeypatch):
    ma("fetch")
    assert isinstance(forget_while_a_push_arrives(li, noodles, monkeypatch), IntegrityError)
    assert Order.objects.values_list("buyer", "note").get() == (None, "")


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_its_note_would_stay_without_the_lock(ma, li, noodles, monkeypatch):
    ma("fetch")
    unlocked(monkeypatch)
    assert forget_while_a_push_arrives(li, noodles, monkeypatch) is None
    assert Order.objects.values_list("buyer", "note").get() == (None, NOTE)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_finds_nobody(li):
    outcomes = race(*[partial(privacy.forget, li.person.pk)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DoesNotExist", "list"]
    assert JobRun.objects.count() == 1
