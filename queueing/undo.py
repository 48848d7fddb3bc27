"""What a stall takes back within UNDO_SECONDS: its own last call of a number, or that it ended the order.

Whether a step can still be taken back is asked in the WHERE of the UPDATE that does it: what a student or another hand
has done meanwhile stays. How long ago a step was is told by the clock of today: while one that was set back by more
than UNDO_SECONDS has not caught up, what an order's times have kept of the time before counts as too late.
"""

import random
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, Q, Value, When
from django.utils import timezone

from accounts.models import Person
from callme_site.storage.retries import retried
from callme_site.storage.statements import Parameter, Select, Update
from callme_site.storage.versions import bindings_of, changing, orders_of
from queueing import claims, messages
from queueing.claims import CLAIM
from queueing.live import NOBODY
from queueing.models import BOUND_BY, NoSuchNumber, Order, OrderQuerySet, last_call, one_order
from queueing.parameters import BUYER, NOW, NUMBER, OPENID, ORDER, SELLER, SLOT
from queueing.states import Message
from sellers.models import Seller


class TooLate(Exception):
    """The stall's last step on that number is longer ago than UNDO_SECONDS."""


SINCE, UNTIL, CLOSED_AT = (Parameter(name, models.DateTimeField()) for name in ("since", "until", "closed_at"))


def called_lately() -> OrderQuerySet:
    return one_order().alias(step=last_call()).filter(step__range=(SINCE, UNTIL))


def before_last_call() -> dict[str, Any]:
    """Return what an order is set to whose last call is taken back: of a recall, the first call stays."""
    recalled, due = Q(last_called_at__gt=F("called_at")), Q(message=Message.DUE)
    first = Case(When(recalled, then=F("called_at")))
    # In this order: MariaDB reads in each what the ones before it have been set to.
    return {
        "message_at": Case(When(recalled, then=F("message_at")), When(due, then=None), default=F("message_at")),
        "message": Case(When(recalled, then=F("message")), When(due, then=Value(Message.WANTED)), default=F("message")),
        "called_at": first,
        "last_called_at": first,
    }


def closings() -> models.QuerySet:
    """Return how the number ended last: the order, its ending and its time, who had bound it, and its message."""
    closed = Order.objects.filter(seller=SELLER, number=NUMBER, closed_at__isnull=False)
    return closed.order_by("-closed_at", "-pk").values_list("pk", "ending", "closed_at", BOUND_BY, "message")[:1]


def ended_order() -> OrderQuerySet:
    """Return the order, if it is still closed as it was when it was looked up."""
    order = Order.objects.filter(pk=ORDER, seller=SELLER, closed_at=CLOSED_AT)
    return order.alias(bound_by=BOUND_BY).filter(bound_by=BUYER)


def alive_again() -> dict[str, Any]:
    """Return what an order is set to whose end is taken back. Its claim is gone: who is to bind it gets a new one."""
    asks = Exists(Seller.objects.filter(pk=SELLER, proof=True))
    claim = Case(When(asks, buyer=None, then=CLAIM), default=Value(claims.NONE))
    alive = {"live_number": F("number"), "slot": SLOT, "closed_at": None, "ending": ""}
    return {**alive, "claim": claim, "wrong_claims": 0}


def message_wanted_again() -> tuple[models.QuerySet, dict[str, Any]]:
    """Return the order that is alive again, and what its message is set to, which was dropped at its end."""
    called = Q(called_at__isnull=False)
    again = {
        "message_at": Case(When(called, then=NOW)),
        "message": Case(When(called, then=Value(Message.DUE)), default=Value(Message.WANTED)),
        "openid": OPENID,
    }
    return Order.objects.live().filter(pk=ORDER, message=Message.DROPPED), again


TAKE_BACK_CALL = Update(lambda: (called_lately(), before_last_call()))
LAST_CALL = Select(lambda: one_order().values_list(last_call()))
LAST_CLOSING = Select(closings)
TAKE_BACK_END = Update(lambda: (ended_order(), alive_again()))
WANT_MESSAGE_AGAIN = Update(message_wanted_again)


@retried
def take_back(seller: int, number: int) -> None:
    """Undo the stall's last step on the number: not ready again, or alive again; raises NoSuchNumber, TooLate.

    A number that was handed out again, by another hand a moment ago, is its new order's.
    """
    now, window = timezone.now(), timedelta(seconds=settings.UNDO_SECONDS)
    order = {"seller": seller, "number": number}
    with changing(orders_of(seller)):
        if TAKE_BACK_CALL.run(**order, since=now - window, until=now + window):
            return
    if live := LAST_CALL.row(**order):
        raise TooLate if live[0] else NoSuchNumber
    closing = LAST_CLOSING.row(**order)
    if closing is None or closing[1] != Order.Ending.ENDED:
        raise NoSuchNumber
    pk, _, closed_at, buyer, message = closing
    if abs(now - closed_at) > window:
        raise TooLate
    # The limit of orders a person hinders no undo: one more than that is in no slot.
    free = [] if buyer == NOBODY else Order.objects.free_slots(Person(pk=buyer))
    slot = random.choice(free) if free else None  # noqa: S311
    with changing(orders_of(seller), bindings_of(buyer)):
        known = {"order": pk, "seller": seller, "closed_at": closed_at, "buyer": buyer}
        if not TAKE_BACK_END.run(**known, slot=slot, claim=claims.new_claim()):
            raise NoSuchNumber
    if message == Message.DROPPED and (openid := messages.wanted(Person(pk=buyer))["openid"]):
        WANT_MESSAGE_AGAIN.run(order=pk, openid=openid, now=now)
