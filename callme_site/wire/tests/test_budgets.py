"""How many SQL statements each query may cost: the session's look-up, BEGIN and COMMIT included."""

import pytest
from cryptography.fernet import Fernet
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts import wechat
from accounts.models import AccessToken
from callme_site.testing.announced import unannounced
from callme_site.wire.registry import registry
from conftest import Phone, forget, make_seller, make_staff
from queueing import taking
from queueing.models import Order
from sellers.models import Seller

pytestmark = pytest.mark.django_db(transaction=True)

NEW_TELEPHONE = "13900000009"

# The query, whose phone sends it, with what beside the fields that all get (see `ask`), and its statements.
BUDGETS = [
    ("login", "stranger", {"code": "sandbox-first-time"}, 11),
    ("seller_list", "li", {}, 4),
    ("menu", "li", {}, 5),
    ("fetch", "ma", {}, 4),
    ("note", "ma", {}, 2),
    ("today", "ma", {}, 2),
    ("push", "wang", {"marchSn": 2}, 3),
    ("push", "li", {}, 4),  # again
    ("push", "wang", {"marchSn": 4, "claim": "0047"}, 4),
    ("claim", "ma", {"marchSn": 4}, 3),
    ("pause", "ma", {}, 2),
    ("resume", "ma", {}, 2),
    ("hungry", "li", {}, 2),
    ("call", "ma", {}, 2),
    ("call", "ma", {"marchSn": "1,2"}, 4),
    ("call", "ma", {"marchSn": "1,2,3"}, 5),  # of which one is not out
    ("undo", "ma", {}, 2),
    ("undo", "ma", {"marchSn": 3}, 6),  # which has ended
    ("done", "li", {}, 2),
    ("done", "ma", {"isseller": "yes"}, 2),
    ("signup", "hu", {"telNum": NEW_TELEPHONE}, 14),
    ("signup", "hu", {"phoneCode": f"sandbox-{NEW_TELEPHONE}"}, 12),
    ("info", "ma", {}, 2),
    ("admin", "clerk", {}, 6),
    ("renew", "clerk", {}, 11),
    ("update", "ma", {}, 3),
    ("clear", "ma", {}, 2),
    ("qrcode", "ma", {}, 5),
]


@pytest.fixture
def openids(settings, sandbox_wechat):
    """Openids and access tokens are kept, and WeChat has seen Hu."""
    settings.OPENID_KEYS = [Fernet.generate_key().decode()]
    sandbox_wechat.visitors.add("openid-of-hu")


@pytest.fixture
def phones(openids, stranger, ma, li, wang, hu, noodles, media):
    """Everybody's phones; number 1 is li's and called, 2 is out, 3 was wang's, 4 has a claim; a stall is for sale."""
    ContentType.objects.get_for_model(Seller)  # remembered by a process, for the staff's history
    for app in ("buyer", "seller"):
        AccessToken.objects.of(wechat.app(app))
    clerk = Phone.of("clerk")
    make_staff(clerk)
    make_seller(NEW_TELEPHONE, name="")
    for _ in range(4):
        ma("fetch")
    Order.objects.filter(number=4).update(claim="0047")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="不要辣")
    ma("call", marchSn=1)
    wang("push", sellerId=noodles.pk, marchSn=3, noteContent="")
    ma("done", isseller="yes", marchSn=3)
    return {"stranger": stranger, "ma": ma, "li": li, "wang": wang, "hu": hu, "clerk": clerk}


def ask(phone, query, **fields):
    """Return the statements that a successful query has cost."""
    with CaptureQueriesContext(connection) as captured:
        answer = phone(query, **fields)
    assert answer[f"{query}Success"] == "success", answer
    return [statement["sql"] for statement in captured]


@pytest.mark.parametrize(
    ("query", "name", "fields", "budget"),
    BUDGETS,
    ids=["-".join([query, name, *fields]) for query, name, fields, _ in BUDGETS],
)
def test_it_keeps_its_budget(phones, noodles, query, name, fields, budget):
    usual = {
        "sellerId": noodles.pk, "marchSn": 1, "noteContent": "不要辣", "telNum": noodles.telephone, "term": 1,
        "sellerName": "拉面馆", "menuList": "牛肉面，小菜",
    }  # fmt: skip
    forget()
    statements = ask(phones[name], query, **usual | fields)
    assert len(statements) <= budget, statements


@pytest.mark.parametrize(
    ("memory", "budgets"),
    [("one-host", [4, 3, 1, 0, 0, 0, 0, 1, 1, 1]), ("off", [5, 3, 1, 1, 1, 1, 1, 2, 1, 2])],
    ids=["one-host", "off"],
)
def test_it_keeps_its_budget_of_24_for_the_life_of_a_number(settings, ma, li, noodles, memory, budgets):
    settings.MEMORY = memory
    costs = []

    def step(phone, query, **fields):
        with CaptureQueriesContext(connection) as captured:
            answer = phone(query, **fields)
        costs.append(len(captured))
        return answer

    order = {"sellerId": noodles.pk, "marchSn": step(ma, "fetch")["marchSn"]}
    step(li, "push", noteContent="牛肉面", **order)
    for _ in range(5):
        assert step(li, "hungry", **order)["hungrySuccess"] == "fail"
    step(ma, "call", marchSn=order["marchSn"])
    assert step(li, "hungry", **order)["hungrySuccess"] == "success"
    assert step(li, "done", **order) == {"doneSuccess": "success"}
    assert all(cost <= most for cost, most in zip(costs, budgets, strict=True)), costs
    assert sum(costs) <= 24


def test_a_message_costs_the_push_one_statement_and_the_rest_none(phones, settings, noodles):
    settings.OPENID_KEYS = ["bWVzc2FnZXMtYXJlLWVuY3J5cHRlZC1ieS10aGlzLTE="]
    settings.MESSAGE_TEMPLATE_ID, settings.MESSAGE_FIELDS = "sandbox-template", {"thing1": "stall"}
    key = phones["stranger"]("login", code="sandbox-zhao")["sessionKey"]
    order = {"sellerId": noodles.pk, "marchSn": 2}
    assert len(ask(Phone(key), "push", **order, noteContent="", subscribe="yes")) <= 4
    assert Order.objects.get(live_number=2).message == "wanted"
    assert len(ask(phones["ma"], "call", marchSn=2)) <= 2
    assert Order.objects.get(live_number=2).message == "due"
    assert len(ask(phones["ma"], "undo", marchSn=2)) <= 2
    assert len(ask(phones["ma"], "call", marchSn="2,1")) <= 4
    assert len(ask(phones["ma"], "done", isseller="yes", marchSn=2)) <= 2
    assert Order.objects.get(number=2).message == "dropped"


def test_it_asks_nothing_for_a_list_that_has_not_changed(phones):
    ask(phones["li"], "seller_list")
    assert [len(ask(phones["li"], "seller_list")) for _ in range(3)] == [0, 0, 0]
    assert len(ask(phones["wang"], "seller_list")) <= 1  # the session


def test_it_knows_the_budget_of_every_query():
    assert {query for query, *_ in BUDGETS} == set(registry)


def test_it_keeps_its_budget_when_somebody_known_logs_in(sandbox_wechat, stranger):
    ask(stranger, "login", code="sandbox-li-1")
    assert len(ask(stranger, "login", code="sandbox-li-2")) <= 8


def test_it_keeps_its_budget_with_a_picture(phones, tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "stall.png")
    picture = SimpleUploadedFile("stall.png", (tmp_path / "stall.png").read_bytes())
    statements = ask(phones["ma"], "update", encoding="multipart", sellerName="拉面馆", sellerImage=picture)
    assert len(statements) <= 6, statements


def test_it_answers_from_what_it_keeps_when_the_code_is_asked_for_again(phones):
    ask(phones["ma"], "qrcode")
    assert len(ask(phones["ma"], "qrcode")) <= 1


@pytest.mark.parametrize(("query", "name"), [("seller_list", "li"), ("admin", "clerk")])
def test_it_costs_the_same_with_more_sellers(phones, settings, query, name):
    settings.MEMORY = "off"
    before = len(ask(phones[name], query))
    for place in range(9):
        make_seller(f"1370000000{place}", person=Phone.of(f"seller-{place}").person)
    assert len(ask(phones[name], query)) <= before


@pytest.mark.parametrize(
    ("query", "name"), [("note", "ma"), ("menu", "li"), ("today", "ma"), ("fetch", "ma"), ("clear", "ma")]
)
def test_it_costs_the_same_with_more_orders(phones, noodles, query, name):
    before = len(ask(phones[name], query, sellerId=noodles.pk))
    for _ in range(18):
        taking.take(noodles)
    with unannounced():
        Order.objects.live().update(buyer=phones["li"].person)
    assert len(ask(phones[name], query, sellerId=noodles.pk)) <= before
