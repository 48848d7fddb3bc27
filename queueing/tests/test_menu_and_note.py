"""Q04 and Q06: what the student sees of a stall, and the stall of its orders."""

import pytest

from callme_site.storage.versions import EVERYTHING, changing
from conftest import Phone, make_seller, noted


def test_it_shows_the_menu(li, noodles):
    assert li("menu", sellerId=noodles.pk) == {
        "menuSuccess": "success",
        "menuContent": ["牛肉面", "刀削面"],
        "sellerName": "拉面",
        "waiting": 0,
        "takenFlag": "fail",
        "taken": [],
    }


def test_it_shows_the_oldest_live_order_that_the_caller_has_anywhere(ma, li, wang, noodles):
    rice = make_seller("13800000002", name="煲仔饭", menu=[])
    ma("fetch")
    ma("fetch")
    wang("push", sellerId=noodles.pk, marchSn=1, noteContent="wang")
    li("push", sellerId=noodles.pk, marchSn=2, noteContent="牛肉面")
    assert li("menu", sellerId=rice.pk) == {
        "menuSuccess": "success",
        "menuContent": [],
        "sellerName": "煲仔饭",
        "takenFlag": "success",
        "takenSellerId": noodles.pk,
        "takenSellerName": "拉面",
        "takenMarchSn": 2,
        "takenMenuName": "牛肉面",
        "waiting": 0,
        "taken": [taken(noodles, 2, "牛肉面")],
    }
    li("done", sellerId=noodles.pk, marchSn=2)
    assert li("menu", sellerId=rice.pk)["takenFlag"] == "fail"


def taken(seller, number, note, *, called=False):
    order = {"sellerId": seller.pk, "sellerName": seller.name, "marchSn": number}
    return {**order, "menuName": note, "called": called}


def test_it_tells_all_live_orders_of_the_caller_oldest_first(ma, hu, li, wang, noodles):
    rice = make_seller("13800000002", name="煲仔饭", person=hu.person)
    for stall in (ma, ma, hu, ma):
        stall("fetch")
    li("push", sellerId=noodles.pk, marchSn=3, noteContent="")
    li("push", sellerId=rice.pk, marchSn=1, noteContent="腊肉")
    wang("push", sellerId=noodles.pk, marchSn=1, noteContent="wang")
    li("push", sellerId=noodles.pk, marchSn=2, noteContent="牛肉面")
    ma("call", marchSn=3)
    for stall in (noodles, rice):
        answer = li("menu", sellerId=stall.pk)
        beef, rest = taken(noodles, 2, "牛肉面"), [taken(rice, 1, "腊肉"), taken(noodles, 3, "", called=True)]
        assert (answer["taken"], answer["takenMarchSn"]) == ([beef, *rest], 2)
    ma("done", isseller="yes", marchSn=2)
    hu("call", marchSn=1)
    rest[0]["called"] = True
    assert li("menu", sellerId=noodles.pk)["taken"] == rest


def test_it_finds_the_order_again_after_the_session_ran_out(ma, li, noodles):
    ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=1, noteContent="牛肉面")
    with changing(EVERYTHING):
        li.person.sessions.all().delete()
    assert li("menu", sellerId=noodles.pk) == {"queryErr": "Session Time Out"}
    assert Phone.of("li")("menu", sellerId=noodles.pk)["takenMarchSn"] == 1


@pytest.mark.parametrize("months", [0, 1])
def test_it_hides_a_stall_without_months(li, months):
    stall = make_seller("13800000002", months=months)
    success = li("menu", sellerId=stall.pk) == {"menuSuccess": "fail", "failMsg": "Illegal Seller Error"}
    assert success is (months == 0)


def test_it_does_not_know_a_stall_that_is_not_there(li, noodles):
    assert li("menu", sellerId=noodles.pk + 1) == {"menuSuccess": "fail", "failMsg": "Illegal Seller Error"}


def test_it_lists_live_orders_oldest_first(settings, ma, li, noodles):
    settings.REST_MINUTES = 0
    for _ in range(4):
        ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=4, noteContent="牛肉面")
    li("push", sellerId=noodles.pk, marchSn=2, noteContent="")
    ma("done", isseller="yes", marchSn=1)
    ma("fetch")
    lists = {
        "notedList": [noted(noodles, 2, ""), noted(noodles, 4, "牛肉面")],
        "unnotedList": [noted(noodles, 3, None), noted(noodles, 1, None)],
    }
    answer = {"noteSuccess": "success", "sellerId": noodles.pk, "noteContent": lists, "orderList": lists}
    assert ma("note") == answer
    assert ma("note", marchSn="ignored") == answer


def test_it_lists_nothing_at_first(ma, noodles):
    lists = {"notedList": [], "unnotedList": []}
    assert ma("note") == {
        "noteSuccess": "success",
        "sellerId": noodles.pk,
        "noteContent": lists,
        "orderList": lists,
    }


def test_a_student_has_no_list(li):
    assert li("note") == {"noteSuccess": "fail", "failMsg": "Invalid Session Error"}
