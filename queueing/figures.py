"""A day's orders by the hour, and how long students waited, for the console's front page."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.services import message_templates
from callme_site.console.days import at_midnight
from callme_site.console.figures import Figure
from callme_site.console.front_page import front_page_part
from callme_site.console.words import NOTHING
from queueing.models import Order
from queueing.states import Message
from queueing.stops import Stop
from queueing.uncollected import not_collected

SLOT = 100 / 24  # percent of the chart's width that an hour has
# Pixels: above the tallest bar there is room for its number, upright on a phone; below the base for the hours.
BASE, TALLEST = 150, 108
TROUBLE = (Message.FAILED, Message.UNCERTAIN)  # messages that somebody may want to look at
WIDE = 1000  # orders in an hour: a number that is wider than its bar's place


@dataclass(frozen=True)
class DayFigures:
    """A day's orders by the hour in which the number was taken, and how long half and nine in ten of them waited.

    `uncollected` ended as that, or count as that now.
    """

    hours: list[int]
    uncollected: int
    p50: timedelta | None
    p90: timedelta | None

    @property
    def orders(self) -> int:
        return sum(self.hours)


def day_figures(day: date) -> DayFigures:
    """Count the orders of a day, reading no other day's, in two statements."""
    # The edges are ours: MariaDB knows no time zone by name until somebody loads its tables.
    edges = [timezone.make_aware(datetime.combine(day, time(hour))) for hour in range(24)]
    edges.append(at_midnight(day + timedelta(days=1)))
    taken = Order.objects.filter(taken_at__gte=edges[0], taken_at__lt=edges[-1])
    waited = Q(bound_at__isnull=False, called_at__isnull=False)
    counts = taken.aggregate(
        waited=Count("pk", filter=waited),
        uncollected=Count("pk", filter=not_collected(timezone.now())),
        **{
            f"hour{hour}": Count("pk", filter=Q(taken_at__gte=begin, taken_at__lt=end))
            for hour, (begin, end) in enumerate(pairwise(edges))
        },
    )
    p50, p90 = percentiles(taken.filter(waited), counts["waited"], 50, 90)
    return DayFigures([counts[f"hour{hour}"] for hour in range(24)], counts["uncollected"], p50, p90)


def percentiles(orders: QuerySet[Order], count: int, *percents: int) -> list[timedelta | None]:
    """Return the waiting time that so many percent of the orders, `count` in all, did not exceed (nearest rank)."""
    if not count:
        return [None] * len(percents)
    ranks = [-(-count * percent // 100) for percent in percents]
    ranked = orders.annotate(wait=F("called_at") - F("bound_at"), place=Window(RowNumber(), order_by="wait"))
    waits = dict(ranked.filter(place__in=ranks).values_list("place", "wait"))
    # Who bound a number that was called already has not waited.
    return [max(waits[rank], timedelta(0)) for rank in ranks]


def format_wait(wait: timedelta | None) -> str:
    """Return a waiting time in minutes and seconds, a long one in hours and minutes."""
    if wait is None:
        return NOTHING
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    if minutes >= 60:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    if not minutes:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}


@dataclass(frozen=True)
class Bar:
    """An hour's bar in the chart: across in percent, so that it fits any screen, and up in pixels, as text is."""

    hour: int
    orders: int
    height: int

    @property
    def x(self) -> str:
        return f"{(self.hour + 0.15) * SLOT:.3f}%"

    @property
    def width(self) -> str:
        return f"{0.7 * SLOT:.3f}%"

    @property
    def middle(self) -> str:
        return f"{(self.hour + 0.5) * SLOT:.3f}%"

    @property
    def y(self) -> int:
        return BASE - self.height

    @property
    def when(self) -> str:
        return f"{self.hour:02}:00–{self.hour + 1:02}:00"


def bars(hours: list[int]) -> list[Bar]:
    """Return the bars of a day's hours, the tallest for the busiest."""
    busiest = max(*hours, 1)
    return [Bar(hour, orders, -(-orders * TALLEST // busiest)) for hour, orders in enumerate(hours)]


@front_page_part("admin/front_page/orders.html", permission="queueing.view_order", place=3)
def orders_part(request: HttpRequest) -> dict[str, Any]:
    """Return today's figures and their chart."""
    day = day_figures(timezone.localdate())
    today = f"{reverse('admin:queueing_order_changelist')}?state=all&day=today"
    return {
        "day": day,
        "bars": bars(day.hours),
        "p50": format_wait(day.p50),
        "p90": format_wait(day.p90),
        "url": today,
        "uncollected_url": f"{today}&uncollected=yes",
        "upright": max(day.hours) >= WIDE,
    }


@front_page_part("admin/front_page/messages.html", permission="queueing.view_order", place=0)
def messages_part(request: HttpRequest) -> dict[str, Any]:
    """Return what stops the messages, and how many of today's orders have one that went wrong; usually nothing."""
    if not message_templates():
        return {}
    wrong = Order.objects.filter(message__in=TROUBLE, taken_at__gte=at_midnight(timezone.localdate()))
    counts = dict(wrong.order_by().values_list("message").annotate(Count("pk")))
    orders = f"{reverse('admin:queueing_order_changelist')}?state=all&day=today"
    figures = [
        Figure(counts[message], str(message.label), f"{orders}&message={message.value}")
        for message in TROUBLE
        if message in counts
    ]
    return {"stop": Stop.objects.present(), "figures": figures}
