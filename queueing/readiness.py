"""What `hungry` tells of an order that is not ready: how many are ahead of it, or how it ended a moment ago."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from callme_site.storage.statements import Select
from callme_site.wire.answers import Fail
from queueing.models import Order, OrderQuerySet
from queueing.parameters import BUYER, NUMBER, SELLER, SINCE

NEAR = 2  # orders ahead, up to which a phone may ask again after RETRY_AFTER_LEAST
MORE = 2  # so many ahead beyond these make it a second more
END_IS_TOLD = timedelta(minutes=10)
# The protocol's words; of any other ending it says "ended": somebody behind the counter did.
ENDINGS = {
    Order.Ending.COLLECTED.value: "collected",
    Order.Ending.CLEARED.value: "cleared",
    Order.Ending.STALE.value: "abandoned",
    Order.Ending.UNCOLLECTED.value: "uncollected",
}


class Closing(NamedTuple):
    """How the last of somebody's orders with one number ended, and until when that is told."""

    ending: str
    until: datetime


NOTHING_ENDED = Closing("", datetime.min.replace(tzinfo=UTC))


def waiting(seller: Any) -> OrderQuerySet:
    """Return the live orders of that seller (by id) that a student has bound and that are not called."""
    return Order.objects.live().filter(seller=seller, buyer__isnull=False, called_at=None)


def ahead(seller: Any, bound_at: Any, pk: Any) -> OrderQuerySet:
    """Return those of them that were bound before the order of that time and id."""
    return waiting(seller).filter(Q(bound_at__lt=bound_at) | Q(bound_at=bound_at, pk__lt=pk))


def own_closing(seller: Any, number: Any, buyer: Any, since: Any) -> QuerySet:
    """Return how and when the last of the buyer's orders with that number ended, if that was after then."""
    closed = Order.objects.filter(seller=seller, number=number, buyer=buyer, closed_at__gt=since)
    return closed.order_by("-closed_at", "-pk").values_list("ending", "closed_at")[:1]


OWN_CLOSING = Select(lambda: own_closing(SELLER, NUMBER, BUYER, SINCE))


def read_closing(seller: int, number: int, person: int) -> Closing:
    row = OWN_CLOSING.row(seller=seller, number=number, buyer=person, since=timezone.now() - END_IS_TOLD)
    return Closing(row[0], row[1] + END_IS_TOLD) if row else NOTHING_ENDED


def waits(ahead: int) -> Fail:
    """Return what a student is told whose own order waits behind so many."""
    if not settings.RETRY_AFTER_MOST:
        return Fail("Not Ready Yet", ahead=ahead)
    seconds = settings.RETRY_AFTER_LEAST + max(ahead - NEAR, 0) // MORE
    return Fail("Not Ready Yet", ahead=ahead, retryAfter=min(seconds, settings.RETRY_AFTER_MOST))


def closed(closing: Closing) -> Fail:
    """Return what somebody is told who has no order there, but perhaps had one a moment ago."""
    if closing is NOTHING_ENDED or timezone.now() >= closing.until:
        return Fail("Not Ready Yet")
    return Fail("Not Ready Yet", ended=ENDINGS.get(closing.ending, "ended"))
