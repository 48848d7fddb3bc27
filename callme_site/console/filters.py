"""Filters that the lists of several apps have."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from callme_site.console.days import FIRST, LAST, span


class ChoicesFilter(admin.ChoicesFieldListFilter):
    """The choices of a field, which begin with a capital as those of all filters do."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": capfirst(choice["display"])}


class DayFilter(admin.SimpleListFilter):
    """The rows of a day, or of the last seven; the page has a calendar, and an address names any (?day=2027-03-15)."""

    title = _("day")
    parameter_name = "day"
    template = "admin/day_filter.html"
    field: str  # the moment that counts
    others: list[tuple[str, str]]  # what else the list is asked for, for the form of the calendar

    def spans(self) -> dict[str, tuple[date, date]]:
        today = timezone.localdate()
        return {
            "today": (today, today),
            "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
            "week": (today - timedelta(days=6), today),
        }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = {"today": _("today"), "yesterday": _("yesterday"), "week": _("the last 7 days")}
        return [(days, capfirst(word)) for days, word in words.items()]

    def choices(self, changelist: Any) -> Iterator[Any]:
        self.others = parse_qsl(changelist.get_query_string(remove=[self.parameter_name, PAGE_VAR])[1:])
        return super().choices(changelist)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day that are shown, or None for all."""
        value = self.value() or ""
        day = parse_day(value)
        return (day, day) if day else self.spans().get(value)

    @property
    def day(self) -> date | None:
        """The one day that is shown."""
        return self.days[0] if self.days and self.days[0] == self.days[1] else None

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.days is None:
            return queryset
        begin, end = span(*self.days)
        return queryset.filter(**{f"{self.field}__gte": begin, f"{self.field}__lt": end})


def parse_day(text: str) -> date | None:
    """Return the day that the text names in ISO's form; None for any other text, and at the calendar's ends."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None
