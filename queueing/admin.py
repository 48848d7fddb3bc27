"""The orders as the staff see them: the live ones first, the history by day and seller."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callme_site.admin import ReadOnlyAdmin
from callme_site.days import FIRST, LAST, span
from queueing.models import Order
from sellers.models import Seller

SELLERS_FOUND_AT_MOST = 50


class StateFilter(admin.SimpleListFilter):
    """Live orders unless told otherwise."""

    title = _("state")
    parameter_name = "state"
    states = {
        None: Q(closed_at=None),
        "taken": Q(closed_at=None, bound_at=None, called_at=None),
        "bound": Q(closed_at=None, bound_at__isnull=False, called_at=None),
        "called": Q(closed_at=None, called_at__isnull=False),
        "over": Q(closed_at__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str | None, Any]]:
        live = [(None, _("live")), ("taken", _("taken")), ("bound", _("bound")), ("called", _("called"))]
        return [*live, ("over", _("ended"))]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(self.states.get(self.value(), self.states[None]))


class DayFilter(admin.SimpleListFilter):
    """The day on which the number was taken; an address may name any day (?day=2027-03-15)."""

    title = _("day")
    parameter_name = "day"

    def days(self) -> dict[str, tuple[date, date]]:
        today = timezone.localdate()
        return {
            "today": (today, today),
            "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
            "week": (today - timedelta(days=6), today),
        }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("today")), ("yesterday", _("yesterday")), ("week", _("the last 7 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        day = parse_day(self.value() or "")
        first, last = self.days().get(self.value(), (day, day))
        if first is None:
            return queryset
        begin, end = span(first, last)
        return queryset.filter(taken_at__gte=begin, taken_at__lt=end)


def parse_day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None


class SellerFilter(admin.SimpleListFilter):
    """One seller, whose page leads here; thousands of them would make no list to choose from."""

    title = _("seller")
    parameter_name = "seller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name, "")
        seller = Seller.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
        return [(str(seller.pk), str(seller))] if seller else []

    def has_output(self) -> bool:
        return bool(self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(seller=self.value()) if self.lookup_choices and self.value() else queryset


def briefly(moment: datetime | None) -> str | None:
    """Return the time in as few characters as a list has room for: of today, the day goes without saying."""
    if moment is None:
        return None
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "seller", "state", "waiting", "note", "taken", "called", "closed")
    list_select_related = ("seller",)
    list_filter = (StateFilter, DayFilter, SellerFilter)
    search_fields = ("seller__name",)  # what is typed finds sellers; see get_search_results
    search_help_text = _("A stall's name, telephone number or its last four digits.")
    fields = (
        "number", "seller", "state", "waiting", "note", "taken_at", "bound_at", "called_at", "closed_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("close",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        live = StateFilter.states.get(request.GET.get(StateFilter.parameter_name), StateFilter.states[None])
        return ("seller", "taken_at") if ("closed_at", None) in live.children else ("-taken_at",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find the sellers first: to join them to the history and then look for a name would read all of it."""
        if not search_term.strip():
            return queryset, False
        found = Seller.objects.search(search_term).order_by("pk")[:SELLERS_FOUND_AT_MOST]
        return queryset.filter(seller__in=list(found.values_list("pk", flat=True))), False

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("queueing.close_order")

    @admin.action(description=_("Close the chosen orders"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        chosen = list(queryset.live().select_related("seller"))
        closed = Order.objects.end_all([order.pk for order in chosen])
        LogEntry.objects.log_actions(request.user.pk, chosen, CHANGE, gettext("Closed by staff."))
        text = ngettext("%(count)d order closed.", "%(count)d orders closed.", closed) % {"count": closed}
        self.message_user(request, text, messages.SUCCESS)

    @admin.display(description=_("taken at"), ordering="taken_at")
    def taken(self, order: Order) -> str | None:
        return briefly(order.taken_at)

    @admin.display(description=_("called at"))
    def called(self, order: Order) -> str | None:
        return briefly(order.called_at)

    @admin.display(description=_("closed at"))
    def closed(self, order: Order) -> str | None:
        return briefly(order.closed_at)

    @admin.display(description=_("state"))
    def state(self, order: Order) -> str:
        return order.state

    @admin.display(description=_("waiting time"))
    def waiting(self, order: Order) -> str | None:
        return order.waiting and timesince(timezone.now() - order.waiting)
