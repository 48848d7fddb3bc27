"""Q07: a student enters the number and a note of the dish."""

from queueing.models import Order


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
    assert ma("note")["orderList"]["notedList"] == [{"marchSn": 1, "noteContent": note}]


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
