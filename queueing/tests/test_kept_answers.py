"""Answers that are kept as they were sent are those that the database would give, from the very next request on."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Session
from callme_site.storage import versions
from callme_site.testing.announced import unannounced
from conftest import Phone, forget, make_seller
from queueing.models import Order
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dumplings(hu):
    return make_seller("13800000002", name="饺子", person=hu.person)


@pytest.fixture
def phones(ma, hu, li, wang):
    return {"ma": ma, "hu": hu, "li": li, "wang": wang}


@pytest.fixture
def questions(client, phones, noodles, dumplings):
    """Everything whose answer is kept, by what it is."""
    asked = {f"{name}: {query}": (phones[name], query, {}) for name in ("ma", "hu") for query in ("note", "today")}
    for name, phone in phones.items():
        for stall in (noodles, dumplings):
            asked[f"{name}: menu of {stall}"] = (phone, "menu", {"sellerId": stall.pk})
            for number in range(1, 6):
                asked[f"{name}: hungry for {number} of {stall}"] = (phone, "hungry", at(stall, number))

    def ask():
        answers = {name: phone(query, **fields) for name, (phone, query, fields) in asked.items()}
        for name, phone in phones.items():
            answers[f"{name}: seller_list"] = without_lines(phone("seller_list"))
        board = client.get("/board/numbers", {"sellers": f"{noodles.pk},{dumplings.pk}"})
        return answers | {"board": (board.status_code, board.content)}

    return ask


def without_lines(answer):
    """Return the list of sellers without what may be five seconds old."""
    for entry in answer.get("list", {}).values():
        entry.pop("waiting")
        entry.pop("wait", None)
    return answer


def fresh(settings, ask):
    """Return the answers that the database gives."""
    settings.MEMORY = "off"
    answers = ask()
    settings.MEMORY = "one-host"
    return answers


@pytest.fixture
def lunch(ma, hu, li, wang, noodles, dumplings):
    """Ma's number 1 is taken, 2 Li's, 3 Li's and called, 4 nobody's and called; Hu's 1 is Li's, 2 Wang's and called.

    Ma has ended number 5, which was Wang's.
    """
    for stall, seller, numbers, bound, called in [
        (ma, noodles, 5, {2: li, 3: li, 5: wang}, (3, 4)),
        (hu, dumplings, 2, {1: li, 2: wang}, (2,)),
    ]:
        for _ in range(numbers):
            stall("fetch")
        for number, student in bound.items():
            student("push", sellerId=seller.pk, marchSn=number, noteContent="面")
        for number in called:
            stall("call", marchSn=number)
    ma("done", isseller="yes", marchSn=5)


def staff():
    return User.objects.get_or_create(username="clerk")[0]


def unbind():
    seller = noodles()
    request = "00000000-0000-0000-0000-000000000001"
    Seller.objects.unbind(seller.pk, seller.person_id, staff_user=staff(), request=request)


def noodles():
    return Seller.objects.get(name="拉面")


def dumpling_stall():
    return Seller.objects.get(name="饺子")


def at(seller, number):
    return {"sellerId": seller.pk, "marchSn": number}


def abandon():
    with unannounced():
        Order.objects.update(taken_at=Order.objects.earliest("pk").taken_at - timedelta(hours=13))
    call_command("close_stale_orders", verbosity=0)


def switch(off):
    with versions.changing(versions.SELLERS):
        Seller.objects.filter(name="饺子").update(switched_off=off)


EVENTS = {
    "taken": lambda ma, hu, li, wang: ma("fetch"),
    "bound": lambda ma, hu, li, wang: wang("push", noteContent="加辣", **at(noodles(), 1)),
    "bound, and taken before the buyer's others": lambda ma, hu, li, wang: wang(
        "push", noteContent="加辣", **at(noodles(), 4)
    ),
    "bound elsewhere": lambda ma, hu, li, wang: li("push", noteContent="加辣", **at(noodles(), 1)),
    "called": lambda ma, hu, li, wang: ma("call", marchSn=2),
    "called again": lambda ma, hu, li, wang: ma("call", marchSn=4),
    "called, several": lambda ma, hu, li, wang: ma("call", marchSn="1,2"),
    "a call taken back": lambda ma, hu, li, wang: ma("undo", marchSn=3),
    "an end taken back": lambda ma, hu, li, wang: ma("undo", marchSn=5),
    "collected": lambda ma, hu, li, wang: li("done", **at(noodles(), 2)),
    "collected elsewhere": lambda ma, hu, li, wang: li("done", **at(dumpling_stall(), 1)),
    "ended": lambda ma, hu, li, wang: ma("done", isseller="yes", marchSn=2),
    "the last one ended": lambda ma, hu, li, wang: hu("done", isseller="yes", marchSn=2),
    "cleared": lambda ma, hu, li, wang: ma("clear"),
    "closed by staff": lambda ma, hu, li, wang: Order.objects.end_all([Order.objects.live().get(buyer=wang.person).pk]),
    "abandoned": lambda ma, hu, li, wang: abandon(),
    "renamed": lambda ma, hu, li, wang: hu("update", sellerName="馄饨"),
    "another menu": lambda ma, hu, li, wang: ma("update", menuList="拌面"),
    "switched off": lambda ma, hu, li, wang: switch(True),
    "unbound": lambda ma, hu, li, wang: unbind(),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_it_is_right_in_the_very_next_answer(settings, lunch, phones, questions, event):
    for _ in range(3):
        before = questions()
    assert before == fresh(settings, questions)
    event(**phones)
    after = questions()
    assert after == fresh(settings, questions)
    assert after != before
    assert questions() == after


def test_it_is_right_after_any_days_work(settings, phones, noodles, dumplings, questions):
    """A lunch at random, with every answer compared after every step."""
    chance = random.Random(7)
    stalls = {"ma": noodles, "hu": dumplings}
    for step in range(60):
        stall, student = chance.choice(["ma", "hu"]), chance.choice(["li", "wang"])
        number, order = chance.randint(1, 5), {}
        order = {"sellerId": stalls[stall].pk, "marchSn": number}
        phone, query, fields = chance.choice(
            [
                (stall, "fetch", {}),
                (stall, "fetch", {}),
                (student, "push", {"noteContent": chance.choice(["面", "饺子"]), **order}),
                (student, "push", {"noteContent": "面", **order}),
                (stall, "call", {"marchSn": number}),
                (stall, "call", {"marchSn": f"{number},{chance.randint(1, 5)}"}),
                (stall, "undo", {"marchSn": number}),
                (student, "done", order),
                (stall, "done", {"isseller": "yes", "marchSn": number}),
                (stall, "clear", {}),
            ]
        )
        phones[phone](query, **fields)
        assert questions() == fresh(settings, questions), (step, phone, query, fields)
        assert questions() == fresh(settings, questions), (step, phone, query, fields)


def test_it_knows_of_all_the_orders_that_may_become_the_oldest(lunch, ma, hu, li, noodles, dumplings):
    """Asked once between the end of one and the end of the next, which is at another stall."""
    for _ in range(3):
        assert li("menu", sellerId=noodles.pk)["takenMarchSn"] == 2
    for number in (2, 3):
        ma("done", isseller="yes", marchSn=number)
    assert li("menu", sellerId=noodles.pk)["takenSellerId"] == dumplings.pk
    hu("done", isseller="yes", marchSn=1)
    assert li("menu", sellerId=noodles.pk)["takenFlag"] == "fail"


def cost(ask):
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def test_it_asks_the_database_nothing_while_nothing_changes(settings, lunch, questions):
    forget()
    assert [cost(questions) > 0, cost(questions) > 0] == [True, True]  # whose orders are where is learnt the first time
    assert [cost(questions) for _ in range(3)] == [0, 0, 0]
    settings.MEMORY = "several-hosts"
    assert cost(questions) > 4


def test_an_order_elsewhere_costs_others_nothing(lunch, phones, hu, li, noodles, dumplings):
    Phone.of("zhao")
    zhao = Phone.of("zhao")
    for _ in range(2):
        zhao("menu", sellerId=noodles.pk)
        phones["ma"]("note")
    hu("fetch")
    assert cost(lambda: zhao("menu", sellerId=noodles.pk)) == cost(lambda: phones["ma"]("note")) == 0
    assert cost(lambda: hu("note")) == 1


def test_what_fails_is_not_kept(lunch, li, noodles):
    """A phone that asks for all numbers there are would make the server forget the rest."""
    for _ in range(3):
        assert cost(lambda: li("menu", sellerId=noodles.pk + 99)) == 3


def test_an_answer_is_one_persons_and_one_stalls_own(lunch, ma, hu, li, wang, noodles, dumplings):
    for _ in range(3):
        assert {li("menu", sellerId=noodles.pk)["takenMarchSn"], wang("menu", sellerId=noodles.pk)["takenMarchSn"]} == {
            2
        }
        assert li("menu", sellerId=dumplings.pk)["sellerName"] == "饺子"
        assert wang("menu", sellerId=dumplings.pk)["takenSellerId"] == dumplings.pk
        assert ma("note")["sellerId"] == noodles.pk
        assert hu("note")["sellerId"] == dumplings.pk
    assert li("note") == {"noteSuccess": "fail", "failMsg": "Invalid Session Error"}


def test_a_session_that_is_over_is_told_nothing_that_is_kept(lunch, li, ma, noodles):
    for _ in range(3):
        li("menu", sellerId=noodles.pk)
        ma("note")
    with versions.changing(versions.EVERYTHING):
        Session.objects.all().delete()
    assert li("menu", sellerId=noodles.pk) == ma("note") == {"queryErr": "Session Time Out"}
