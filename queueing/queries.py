"""Q03–Q10, clear and today: the life of a number as the two phones drive it, and the lines at the stalls."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef
from django.utils import timezone

from callme_site.storage.caches import Cache
from callme_site.storage.moments import from_text
from callme_site.storage.statements import Select, rows_together
from callme_site.storage.versions import bindings_of, current, orders_of
from callme_site.wire.answers import Fail
from callme_site.wire.fields import Fields, Flag, Number, Scalar, Text, half_width
from callme_site.wire.registry import Identity, Until, Who, query
from queueing import polls, readiness, taking
from queueing.calls import call_several
from queueing.claims import NONE
from queueing.models import (
    BOUND_BY,
    NOTE_LENGTH,
    NUMBERS,
    ORDERS_OF_BUYER,
    ORDERS_OF_SELLER,
    NoSuchNumber,
    NumberTaken,
    Order,
    TooManyOrders,
    is_ready_for,
)
from queueing.parameters import SELLER
from queueing.taking import NoNumberLeft
from queueing.uncollected import is_uncollected, uncollected_at
from queueing.undo import TooLate, take_back
from queueing.waiting import CALLED_LATELY, LATELY, line_from, lines_lately, today_of, waiting_at
from sellers.models import NoMonthsLeft, Paused, Seller
from sellers.queries import all_sellers, listed
from sellers.sessions import PersonCaller, SellerCaller
from sellers.texts import shown


class MarchSn(Number):
    """A number of a stall's pool; by default whatever is not one fails as `Invalid Sn Error`."""

    def __init__(self, *, fail: str = "Invalid Sn Error", **kwargs: Any) -> None:
        super().__init__(fail=fail, least=NUMBERS[0], most=NUMBERS[-1], **kwargs)


class Claim(Scalar):
    """The claim of a number, four digits; an empty one counts as not sent."""

    def to_python(self, value: Any) -> str:
        digits = half_width(super().to_python(value)).strip()
        if not re.fullmatch("([0-9]{4})?", digits):
            raise ValidationError("not a claim")
        return digits


class MenuFields(Fields):
    sellerId = Number(fail="Illegal Seller Error")


class PushFields(Fields):
    sellerId = Number(fail="Invalid Sn Error")
    marchSn = MarchSn()
    noteContent = Text(fail="Invalid Note Error", max_length=NOTE_LENGTH, blank=True)
    claim = Claim(fail="Invalid Sn Error", required=False)
    subscribe = Flag()


class HungryFields(Fields):
    sellerId = Number(fail="Not Ready Yet")
    marchSn = MarchSn(fail="Not Ready Yet")


class MarchSns(MarchSn):
    """A number of the pool, or several: an array, or a text with commas between them, of as many as there are at most.

    Several come as a tuple in the order in which they were sent, each once.
    """

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            if "," not in (text := half_width(value)):
                return super().to_python(value)
            value = text.split(",")
        if not isinstance(value, list) or len(value) > len(NUMBERS):
            raise ValidationError("not several numbers")
        numbers = tuple(dict.fromkeys(map(super().to_python, value)))
        if None in numbers:
            raise ValidationError("an empty one among them")
        return numbers


class CallFields(Fields):
    marchSn = MarchSns()


class UndoFields(Fields):
    marchSn = MarchSn()


class ClaimFields(Fields):
    marchSn = MarchSn()


class DoneFields(Fields):
    isseller = Flag()
    marchSn = MarchSn()
    sellerId = Number(fail="Invalid Sn Error")

    @classmethod
    def wanted(cls, body: Mapping[str, Any]) -> dict[str, Scalar | Flag]:
        stall = body.get("isseller") == "yes"
        return {name: field for name, field in cls.declared.items() if not (stall and name == "sellerId")}


# Where each person had live orders when they were looked up last. What has ended since is in it; what was bound is not.
stalls_of_buyers: Cache[frozenset[int]] = Cache(most=10_000)


def own_orders(session: Identity, values: Mapping[str, Any]) -> tuple[int, tuple[int, ...]] | None:
    """What depends on the live orders of whoever asks: those that were bound, and that each has not ended."""
    bindings = bindings_of(session.person_id)
    stalls = stalls_of_buyers.get(session.person_id, current(bindings))
    return None if stalls is None else (session.person_id, (bindings, *map(orders_of, sorted(stalls))))


def stalls_orders(session: Identity, values: Mapping[str, Any]) -> tuple[int, tuple[int, ...]]:
    """What depends on the live orders of the stall that asks."""
    seller = session.seller_id or 0
    return seller, (orders_of(seller),)


def orders_there(session: Identity, values: Mapping[str, Any]) -> tuple[None, tuple[int, ...]]:
    """What depends on the orders of the stall that is asked about."""
    return None, (orders_of(values["sellerId"]),)


@query("seller_list", kept=[all_sellers])
def seller_list(caller: PersonCaller, data: dict[str, Any]) -> Until:
    """Q03: the listed stalls, keyed "1", "2" … in order of id."""
    entries, pause_over = listed()
    if not entries:
        raise Fail("Null List Error")
    lines, until = lines_lately([entry["id"] for entry in entries])
    places = {str(place): entry | lines[entry["id"]].told for place, entry in enumerate(entries, start=1)}
    return Until({"count": len(places), "list": places}, min(until, pause_over or until))


ON_MENU = Select(
    lambda: (
        Seller.objects.open().filter(pk=SELLER).values_list(shown("name"), shown("menu"), waiting_at(OuterRef("pk")))
    )
)


@query("menu", fields=MenuFields, kept=[all_sellers, own_orders, orders_there])
def menu(caller: PersonCaller, data: dict[str, Any]) -> dict[str, Any] | Until:
    """Q04: a stall's menu and the line there, and the orders that the caller still has anywhere."""
    seller, buyer = data["sellerId"], caller.person.pk
    version, since = current(bindings_of(buyer)), timezone.now() - LATELY
    stall, calls, orders = rows_together(
        (ON_MENU, {"seller": seller}),
        (CALLED_LATELY, {"seller": seller, "since": since}),
        (ORDERS_OF_BUYER, {"buyer": buyer}),
    )
    if not stall:
        raise Fail("Illegal Seller Error")
    ((name, dishes, waiting),) = stall
    line = line_from(waiting, calls)
    stalls_of_buyers.set(buyer, version, frozenset(seller for seller, *_ in orders))
    success = {"menuContent": dishes, "sellerName": name, **line.told, "takenFlag": "fail"}
    if orders:
        told = ("takenSellerId", "takenSellerName", "takenMarchSn", "takenMenuName")
        success |= {"takenFlag": "success", **dict(zip(told, orders[0], strict=False))}
    success["taken"] = [
        {"sellerId": seller, "sellerName": name, "marchSn": number, "menuName": note, "called": bool(called)}
        for seller, name, number, note, called in orders
    ]
    return Until(success, line.until) if line.until else success


@query(
    "fetch",
    who=Who.SELLER,
    fails={NoMonthsLeft: "Due Date Error", Paused: "Paused Error", NoNumberLeft: "No Sn Valid"},
)
def fetch(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Q05: take the lowest number of the caller's pool that is free and has rested."""
    taken = taking.take(caller.seller)
    return {"marchSn": taken.number, **({"claim": taken.claim} if taken.claim else {})}


@query("claim", who=Who.SELLER, fields=ClaimFields, fails={NoSuchNumber: "Invalid Sn Error"})
def claim(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Show the claim of a live number once more, and let its student try again."""
    return {"claim": Order.objects.show_claim(caller.seller, data["marchSn"])}


@query("note", who=Who.SELLER, kept=[stalls_orders])
def note(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any] | Until:
    """Q06: the caller's live orders, with and without a student's note."""
    now, become = timezone.now(), []
    lists: dict[str, list[dict[str, Any]]] = {"notedList": [], "unnotedList": []}
    for number, buyer, note, taken_at, called in ORDERS_OF_SELLER.rows(seller=caller.seller.pk):
        called_at = called and from_text(called)
        uncollected = is_uncollected(called_at, now)
        entry = {
            "marchSn": number,
            "noteContent": None if buyer is None else note,
            "called": called_at is not None,
            "takenAt": taken_at,
            "calledAt": called_at and int(called_at.timestamp()),
            "uncollected": uncollected,
        }
        lists["unnotedList" if buyer is None else "notedList"].append(entry)
        if called_at and not uncollected:
            become.append(uncollected_at(called_at))
    # The original documents' name for it, and the name that the clients read.
    success = {"sellerId": caller.seller.pk, "noteContent": lists, "orderList": lists}
    return Until(success, min(become)) if become else success


@query(
    "push",
    fields=PushFields,
    fails={NoSuchNumber: "Invalid Sn Error", NumberTaken: "Taken Error", TooManyOrders: "Too Many Error"},
)
def push(caller: PersonCaller, data: dict[str, Any]) -> None:
    """Q07: bind a live number to the caller, with a note; `subscribe`: a message tells the caller of the call."""
    order = data["sellerId"], data["marchSn"]
    claim, subscribe = data["claim"] or NONE, data["subscribe"]
    Order.objects.bind(*order, caller.person, data["noteContent"], claim, subscribe=subscribe)


@query("hungry", fields=HungryFields, shortcut=polls.shortcut)
def hungry(caller: PersonCaller, data: dict[str, Any]) -> None:
    """Q08: is it ready? Polled; of an order that is not the caller's own, every other state has one answer."""
    person, seller, number = caller.person.pk, data["sellerId"], data["marchSn"]
    called = Order.objects.called(seller).filter(live_number=number)
    if is_ready_for(person, called.values_list(BOUND_BY, flat=True).first()):
        return
    own = readiness.waiting(seller).filter(live_number=number, buyer=person).first()
    if own is None:
        raise readiness.closed(readiness.read_closing(seller, number, person))
    raise readiness.waits(readiness.ahead(seller, own.bound_at, own.pk).count())


@query("call", who=Who.SELLER, fields=CallFields, fails={NoSuchNumber: "Invalid Sn Error"})
def call(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any] | None:
    """Q09: tell the student, or several, that the food is ready."""
    numbers = data["marchSn"]
    if isinstance(numbers, int):
        Order.objects.call(caller.seller, numbers)
        return None
    called = call_several(caller.seller.pk, numbers)
    lists = {
        "called": [number for number in numbers if number in called],
        "failed": [number for number in numbers if number not in called],
    }
    if not called:
        raise Fail("Invalid Sn Error", **lists)
    return lists


@query("done", fields=DoneFields, fails={NoSuchNumber: "Invalid Sn Error"})
def done(caller: PersonCaller, data: dict[str, Any]) -> None:
    """Q10: end an order, from the student's phone or the stall's."""
    if not data["isseller"]:
        Order.objects.collect(data["sellerId"], data["marchSn"], caller.person)
    elif caller.seller is None:
        raise Fail(Who.SELLER.value)
    else:
        Order.objects.end(caller.seller, data["marchSn"])


@query(
    "undo",
    who=Who.SELLER,
    fields=UndoFields,
    fails={NoSuchNumber: "Invalid Sn Error", TooLate: "Too Late Error"},
)
def undo(caller: SellerCaller, data: dict[str, Any]) -> None:
    """Take back the stall's own last step on a number."""
    take_back(caller.seller.pk, data["marchSn"])


@query("clear", who=Who.SELLER)
def clear(caller: SellerCaller, data: dict[str, Any]) -> None:
    """End all of the caller's live orders that no student has bound."""
    Order.objects.clear(caller.seller)


@query("today", who=Who.SELLER, kept=[stalls_orders])
def today(caller: SellerCaller, data: dict[str, Any]) -> Until:
    """The caller's orders of today: how many by the hour, how long students waited, and what nobody fetched."""
    day = today_of(caller.seller.pk)
    told = {"hours": day.hours, "p50": day.p50, "p90": day.p90, "uncollected": day.uncollected}
    return Until({"orders": sum(day.hours), **told}, day.until)
