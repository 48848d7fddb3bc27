"""Proof of holding: where a stall asks for it, a number is bound by who knows its four digits."""

import logging
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conftest import ENCODINGS, Phone, make_seller
from queueing import claims
from queueing.models import Order

PUSHED = {"pushSuccess": "success"}
INVALID = {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}
TAKEN = {"pushSuccess": "fail", "failMsg": "Taken Error"}
TOO_MANY = {"pushSuccess": "fail", "failMsg": "Too Many Error"}
NO_CLAIM = {"claimSuccess": "fail", "failMsg": "Invalid Sn Error"}


def ask_for_proof(ma, answer="yes"):
    assert ma("update", proof=answer)["updateSuccess"] == "success"


@pytest.fixture
def claim(ma):
    """The claim of Ma's number 1."""
    ask_for_proof(ma)
    return ma("fetch")["claim"]


@pytest.fixture
def push(noodles):
    """What sends a push for Ma's number 1 from somebody's phone."""

    def push(phone, number=1, note="面", encoding="form", **claim):
        return phone("push", encoding=encoding, sellerId=noodles.pk, marchSn=number, noteContent=note, **claim)

    return push


def wrong(claim, place=1):
    return f"{(int(claim) + place) % 10_000:04}"


def test_fetch_tells_four_digits_and_each_time_others(ma):
    ask_for_proof(ma)
    answers = [ma("fetch") for _ in range(20)]
    assert [set(answer) for answer in answers] == [{"fetchSuccess", "marchSn", "claim"}] * 20
    assert all(re.fullmatch("[0-9]{4}", answer["claim"]) for answer in answers)
    assert len({answer["claim"] for answer in answers}) > 10


def test_leading_zeros_are_told_and_asked_for(ma, li, push, monkeypatch):
    monkeypatch.setattr(claims.secrets, "randbelow", lambda below: 47)
    ask_for_proof(ma)
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 1, "claim": "0047"}
    assert push(li, claim="47") == INVALID
    assert push(li, claim="0047") == PUSHED


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_right_claim_binds(li, push, claim, encoding):
    assert push(li, encoding=encoding, claim=claim) == PUSHED
    order = Order.objects.get()
    assert (order.buyer, order.wrong_claims) == (li.person, 0)


def test_it_may_be_in_full_width_digits(li, push, claim):
    assert push(li, claim=" " + "".join(chr(ord(digit) + 0xFEE0) for digit in claim)) == PUSHED


def test_without_it_or_with_a_wrong_one_nothing_is_bound(li, push, claim):
    assert [push(li), push(li, claim=""), push(li, claim=wrong(claim))] == [INVALID] * 3
    order = Order.objects.get()
    assert (order.buyer, order.wrong_claims) == (None, 3)
    assert push(li, claim=claim) == PUSHED


def test_what_is_no_claim_is_refused_and_not_counted(li, push, claim):
    for odd in ("x", "123", "12345", claim + "x"):
        assert push(li, claim=odd) == INVALID
    assert Order.objects.get().wrong_claims == 0


def test_after_five_wrong_ones_the_right_one_is_refused_too(li, wang, push, claim):
    for place in range(1, 6):
        assert push(wang if place % 2 else li, claim=wrong(claim, place)) == INVALID
    assert push(li, claim=claim) == push(wang, claim=claim) == INVALID
    assert Order.objects.get().wrong_claims == 5


def test_after_four_it_is_not(li, push, claim):
    for place in range(1, 5):
        push(li, claim=wrong(claim, place))
    assert push(li, claim=claim) == PUSHED


def test_the_stall_shows_it_again_and_five_more_may_be_wrong(ma, li, push, claim):
    for _ in range(2):
        for place in range(1, 6):
            assert push(li, claim=wrong(claim, place)) == INVALID
        assert push(li, claim=claim) == INVALID
        assert ma("claim", marchSn=1) == {"claimSuccess": "success", "claim": claim}
    assert push(li, claim=claim) == PUSHED
    assert ma("claim", marchSn=1) == {"claimSuccess": "success", "claim": claim}


def test_a_new_number_begins_anew(ma, li, push, claim):
    for place in range(1, 6):
        push(li, claim=wrong(claim, place))
    second = ma("fetch")
    assert push(li, number=second["marchSn"], claim=second["claim"]) == PUSHED


def test_the_wrong_ones_of_one_number_are_not_anothers(ma, li, push, claim):
    second = ma("fetch")
    for place in range(1, 6):
        push(li, claim=wrong(claim, place))
    assert push(li, number=2, claim=second["claim"]) == PUSHED


def test_a_repeat_by_who_has_bound_it_succeeds_whatever_its_claim(li, push, claim):
    push(li, claim=claim)
    assert [push(li), push(li, claim=claim), push(li, claim=wrong(claim))] == [PUSHED] * 3
    assert Order.objects.get().wrong_claims == 0


def test_a_number_that_somebody_has_is_taken(li, wang, push, claim):
    push(li, claim=claim)
    assert [push(wang), push(wang, claim=claim), push(li, note="汤", claim=claim)] == [TAKEN] * 3


def test_who_has_five_orders_learns_nothing_of_a_claim(settings, ma, li, push, claim):
    """Too Many Error is for whoever could have had it."""
    ask_for_proof(ma, "no")
    settings.ORDERS_A_PERSON = 1
    push(li, number=ma("fetch")["marchSn"])
    assert [push(li), push(li, claim=wrong(claim)), push(li, claim=claim)] == [INVALID, INVALID, TOO_MANY]
    for place in range(1, 4):
        push(li, claim=wrong(claim, place))
    assert push(li, claim=claim) == INVALID


def test_a_stall_without_it_is_served_as_ever(ma, li, push):
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 1}
    assert ma("claim", marchSn=1) == NO_CLAIM
    assert push(li) == PUSHED


def test_a_claim_for_a_number_without_one_is_ignored(ma, li, push):
    ma("fetch")
    assert push(li, claim="0047") == PUSHED


def test_a_number_from_before_it_was_turned_on_needs_none(ma, li, wang, push):
    ma("fetch")
    ask_for_proof(ma)
    second = ma("fetch")
    assert ma("claim", marchSn=1) == NO_CLAIM
    assert [push(li), push(wang, number=2), push(wang, number=2, claim=second["claim"])] == [PUSHED, INVALID, PUSHED]


def test_a_number_from_before_it_was_turned_off_needs_it_still(ma, li, push, claim):
    ask_for_proof(ma, "no")
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 2}
    assert [push(li), push(li, number=2), push(li, claim=claim)] == [INVALID, PUSHED, PUSHED]


def test_info_tells_whether_it_is_on(ma):
    told = []
    for answer in ("yes", "yes", "no"):
        ask_for_proof(ma, answer)
        told.append(ma("info")["proof"])
    assert told == [True, True, False]


def test_an_update_of_something_else_leaves_it(ma):
    ask_for_proof(ma)
    ma("update", sellerName="兰州拉面")
    assert ma("info")["proof"] is True


def test_what_is_neither_yes_nor_no_changes_nothing(ma):
    ask_for_proof(ma)
    failed = {"updateSuccess": "fail", "failMsg": "Invalid Proof Error"}
    assert ma("update", proof="No", sellerName="兰州拉面") == failed
    info = ma("info")
    assert (info["proof"], info["sellerName"]) == (True, "拉面")


def test_only_its_own_stall_is_shown_a_claim(hu, li, claim):
    make_seller("13800000002", person=hu.person)
    assert hu("claim", marchSn=1) == NO_CLAIM
    assert li("claim", marchSn=1) == {"claimSuccess": "fail", "failMsg": "Invalid Session Error"}


@pytest.mark.parametrize("ends", ["by the student", "by the stall", "clear", "by staff"])
def test_it_is_gone_when_the_order_ends(ma, li, noodles, push, claim, ends):
    if ends == "by the student":
        push(li, claim=claim)
        li("done", sellerId=noodles.pk, marchSn=1)
    elif ends == "by the stall":
        ma("done", isseller="yes", marchSn=1)
    elif ends == "clear":
        ma("clear")
    else:
        Order.objects.end_all([Order.objects.get().pk])
    order = Order.objects.get()
    assert (order.live_number, order.claim) == (None, "")
    assert ma("claim", marchSn=1) == NO_CLAIM
    assert push(li, claim=claim) == INVALID


def test_a_number_whose_end_is_taken_back_has_another(ma, li, push, claim, monkeypatch):
    for place in range(1, 6):
        push(li, claim=wrong(claim, place))
    ma("done", isseller="yes", marchSn=1)
    monkeypatch.setattr(claims, "new_claim", lambda: wrong(claim))
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}
    assert [push(li), push(li, claim=claim)] == [INVALID, INVALID]
    assert ma("claim", marchSn=1) == {"claimSuccess": "success", "claim": wrong(claim)}
    assert push(li, claim=wrong(claim)) == PUSHED


@pytest.mark.parametrize("case", ["bound", "the stall asks no more"])
def test_it_has_none_where_none_is_needed(ma, li, push, claim, case):
    if case == "bound":
        push(li, claim=claim)
    else:
        ask_for_proof(ma, "no")
    ma("done", isseller="yes", marchSn=1)
    assert ma("undo", marchSn=1) == {"undoSuccess": "success"}
    assert ma("claim", marchSn=1) == NO_CLAIM
    assert push(li) == PUSHED


def test_no_log_and_no_page_of_the_console_has_it(ma, li, noodles, push, caplog, monkeypatch):
    """A claim that is found nowhere by chance."""
    monkeypatch.setattr("queueing.models.claims.new_claim", lambda: "√∛∜")
    caplog.set_level(logging.DEBUG)
    ask_for_proof(ma)
    ma("fetch")
    ma("claim", marchSn=1)
    push(li, claim="0047")
    console = Client()
    console.force_login(User.objects.create_superuser("boss"))
    order = Order.objects.get()
    pages = [
        console.get("/admin/queueing/order/?state=all"),
        console.get(f"/admin/queueing/order/{order.pk}/change/"),
        console.get(f"/admin/sellers/seller/{noodles.pk}/change/"),
        console.get(f"/board/numbers?sellers={noodles.pk}"),
    ]
    assert [page.status_code for page in pages] == [200] * 4
    assert order.claim == "√∛∜"
    assert not [page for page in pages if order.claim in page.content.decode()]
    assert order.claim not in caplog.text
    assert "0047" not in caplog.text


def test_neither_note_nor_menu_tells_it(ma, li, noodles, push, claim, wang):
    assert "claim" not in str(ma("note"))
    push(li, claim=claim)
    assert "claim" not in str(ma("note")) + str(li("menu", sellerId=noodles.pk))


def test_it_is_made_by_what_cannot_be_foretold():
    assert claims.secrets.__name__ == "secrets"
    assert {len(claims.new_claim()) for _ in range(2000)} == {4}


def test_phones_of_one_stall_all_show_it(claim):
    again = Phone.of("ma", "seller")
    assert again("claim", marchSn=1) == {"claimSuccess": "success", "claim": claim}
