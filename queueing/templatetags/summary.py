"""The summary on the admin's front page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from queueing import summary as figures

register = template.Library()

SLOT = 100 / 24  # percent of the chart's width that an hour has
# Pixels: above the tallest bar there is room for its number, upright on a phone; below the base for the hours.
BASE, TALLEST = 150, 108
WIDE = 1000  # orders in an hour: a number that is wider than its bar's place


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


def sellers_url(state: str) -> str:
    return f"{reverse('admin:sellers_seller_changelist')}?{urlencode({'state': state})}"


@register.inclusion_tag("admin/summary.html", takes_context=True)
def summary(context: template.Context) -> dict[str, Any]:
    """Show what the user may see of the figures."""
    user = context["request"].user
    shown: dict[str, Any] = {}
    if user.has_perm("sellers.view_seller"):
        shown["sellers"] = figures.seller_figures()
        shown["on_duty_url"] = sellers_url(state="on")
        shown["due_soon_url"] = sellers_url(state="due")
        shown["out_of_duty_url"] = sellers_url(state="out")
    if user.has_perm("queueing.view_order"):
        day = shown["day"] = figures.day_figures(timezone.localdate())
        shown |= {"bars": bars(day.hours), "p50": figures.in_words(day.p50), "p90": figures.in_words(day.p90)}
        shown["upright"] = max(day.hours) >= WIDE
    if user.has_perm("callme_site.view_jobrun"):
        shown["jobs"] = figures.job_figures()
    return shown
