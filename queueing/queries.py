"""Q04–Q10 and clear: the life of a number as the two phones drive it."""

from typing import Any

from callme_site.protocol import Caller, Fail, Fields, MarchSn, Number, Text, Who, Yes, query
from queueing import polls
from queueing.models import NOTE_LENGTH, Order
from sellers.models import Seller


class MenuFields(Fields):
    sellerId = Number(fail="Illegal Seller Error")


class PushFields(Fields):
    sellerId = Number(fail="Invalid Sn Error")
    marchSn = MarchSn()
    noteContent = Text(fail="Invalid Note Error", max_length=NOTE_LENGTH, blank=True)


class HungryFields(Fields):
    sellerId = Number(fail="Not Ready Yet")
    marchSn = MarchSn(fail="Not Ready Yet")


class CallFields(Fields):
    marchSn = MarchSn()


class DoneFields(Fields):
    isseller = Yes()
    marchSn = MarchSn()
    sellerId = Number(fail="Invalid Sn Error")

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        if data.get("isseller") == "yes":
            del self.fields["sellerId"]


@query("menu", fields=MenuFields)
def menu(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q04: a stall's menu, and the order that the caller still has somewhere."""
    seller = Seller.objects.open().filter(pk=data["sellerId"]).first()
    if seller is None:
        raise Fail("Illegal Seller Error")
    success = {"menuContent": seller.menu, "sellerName": seller.name, "takenFlag": "fail"}
    if order := Order.objects.oldest_of(caller.person):
        success |= {
            "takenFlag": "success",
            "takenSellerId": order.seller_id,
            "takenSellerName": order.seller.name,
            "takenMarchSn": order.number,
            "takenMenuName": order.note,
        }
    return success


@query("fetch", who=Who.SELLER)
def fetch(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q05: take the lowest free number of the caller's pool."""
    return {"marchSn": Order.objects.take(caller.seller)}


@query("note", who=Who.SELLER)
def note(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q06: the caller's live orders, with and without a student's note."""
    orders = Order.objects.live().filter(seller=caller.seller).oldest_first().values_list("number", "buyer", "note")
    entries = [{"marchSn": number, "noteContent": None if buyer is None else note} for number, buyer, note in orders]
    lists = {
        "notedList": [entry for entry in entries if entry["noteContent"] is not None],
        "unnotedList": [entry for entry in entries if entry["noteContent"] is None],
    }
    # The README's name for it, and the name that the clients read.
    return {"sellerId": caller.seller.pk, "noteContent": lists, "orderList": lists}


@query("push", fields=PushFields)
def push(caller: Caller, data: dict[str, Any]) -> None:
    """Q07: bind a live number to the caller, with a note."""
    Order.objects.bind(data["sellerId"], data["marchSn"], caller.person, data["noteContent"])


@query("hungry", fields=HungryFields, shortcut=polls.shortcut)
def hungry(caller: Caller, data: dict[str, Any]) -> None:
    """Q08: is it ready? Polled, so every other state has one answer and tells nothing of other people's orders."""
    if not Order.objects.is_ready(data["sellerId"], data["marchSn"], caller.person):
        raise Fail("Not Ready Yet")


@query("call", who=Who.SELLER, fields=CallFields)
def call(caller: Caller, data: dict[str, Any]) -> None:
    """Q09: tell the student that the food is ready."""
    Order.objects.call(caller.seller, data["marchSn"])


@query("done", fields=DoneFields)
def done(caller: Caller, data: dict[str, Any]) -> None:
    """Q10: end an order, from the student's phone or the stall's."""
    if not data["isseller"]:
        Order.objects.collect(data["sellerId"], data["marchSn"], caller.person)
    elif caller.seller is None:
        raise Fail(Who.SELLER.value)
    else:
        Order.objects.end(caller.seller, data["marchSn"])


@query("clear", who=Who.SELLER)
def clear(caller: Caller, data: dict[str, Any]) -> None:
    """End all of the caller's live orders that no student has bound."""
    Order.objects.clear(caller.seller)
