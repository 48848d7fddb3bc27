"""Notes that WeChat checks: what each phone is told of them, and what is kept of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import TextCheck
from accounts.text_checks import claim_due
from callme_site.testing.announced import unannounced
from callme_site.testing.texts import DOUBTFUL, FINE, HIDDEN, RISKY, LikeAnything, visitor, work
from conftest import Phone, make_seller, noted
from queueing.models import Order

pytestmark = pytest.mark.django_db
PUSHED = {"pushSuccess": "success"}


@pytest.fixture
def stall(checking):
    """A noodle stall that has numbers 1 and 2 out, and its phone."""
    phone = Phone(*visitor("ma", "seller"))
    make_seller(person=phone.person)
    phone.person.refresh_from_db()
    phone("fetch"), phone("fetch")
    return phone


@pytest.fixture
def student(checking):
    return Phone(*visitor("li"))


def push(student, stall, note, number=1):
    answer = student("push", sellerId=stall.person.seller.pk, marchSn=number, noteContent=note)
    assert answer == PUSHED


def told(stall, note):
    """Return what `note` answers where number 1 has that note, and nobody has bound number 2."""
    seller = stall.person.seller.pk
    lists = {"notedList": [noted(seller, 1, note)], "unnotedList": [noted(seller, 2, None)]}
    return {"noteSuccess": "success", "sellerId": seller, "noteContent": lists, "orderList": lists}


def own(stall, note):
    """Return what `menu` tells the student of its order with number 1."""
    seller = stall.person.seller.pk
    taken = {"sellerId": seller, "sellerName": "拉面", "marchSn": 1, "menuName": note, "called": False}
    oldest = {
        "takenFlag": "success",
        "takenSellerId": seller,
        "takenSellerName": "拉面",
        "takenMarchSn": 1,
        "takenMenuName": note,
    }
    stalls = {"menuContent": ["牛肉面", "刀削面"], "sellerName": "拉面", "waiting": 2}
    return {"menuSuccess": "success", **stalls, **oldest, "taken": [taken]}


def test_a_risky_note_is_hidden_from_all_but_its_student_in_the_very_next_request(stall, student):
    seller = stall.person.seller.pk
    push(student, stall, RISKY)
    assert (stall("note"), student("menu", sellerId=seller)) == (told(stall, RISKY), own(stall, RISKY))
    assert work() == 1
    assert (stall("note"), student("menu", sellerId=seller)) == (told(stall, HIDDEN), own(stall, RISKY))
    assert not TextCheck.objects.exists(), "nothing is kept of it"
    assert student("push", sellerId=seller, marchSn=1, noteContent=RISKY) == PUSHED, "the same again is no other note"
    assert stall("note") == told(stall, HIDDEN)
    assert work() == 0


@pytest.mark.parametrize("memory", ["one-host", "off"])
def test_a_fine_note_is_shown_and_nothing_is_kept_of_it(settings, stall, student, memory):
    settings.MEMORY = memory
    push(student, stall, FINE)
    assert work() == 1
    assert stall("note") == told(stall, FINE)
    assert not TextCheck.objects.exists()
    assert work() == 0


def test_a_doubtful_note_is_shown_and_left_for_a_clerk_without_the_openid(stall, student):
    push(student, stall, DOUBTFUL)
    assert TextCheck.objects.get().openid
    work()
    assert stall("note") == told(stall, DOUBTFUL)
    left = TextCheck.objects.get()
    assert (left.state, left.openid, left.due_at, left.text) == ("review", "", None, DOUBTFUL)
    assert work() == 0


def test_an_empty_note_is_not_checked(stall, student):
    push(student, stall, "")
    with CaptureQueriesContext(connection) as captured:
        push(student, stall, "", 2)
    assert not TextCheck.objects.exists()
    assert len([statement for statement in captured if "SAVEPOINT" not in statement["sql"]]) == 2


@pytest.mark.parametrize("setting", ["CONTENT_CHECK", "OPENID_KEYS"])
def test_it_costs_two_statements_and_nothing_where_it_is_off(settings, stall, student, setting):
    costs = []
    for number in (1, 2, 3):
        stall("fetch")
        with CaptureQueriesContext(connection) as captured:
            push(student, stall, RISKY, number)
        costs.append([statement["sql"] for statement in captured if "SAVEPOINT" not in statement["sql"]])
        if number == 2:
            setattr(settings, setting, [])
    _first, on, off = costs
    assert TextCheck.objects.count() == 2
    assert len(off) == 2, off
    assert len(on) <= len(off) + 2, on


def test_push_does_not_ask_wechat(monkeypatch, stall, student):
    monkeypatch.setattr("accounts.wechat.call", None)
    push(student, stall, RISKY)
    assert TextCheck.objects.get().state == "waiting"


def test_it_is_written_with_the_note_or_not_at_all(monkeypatch, stall, student):
    monkeypatch.setattr(TextCheck.objects.__class__, "await_check", None)
    with pytest.raises(TypeError):
        Order.objects.bind(stall.person.seller.pk, 1, student.person, RISKY)
    assert Order.objects.get(number=1).buyer is None


def test_a_note_of_somebody_whose_openid_was_not_kept_is_left_for_a_clerk(settings, stall):
    keys, settings.OPENID_KEYS = settings.OPENID_KEYS, []
    student = Phone(*visitor("li"))
    settings.OPENID_KEYS = keys
    push(student, stall, RISKY)
    assert TextCheck.objects.get().state == "unchecked"
    assert work() == 0
    assert stall("note") == told(stall, RISKY)


@pytest.mark.parametrize("compared", [True, False])
def test_a_verdict_that_comes_late_does_not_hide_another_note(stall, student, compared):
    push(student, stall, RISKY)
    (job,) = claim_due(1)
    with unannounced():
        Order.objects.filter(number=1).update(note=FINE)
    if not compared:  # the control
        job.args[0].text = LikeAnything(RISKY)
    job()
    assert Order.objects.get(number=1).note_hidden is not compared
    assert not TextCheck.objects.exists()


def test_a_note_that_differs_by_its_capitals_is_another_one(stall, student):
    push(student, stall, "gambling")
    (job,) = claim_due(1)
    with unannounced():
        Order.objects.filter(number=1).update(note="Gambling")
    job()
    assert not Order.objects.get(number=1).note_hidden


def test_a_note_of_an_order_that_is_gone_hides_nothing(stall, student):
    push(student, stall, RISKY)
    with unannounced():
        Order.objects.all().delete()
    assert work() == 1
    assert not TextCheck.objects.exists()
