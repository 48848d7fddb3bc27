"""The outbox: messages that are due, each claimed by one process, sent to WeChat, and recorded by how that ended.

The state of a message is its order's. `call` makes it due; a claim makes it be sent, which one UPDATE decides; what was
claimed and never recorded was perhaps sent, and is not sent again.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, models, transaction
from django.db.models import Case, Exists, OuterRef, Value, When
from django.utils import timezone

from accounts import openids, services, wechat
from callme_site.storage.pool import pool
from callme_site.storage.retries import AWAY, is_conflict, retried
from callme_site.storage.statements import Parameter, Select, Update
from queueing import messages
from queueing.models import Order, OrderQuerySet
from queueing.parameters import BUYER, MESSAGE, NOW, ORDER, SINCE
from queueing.states import Message
from queueing.stops import Stop

logger = logging.getLogger(__name__)

AT_ONCE = 64  # that are read in one look
LONGEST = timedelta(seconds=60)  # that a sending lasts: a token and two requests may take 30
LONGEST_DELAY = 600  # seconds
PATIENCE = 40.0  # seconds for which a database that is away is asked again to record what was sent
PAUSE = 1.0  # second

NOT_SENT, UNREADABLE = -1, 1  # beside WeChat's errcodes: as its "busy"; and a key that is gone, for which it has none
# WeChat's document of the message.
SENT, NOT_ALLOWED, FORBIDDEN_WORD = 0, 43101, 45168
# Busy; two at once to one person; too many today, or this minute. No token was taken even when it was new.
LATER = {-1, 43108, 45009, 45011} | services.TOKEN_ERRORS
# The openid, the template, the page, a ban, a field: what our settings have wrong is wrong for each message.
STOPPING = {40003, 40037, 41030, 43107, 47003}

CLAIMED_AT, NEXT = (Parameter(name, models.DateTimeField()) for name in ("claimed_at", "next"))
TRIES = Parameter("tries", models.IntegerField())


class Claimed(NamedTuple):
    """A message that this process, and no other, is to send: `openid` encrypted, `tries` how often it was in vain."""

    order: int
    claimed_at: datetime
    openid: str
    tries: int
    call: messages.Call


def due() -> models.QuerySet:
    """Return the messages to be sent now, the longest due first, but for people to whom one is being sent."""
    under_way = Order.objects.filter(message_to=OuterRef("buyer"))
    orders = Order.objects.filter(~Exists(under_way), message=Message.DUE, message_at__lte=NOW, buyer__isnull=False)
    call = ("seller", "seller__name", "number", "note", "called_at")
    return orders.order_by("message_at", "pk").values_list("pk", "buyer", "openid", "message_tries", *call)[:AT_ONCE]


def being_sent() -> OrderQuerySet:
    """Return the message, if it is still being sent by who claimed it then."""
    return Order.objects.filter(pk=ORDER, message=Message.SENDING, message_at=CLAIMED_AT)


def tried_again() -> dict[str, Any]:
    """Return what an order is set to whose message could not be sent: it may have ended, or not be called any more."""
    return {
        "message": Case(
            When(closed_at__isnull=False, then=Value(Message.DROPPED)),
            When(called_at=None, then=Value(Message.WANTED)),
            default=Value(Message.DUE),
        ),
        "message_at": NEXT,
        "message_tries": TRIES,
        "message_to": None,
    }


DUE = Select(due)
CLAIM = Update(
    lambda: (
        Order.objects.filter(pk=ORDER, message=Message.DUE, message_at__lte=NOW),
        {"message": Message.SENDING, "message_at": NOW, "message_to": BUYER},
    )
)
END = Update(lambda: (being_sent(), {"message": MESSAGE, "message_at": NOW, "message_to": None, "openid": ""}))
TRY_AGAIN = Update(lambda: (being_sent(), tried_again()))
# All that had been in vain, when WeChat answers again.
TRY_NOW = Update(
    lambda: (
        Order.objects.filter(message=Message.DUE, message_at__gt=NOW, message_tries__gt=0),
        {"message_at": NOW},
    )
)
LEFT = Select(
    lambda: Order.objects.filter(message=Message.SENDING, message_at__lte=SINCE).values_list("pk", "message_at")
)


class Answering:
    """Whether WeChat took the last message that this process sent."""

    now = True


def claim_due(limit: int) -> list[Callable[[], None]]:
    """Claim at most so many of the messages that are due; return what sends each of them, and never raises for it.

    Raises what the database does while it is away.
    """
    give_up()
    if not services.message_templates():
        return []
    now = timezone.now()
    rows = DUE.rows(now=now)[:limit]
    if not rows or Stop.objects.present():
        return []
    jobs: list[Callable[[], None]] = []
    for order, buyer, openid, tries, *call in rows:
        if claim(order, buyer, now):
            jobs.append(partial(deliver, Claimed(order, now, openid, tries, messages.Call(*call))))
    return jobs


def claim(order: int, buyer: int, now: datetime) -> bool:
    """Return whether this process is the one that sends it; not while another message is being sent to the buyer."""
    try:
        with transaction.atomic():
            return CLAIM.run(order=order, buyer=buyer, now=now) > 0
    except DatabaseError as error:
        if not is_conflict(error):
            raise
        return False


def give_up() -> None:
    """Call uncertain what has been being sent for too long: its process was killed, or has lost the database."""
    now = timezone.now()
    for order, claimed_at in LEFT.rows(since=now - LONGEST):
        if END.run(order=order, claimed_at=claimed_at, now=now, message=Message.UNCERTAIN):
            logger.warning("message_uncertain order=%s", order)


def deliver(claimed: Claimed) -> None:
    """Send a message and record how that ended."""
    errcode = send(claimed)
    known = {"order": claimed.order, "claimed_at": claimed.claimed_at}
    if errcode in STOPPING:
        recorded(Stop.objects.begin, errcode)
        recorded(TRY_AGAIN.run, **known, next=timezone.now(), tries=claimed.tries)
    elif errcode in LATER:
        Answering.now = False
        delay = timedelta(seconds=min(2**claimed.tries, LONGEST_DELAY))
        recorded(TRY_AGAIN.run, **known, next=timezone.now() + delay, tries=min(claimed.tries + 1, 100))
    else:
        recorded(END.run, **known, now=timezone.now(), message=ending(errcode))
        if errcode is not None and (claimed.tries or not Answering.now):
            Answering.now = True
            recorded(TRY_NOW.run, now=timezone.now())


def send(claimed: Claimed) -> int | None:
    """Send a message, once more without its note if WeChat forbids a word in it; return the errcode.

    NOT_SENT where it has not reached WeChat, UNREADABLE without an openid to send it to, None where nobody knows.
    """
    openid = openids.decrypted(claimed.openid)
    if openid is None:
        return UNREADABLE
    try:
        errcode = services.send_message(messages.app(), messages.body(claimed.call, openid))
        if errcode == FORBIDDEN_WORD and claimed.call.note:
            call = claimed.call._replace(note="")
            errcode = services.send_message(messages.app(), messages.body(call, openid))
    except (wechat.NotSent, DatabaseError):  # a token that cannot be read is none to send with
        return NOT_SENT
    except wechat.Unavailable:
        return None
    return errcode


def ending(errcode: int | None) -> Message:
    """Return how a message has ended that is not to be sent again, by WeChat's errcode."""
    if errcode is None:
        return Message.UNCERTAIN
    if errcode == SENT:
        return Message.SENT
    if errcode == NOT_ALLOWED:
        return Message.REFUSED
    logger.warning("message_failed errcode=%s", errcode)
    return Message.FAILED


def recorded(statement: Callable[..., Any], *args: Any, **values: Any) -> None:
    """Write down how a message ended, also where the database is away for a while."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            retried(statement)(*args, **values)
            return
        except AWAY:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
        pool.give_back()
        connection.close_if_unusable_or_obsolete()
        time.sleep(PAUSE)
