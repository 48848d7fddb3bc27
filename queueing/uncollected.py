"""Food that nobody fetches: when a live order counts as not collected, and how such orders are closed.

Both count from the first call. A recall does not start anew: else a number that is called every ten minutes to nobody
would stay out until midnight.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from callme_site.storage.retries import retried
from callme_site.storage.statements import Parameter, Select, Update
from callme_site.storage.versions import changing, orders_of
from queueing.models import LIVE, Order
from queueing.parameters import NOW, SELLER
from queueing.steps import closed

CALLED_BY = Parameter("called_by", models.DateTimeField())


def uncollected_since(now: datetime) -> datetime:
    """Return when an order was called at the latest that is uncollected now."""
    return now - timedelta(minutes=settings.UNCOLLECTED_MINUTES)


def uncollected(called_by: Any) -> Q:
    """Return what holds of the uncollected among live orders; called_by: `uncollected_since`, or a Parameter for it.

    With an earlier moment, it holds of those that have been there for longer.
    """
    return Q(called_at__lte=called_by)


def not_collected(now: datetime) -> Q:
    """Return what holds of the orders that count as uncollected now, and of those that were closed as that."""
    return Q(ending=Order.Ending.UNCOLLECTED) | (LIVE & uncollected(uncollected_since(now)))


def is_uncollected(called_at: datetime | None, now: datetime) -> bool:
    """Return whether a live order that was called then is uncollected."""
    return called_at is not None and called_at <= uncollected_since(now)


def uncollected_at(called_at: datetime) -> datetime:
    """Return the moment from which a live order that was called then is uncollected."""
    return called_at + timedelta(minutes=settings.UNCOLLECTED_MINUTES)


# By (closed_at, taken_at), as nothing is called before it is taken; by (seller, live_number) the one stall's.
STALLS_TO_CLOSE_AT = Select(
    lambda: (
        Order.objects.filter(LIVE & uncollected(CALLED_BY), taken_at__lte=CALLED_BY).values_list("seller").distinct()
    )
)
CLOSE_UNCOLLECTED = Update(
    lambda: (
        Order.objects.live().filter(uncollected(CALLED_BY), seller=SELLER),
        closed(NOW, Order.Ending.UNCOLLECTED),
    )
)


def close_uncollected() -> int:
    """End the orders that were called UNCOLLECTED_CLOSE_MINUTES ago or longer, stall by stall; return how many."""
    called_by = timezone.now() - timedelta(minutes=settings.UNCOLLECTED_CLOSE_MINUTES)
    return sum(close_at(seller, called_by) for (seller,) in STALLS_TO_CLOSE_AT.rows(called_by=called_by))


@retried
def close_at(seller: int, called_by: datetime) -> int:
    """End the seller's live orders that were called by then; return how many."""
    with changing(orders_of(seller)):
        return CLOSE_UNCOLLECTED.run(seller=seller, called_by=called_by, now=timezone.now())
