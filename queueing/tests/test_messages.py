"""A message that a student wants of its call: from `push` to the phone, and every way in which it is not sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import openids
from accounts.models import Session
from callme_site.testing.announced import unannounced
from conftest import ENCODINGS, Phone
from queueing.models import Order
from queueing.tests.messaging import TEMPLATE, columns, come_to, message_of, order_of, send_due, student
from queueing.uncollected import close_uncollected
from queueing.undo import WANT_MESSAGE_AGAIN

NOTHING = {"message": "", "message_at": None, "message_tries": 0, "message_to": None, "openid": ""}
CALLED = {"callSuccess": "success"}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_student_hears_of_the_call(messages, ma, noodles, encoding):
    wei = student(messages, "wei")
    ma("fetch")
    order = {"sellerId": noodles.pk, "marchSn": 1}
    pushed = wei("push", **order, noteContent="牛肉面，不要香菜", subscribe="yes", encoding=encoding)
    assert pushed == {"pushSuccess": "success"}
    kept = columns(1)["openid"]
    assert openids.decrypted(kept) is not None
    assert columns(1) == NOTHING | {"message": "wanted", "openid": kept}
    assert send_due() == 0
    assert ma("call", marchSn=1, encoding=encoding) == CALLED
    assert columns(1) == NOTHING | {"message": "due", "message_at": Order.objects.get().called_at, "openid": kept}
    assert send_due() == 1
    page, values = come_to(messages, "wei")[0]
    assert page == f"pages/wait/wait?sellerId={noodles.pk}&marchSn=1"
    called = timezone.localtime(Order.objects.get().called_at)
    assert values == {
        "thing1": "拉面",
        "character_string2": "1",
        "thing3": "牛肉面，不要香菜",
        "time4": f"{called:%Y-%m-%d %H:%M}",
    }
    assert columns(1) == NOTHING | {"message": "sent", "message_at": columns(1)["message_at"]}
    assert send_due() == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_login_tells_students_alone_which_template_it_is(messages, ma, noodles, encoding):
    answer = Phone()("login", code="sandbox-li-1", encoding=encoding)
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"], "templateIds": [TEMPLATE]}
    answer = Phone()("login", code="sandbox-li-2", isseller="yes", encoding=encoding)
    assert answer == {"loginSuccess": "fail", "failMsg": "Seller Openid Error", "sessionKey": answer["sessionKey"]}


@pytest.mark.parametrize("missing", ["OPENID_KEYS", "MESSAGE_TEMPLATE_ID"])
def test_without_its_settings_nothing_is_told_and_nothing_kept(messages, settings, ma, noodles, missing):
    setattr(settings, missing, [] if missing == "OPENID_KEYS" else "")
    answer = Phone()("login", code="sandbox-li")
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"]}
    order_of(ma, Phone(answer["sessionKey"]), noodles)
    assert columns(1) == NOTHING
    ma("call", marchSn=1)
    assert columns(1) == NOTHING
    assert send_due() == 0


@pytest.mark.parametrize("subscribe", ["", "no", "Yes", "YES", "yes ", "true", "1", True, 1, None, [], ["yes"], {}])
def test_whatever_is_not_yes_is_no(messages, ma, wei, noodles, subscribe):
    ma("fetch")
    push = {"sellerId": noodles.pk, "marchSn": 1, "noteContent": "", "subscribe": subscribe}
    assert wei("push", **push, encoding="json") == {"pushSuccess": "success"}
    assert columns(1) == NOTHING


@pytest.mark.parametrize("encoding", ["form", "multipart"])
@pytest.mark.parametrize("subscribe", ["", "no", "ｙｅｓ", "yes\0", b"yes\xff", b"\xff", "y" * 100_000])
def test_whatever_is_not_yes_is_no_in_a_form_too(messages, ma, wei, noodles, encoding, subscribe):
    ma("fetch")
    push = {"sellerId": noodles.pk, "marchSn": 1, "noteContent": "", "subscribe": subscribe}
    assert wei("push", **push, encoding=encoding) == {"pushSuccess": "success"}
    assert columns(1) == NOTHING


def test_the_same_push_again_changes_nothing(messages, ma, wei, noodles):
    order_of(ma, wei, noodles, subscribe="no")
    again = {"sellerId": noodles.pk, "marchSn": 1, "noteContent": "牛肉面"}
    assert wei("push", **again, subscribe="yes") == {"pushSuccess": "success"}
    assert columns(1) == NOTHING


def test_a_student_whose_openid_is_not_kept_gets_none(messages, ma, wei, noodles):
    with unannounced():
        Session.objects.update(openid="")
    order_of(ma, wei, noodles)
    assert columns(1) == NOTHING


def test_several_are_called_at_once(messages, ma, wei, noodles):
    bo = student(messages, "bo")
    order_of(ma, wei, noodles)
    order_of(ma, bo, noodles)
    order_of(ma, student(messages, "an"), noodles, subscribe="no")
    assert ma("call", marchSn="1,2,3,4") == {"callSuccess": "success", "called": [1, 2, 3], "failed": [4]}
    assert [message_of(number) for number in (1, 2, 3)] == ["due", "due", ""]
    assert send_due() == 2
    assert [len(come_to(messages, name)) for name in ("wei", "bo", "an")] == [1, 1, 0]


def test_a_recall_sends_no_second_one(messages, ma, noodles):
    order_of(ma, student(messages, "wei", messages=2), noodles)
    for _ in range(2):
        ma("call", marchSn=1)
    assert send_due() == 1
    ma("call", marchSn=1)
    assert send_due() == 0
    assert message_of(1) == "sent"


def test_a_call_that_is_taken_back_before_it_has_gone_is_not_told(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}
    assert columns(1) == NOTHING | {"message": "wanted", "openid": columns(1)["openid"]}
    assert send_due() == 0
    ma("call", marchSn=1)
    assert send_due() == 1
    assert len(come_to(messages, "wei")) == 1


def test_a_recall_that_is_taken_back_leaves_the_message_of_the_call(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    ma("call", marchSn=1)
    due = columns(1)
    ma("undo", marchSn=1)
    assert columns(1) == due
    assert send_due() == 1


def test_one_that_has_gone_is_not_taken_back(messages, ma, noodles):
    order_of(ma, student(messages, "wei", messages=2), noodles)
    ma("call", marchSn=1)
    send_due()
    ma("undo", marchSn=1)
    assert message_of(1) == "sent"
    ma("call", marchSn=1)
    assert send_due() == 0


def ended(ma, wei, noodles):
    ma("done", isseller="yes", marchSn=1)


def collected(ma, wei, noodles):
    wei("done", sellerId=noodles.pk, marchSn=1)


def by_staff(ma, wei, noodles):
    Order.objects.end_all([Order.objects.get().pk])


def abandoned(ma, wei, noodles):
    with unannounced():
        Order.objects.update(taken_at=timezone.now() - timedelta(hours=13))
    assert Order.objects.close_stale() == 1


def uncollected(ma, wei, noodles):
    hours_ago = timezone.now() - timedelta(hours=2)
    with unannounced():
        Order.objects.update(taken_at=hours_ago, bound_at=hours_ago, called_at=hours_ago)
    assert close_uncollected() == 1


ENDINGS = [ended, collected, by_staff, abandoned, uncollected]


@pytest.mark.parametrize("called", [False, True], ids=["wanted", "due"])
@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_nobody_is_told_of_an_order_that_has_ended(messages, ma, wei, noodles, end, called):
    order_of(ma, wei, noodles)
    if called:
        ma("call", marchSn=1)
    end(ma, wei, noodles)
    assert columns(1) == NOTHING | {"message": "dropped", "message_at": columns(1)["message_at"]}
    assert columns(1)["message_at"] is not None
    assert send_due() == 0
    assert come_to(messages, "wei") == []


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_an_end_leaves_what_has_become_of_the_message(messages, ma, wei, noodles, end):
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    send_due()
    before = columns(1)
    end(ma, wei, noodles)
    assert columns(1) == before
    assert before["message"] == "sent"


@pytest.mark.parametrize("called", [False, True])
def test_an_end_that_is_taken_back_brings_the_wish_back(messages, ma, wei, noodles, called):
    order_of(ma, wei, noodles)
    if called:
        ma("call", marchSn=1)
    ended(ma, wei, noodles)
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}
    assert message_of(1) == ("due" if called else "wanted")
    assert send_due() == called
    if not called:
        ma("call", marchSn=1)
        assert send_due() == 1
    assert len(come_to(messages, "wei")) == 1


def test_an_end_that_is_taken_back_sends_no_second_one(messages, ma, noodles):
    order_of(ma, student(messages, "wei", messages=2), noodles)
    ma("call", marchSn=1)
    send_due()
    ended(ma, None, noodles)
    ma("undo", marchSn=1)
    ma("call", marchSn=1)
    assert send_due() == 0
    order = Order.objects.get()
    assert not WANT_MESSAGE_AGAIN.run(order=order.pk, openid="kept", now=timezone.now())


def test_an_order_that_has_ended_again_keeps_no_openid(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    ended(ma, wei, noodles)
    order = Order.objects.get()
    assert not WANT_MESSAGE_AGAIN.run(order=order.pk, openid="kept", now=timezone.now())
    assert columns(1)["openid"] == ""


def test_a_session_that_is_over_does_not_bring_the_wish_back(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    ended(ma, wei, noodles)
    with unannounced():
        Session.objects.filter(app="buyer").delete()
    ma("undo", marchSn=1)
    assert columns(1) == NOTHING | {"message": "dropped", "message_at": columns(1)["message_at"]}


def test_the_openid_outlives_the_session_for_as_long_as_the_order(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    with unannounced():
        Session.objects.filter(app="buyer").delete()
    ma("call", marchSn=1)
    assert send_due() == 1
    assert len(come_to(messages, "wei")) == 1
