"""Q07: a student enters the number and a note of the dish."""

import pytest

from conftest import Phone, make_seller, noted
from queueing.models import Order

SUCCESS = {"pushSuccess": "success"}
TOO_MANY = {"pushSuccess": "fail", "failMsg": "Too Many Error"}


def push(phone, seller, number=1, note="牛肉面，不要香菜"):
    return phone("push", sellerId=seller.pk, marchSn=number, noteContent=note)


def test_it_binds_the_number_to_the_caller(ma, li, noodles):
    ma("fetch")
    assert push(li, noodles) == {"pushSuccess": "success"}
    order = Order.objects.get()
    assert (order.buyer, order.note) == (li.person, "牛肉面，不要香菜")
    assert order.bound_at >= order.taken_at


def test_it_takes_an_empty_note(ma, li, noodles):
    ma("fetch")
    assert push(li, noodles, note="") == {"pushSuccess": "success"}
    assert Order.objects.get().note == ""


def test_it_keeps_the_note_to_the_letter(ma, li, noodles):
    ma("fetch")
    note = "  🌶🌶 “特辣” <b>&amp;</b> 100% \\n'; -- \n"
    assert push(li, noodles, note=note) == {"pushSuccess": "success"}
    assert ma("note")["orderList"]["notedList"] == [noted(noodles, 1, note)]


def test_it_takes_200_characters(ma, li, noodles):
    ma("fetch")
    assert push(li, noodles, note="🍜" * 201) == {"pushSuccess": "fail", "failMsg": "Invalid Note Error"}
    assert push(li, noodles, note="🍜" * 200) == {"pushSuccess": "success"}


def test_it_refuses_a_number_that_is_not_out(ma, li, noodles):
    assert push(li, noodles) == {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}
    ma("fetch")
    assert push(li, noodles, number=2) == {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}


def test_it_refuses_a_number_that_somebody_has(ma, li, wang, noodles):
    ma("fetch")
    push(li, noodles)
    assert push(wang, noodles) == {"pushSuccess": "fail", "failMsg": "Taken Error"}
    assert Order.objects.get().buyer == li.person


def test_it_may_be_repeated_with_the_same_note_alone(ma, li, noodles):
    ma("fetch")
    push(li, noodles, note="微辣")
    assert push(li, noodles, note="微辣") == {"pushSuccess": "success"}
    assert push(li, noodles, note="特辣") == {"pushSuccess": "fail", "failMsg": "Taken Error"}
    assert Order.objects.get().note == "微辣"


def test_it_tells_notes_apart_that_a_collation_would_not(ma, li, noodles):
    ma("fetch")
    push(li, noodles, note="a")
    assert push(li, noodles, note="A") == {"pushSuccess": "fail", "failMsg": "Taken Error"}


@pytest.fixture
def five(ma, li, noodles):
    """Li has numbers 1 to 5 of Ma's, numbers 6 and 7 are out."""
    for number in range(1, 8):
        ma("fetch")
        if number < 6:
            push(li, noodles, number)
    return noodles


def test_it_gives_a_person_five_live_orders(ma, li, wang, five):
    hu = Phone.of("hu", "seller")
    dumplings = make_seller("13800000002", person=hu.person)
    hu("fetch")
    assert push(li, five, 6) == push(li, dumplings) == TOO_MANY
    assert push(wang, five, 6) == SUCCESS
    assert Order.objects.live().filter(buyer=li.person).count() == 5


@pytest.mark.parametrize("number", [1, 3, 5])
def test_one_that_ends_makes_room_for_another(li, five, number):
    li("done", sellerId=five.pk, marchSn=number)
    assert [push(li, five, 6), push(li, five, 7)] == [SUCCESS, TOO_MANY]


def test_an_order_may_be_pushed_again_by_who_has_five(li, five):
    assert [push(li, five, number) for number in range(1, 6)] == [SUCCESS] * 5


def test_who_has_five_is_told_first_what_is_wrong_with_the_number(li, wang, five):
    push(wang, five, 6)
    assert push(li, five, 6) == push(li, five, 1, note="特辣") == {"pushSuccess": "fail", "failMsg": "Taken Error"}
    assert push(li, five, 50) == {"pushSuccess": "fail", "failMsg": "Invalid Sn Error"}


def test_an_order_counts_that_was_bound_before_they_were_counted(li, five):
    Order.objects.live().filter(buyer=li.person).update(slot=None)
    assert push(li, five, 6) == TOO_MANY
    li("done", sellerId=five.pk, marchSn=2)
    assert [push(li, five, 6), push(li, five, 7)] == [SUCCESS, TOO_MANY]


def test_the_setting_says_how_many(settings, li, five):
    settings.ORDERS_A_PERSON = 6
    assert [push(li, five, 6), push(li, five, 7)] == [SUCCESS, TOO_MANY]
    settings.ORDERS_A_PERSON = 3
    for number in (6, 1, 2):
        li("done", sellerId=five.pk, marchSn=number)
    assert push(li, five, 7) == TOO_MANY
    li("done", sellerId=five.pk, marchSn=4)
    assert push(li, five, 7) == SUCCESS


def test_it_takes_full_width_digits_from_the_taking_to_the_meal(ma, li, noodles):
    ma("fetch")
    order = {"sellerId": noodles.pk, "marchSn": "１"}
    assert li("push", noteContent="", **order) == SUCCESS
    assert ma("call", marchSn="１") == {"callSuccess": "success"}
    assert li("hungry", **order) == {"hungrySuccess": "success"}
    assert li("done", **order) == {"doneSuccess": "success"}
