"""How long the line at a stall is, and how long students waited in it: lately, and today."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils import timezone

from callme_site.console.days import span
from callme_site.storage.caches import Cache
from callme_site.storage.moments import from_text
from callme_site.storage.statements import Parameter, Select
from callme_site.storage.versions import current, orders_of
from queueing.models import Order, OrderQuerySet
from queueing.parameters import SELLER, SINCE
from queueing.uncollected import is_uncollected, uncollected_at

SAMPLE, LEAST, LATELY = 20, 5, timedelta(minutes=45)  # called orders that tell of the wait; fewer tell nothing
MICROSECOND = timedelta(microseconds=1)
HOLD = timedelta(seconds=5)  # in seller_list: else an order would make the whole list anew
BATCH = 500  # sellers; of an IN of a thousand MariaDB makes a join, in which it reads the history of each

BEGIN, END = (Parameter(name, DateTimeField()) for name in ("begin", "end"))


class Line(NamedTuple):
    """The live orders of a stall that are not called yet, bound or not, and how long half of the latest waited.

    The wait, in whole seconds, is None where too few were called lately; `until`: when one of these is too long ago.
    """

    waiting: int
    wait: int | None = None
    until: datetime | None = None

    @property
    def told(self) -> dict[str, int]:
        """What phones are told of it."""
        return {"waiting": self.waiting} | ({} if self.wait is None else {"wait": self.wait})


def seconds(wait: int) -> int:
    """Return how many whole seconds a student waited, of microseconds; who bound a called number has not waited."""
    return max(wait // 1_000_000, 0)


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return what so many percent of the values do not exceed (nearest rank); None without any."""
    return sorted(values)[-(-len(values) * percent // 100) - 1] if values else None


def not_called(orders: OrderQuerySet) -> QuerySet:
    """Return the sellers that have live orders among these, each with how many of them are not called."""
    # With the condition in the WHERE, MariaDB reads all orders that were closed without a call.
    count = Count("pk", filter=Q(called_at=None))
    return orders.live().values_list("seller").annotate(waiting=count)


def called_since(orders: OrderQuerySet, since: Any) -> QuerySet:
    """Return of the bound orders among these that were called since then the seller, the wait and the time of the call.

    The one in microseconds, the other as a text: Python would convert both times at more cost than reading them has.
    """
    wait = ExpressionWrapper(F("called_at") - F("bound_at"), output_field=BigIntegerField())
    bound = orders.filter(called_at__gt=since, bound_at__isnull=False)
    return bound.values_list("seller", wait, Cast("called_at", CharField()))


def called_lately(orders: OrderQuerySet, since: Any) -> QuerySet:
    """Return of these the SAMPLE of each seller that were called last."""
    age = Window(RowNumber(), partition_by="seller", order_by=F("called_at").desc())
    return called_since(orders.annotate(age=age), since).filter(age__lte=SAMPLE)


def waiting_at(seller: Any) -> Coalesce:
    """Return how many of a seller's live orders are not called, in a statement about that seller."""
    return Coalesce(Subquery(not_called(Order.objects.filter(seller=seller)).values("waiting")), 0)


# Of one seller the index has them in that order, so that no more than these are read.
CALLED_LATELY = Select(lambda: called_since(Order.objects.filter(seller=SELLER), SINCE).order_by("-called_at")[:SAMPLE])

# By seller.
kept_lines: Cache[Line] = Cache(most=10_000)


def lines_of(sellers: Iterable[int]) -> dict[int, Line]:
    """Return the lines at these stalls (by id), from memory those that hold."""
    versions = {seller: current(orders_of(seller)) for seller in sellers}
    kept = {seller: kept_lines.get(seller, version) for seller, version in versions.items()}
    missing = [seller for seller, line in kept.items() if line is None]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        lines = read_lines(batch)
        for seller in batch:
            kept[seller] = lines[seller]
            kept_lines.set(seller, versions[seller], lines[seller], lines[seller].until)
    return {seller: line for seller, line in kept.items() if line}


def read_lines(sellers: Collection[int]) -> defaultdict[int, Line]:
    """Read the lines at these stalls (by id), BATCH at most, in two statements."""
    orders = Order.objects.filter(seller__in=sellers)
    return lines_from(not_called(orders), called_lately(orders, timezone.now() - LATELY))


class LinesRead(NamedTuple):
    """Lines by seller, when they were read (time.monotonic), and until when they may be told."""

    lines: dict[int, Line]
    at: float
    until: datetime


# What seller_list was told last.
lines_read: list[LinesRead] = []


def lines_lately(sellers: Sequence[int]) -> tuple[dict[int, Line], datetime]:
    """Return the lines at these stalls (by id), 5 seconds old at most, and until when they may be told.

    As old as that they may be by the protocol, wherever they are kept: MEMORY has no part in it.
    """
    known = lines_read[0] if lines_read else None
    if known is None or time.monotonic() - known.at >= HOLD.total_seconds() or not known.lines.keys() >= set(sellers):
        at, until = time.monotonic(), timezone.now() + HOLD
        known = LinesRead(lines_of(sellers), at, until)
        lines_read[:] = [known]
    return known.lines, known.until


def lines_from(counts: Iterable[tuple[int, int]], calls: Iterable[Sequence]) -> defaultdict[int, Line]:
    """Return the lines by seller, of the rows of `not_called` and `called_lately`."""
    waiting, samples = dict(counts), defaultdict(list)
    for call in calls:
        samples[call[0]].append(call)
    lines = {seller: line_from(waiting.get(seller, 0), samples[seller]) for seller in waiting.keys() | samples.keys()}
    return defaultdict(lambda: Line(0), lines)


def line_from(waiting: int, calls: Sequence[Sequence]) -> Line:
    """Return the line at a stall, of how many wait there and its rows of `called_lately`."""
    if len(calls) < LEAST:
        return Line(waiting)
    half = percentile([seconds(wait) for _, wait, _ in calls], 50)
    return Line(waiting, half, from_text(min(called_at for _, _, called_at in calls)) + LATELY)


class Today(NamedTuple):
    """A stall's orders that were taken today, by the local hour, and the seconds that half and nine in ten waited.

    `uncollected` ended as that, or count as that now. It all holds until `until`, if no order changes.
    """

    hours: list[int]
    p50: int | None
    p90: int | None
    uncollected: int
    until: datetime


TAKEN_BETWEEN = Select(
    lambda: Order.objects.filter(seller=SELLER, taken_at__gte=BEGIN, taken_at__lt=END).values_list(
        "taken_at", "bound_at", "called_at", "ending"
    )
)


def today_of(seller: int) -> Today:
    """Return the day of the stall (by id), reading no other day's orders."""
    now = timezone.now()
    begin, end = span(timezone.localdate(now), timezone.localdate(now))
    orders = TAKEN_BETWEEN.rows(seller=seller, begin=begin, end=end)
    hours, uncollected, until = [0] * 24, 0, end
    for taken_at, _bound_at, called_at, ending in orders:
        hours[timezone.localtime(taken_at).hour] += 1
        if ending:
            uncollected += ending == Order.Ending.UNCOLLECTED
        elif is_uncollected(called_at, now):
            uncollected += 1
        elif called_at:
            until = min(until, uncollected_at(called_at))
    both = [(bound_at, called_at) for _taken_at, bound_at, called_at, _ending in orders if bound_at and called_at]
    waits = [seconds((called_at - bound_at) // MICROSECOND) for bound_at, called_at in both]
    return Today(hours, percentile(waits, 50), percentile(waits, 90), uncollected, until)
