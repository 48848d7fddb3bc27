"""The orders as the staff see them: the live ones first, the history by day and seller, and how many a seller has."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.services import message_templates
from accounts.texts import HIDDEN
from callme_site.console.columns import Column
from callme_site.console.days import at_midnight, format_briefly
from callme_site.console.figures import Figure, RowFigures
from callme_site.console.filters import DayFilter
from callme_site.console.history import write_history
from callme_site.console.links import Link
from callme_site.console.lists import ReadOnlyAdmin
from callme_site.console.staff import staff_user
from callme_site.console.words import NOTHING, in_place_of
from callme_site.sentences import Sentence
from queueing.figures import TROUBLE, format_wait
from queueing.models import LIVE, Order, OrderQuerySet, has_live_number
from queueing.uncollected import is_uncollected, not_collected
from queueing.waiting import Line, read_lines, today_of
from sellers import exports
from sellers.admin import SellerAdmin, sellers_found
from sellers.filters import SellerFilter
from sellers.models import Seller

SELLERS_FOUND_AT_MOST = 50
SEE = "queueing.view_order"


class StateFilter(admin.SimpleListFilter):
    """Live orders unless told otherwise."""

    title = _("state")
    parameter_name = "state"

    ALL = "all"  # whatever their state

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        states = [(state, capfirst(word)) for state, word in Order.State.choices]
        return [*states, (self.ALL, capfirst(_("live and closed")))]

    def choices(self, changelist: Any) -> Any:
        for value, title in [(None, capfirst(_("live"))), *self.lookup_choices]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        state = self.value()
        if state == self.ALL:
            return queryset
        return queryset.filter(Order.State(state).condition if state in Order.State.values else LIVE)


class CollectionFilter(admin.SimpleListFilter):
    """The orders that nobody fetches, or fetched: those that count as uncollected, and those closed as that."""

    title = _("collection")
    parameter_name = "uncollected"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", capfirst(Order.Ending.UNCOLLECTED.label))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(not_collected(timezone.now())) if self.value() == "yes" else queryset


class MessageFilter(admin.SimpleListFilter):
    """The orders whose message is one of the few that somebody may want to look at."""

    title = _("message")
    parameter_name = "message"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(message.value, capfirst(message.label)) for message in TROUBLE] if message_templates() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(message=self.value()) if self.value() in TROUBLE else queryset


class TakenFilter(DayFilter):
    """The day on which the number was taken.

    Of a history, those not collected, and those whose message somebody may want to look at, are shown by days only, as
    no index has them newest first: the last seven unless told otherwise.
    """

    field = "taken_at"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        few = request.GET.get(CollectionFilter.parameter_name) == "yes" or (
            request.GET.get(MessageFilter.parameter_name) in TROUBLE
        )
        self.is_bounded = few and not shows_live(request)
        if self.is_bounded and self.days is None:
            self.used_parameters[self.parameter_name] = "week"

    def choices(self, changelist: Any) -> Iterator[Any]:
        return islice(super().choices(changelist), 1 if self.is_bounded else 0, None)


def shows_live(request: HttpRequest) -> bool:
    """Return whether the list is one of live orders."""
    return request.GET.get(StateFilter.parameter_name) not in (Order.State.CLOSED, StateFilter.ALL)


# The note as others than its student see it.
NOTE = in_place_of(Order, "note", lambda order: str(HIDDEN) if order.note_hidden else order.note)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "seller", "state", "waiting_time", NOTE, "taken", "called", "closed", "message")
    list_prefetch_related = ("seller",)
    list_filter = (StateFilter, CollectionFilter, MessageFilter, TakenFilter, SellerFilter)
    search_fields = ("seller__name",)  # what is typed finds sellers; see get_search_results
    search_help_text = _("A stall's name, telephone number or its last four digits.")
    fields = (
        "number", "seller", "state", "waiting_time", NOTE, "taken_at", "bound_at", "called_at", "closed_at",
        "message",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("close",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        return columns if message_templates() else [name for name in columns if name != "message"]

    def get_fields(self, request: HttpRequest, obj: Order | None = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if name != "message" or (obj and obj.message)]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("seller", "taken_at") if shows_live(request) else ("-taken_at",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        """Let the live orders, which are few, be sorted; the history comes newest first."""
        return self.list_display if shows_live(request) else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find the sellers first: to join them to the history and then look for a name would read all of it."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(seller__in=sellers_found(search_term, SELLERS_FOUND_AT_MOST)), False

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("queueing.close_order")

    @admin.action(description=_("Close the chosen orders"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: OrderQuerySet) -> None:
        chosen = list(queryset.live().select_related("seller"))
        closed = Order.objects.end_all([order.pk for order in chosen])
        what = Sentence("Closed by staff.")
        write_history(staff_user(request), chosen, what, named=lambda order: f"{order.seller} {order.number}")
        text = ngettext("%(count)d order closed.", "%(count)d orders closed.", closed) % {"count": closed}
        self.message_user(request, text, messages.SUCCESS)

    @admin.display(description=_("taken at"), ordering="taken_at")
    def taken(self, order: Order) -> str | None:
        return format_briefly(order.taken_at)

    @admin.display(description=_("called at"))
    def called(self, order: Order) -> str | None:
        return format_briefly(order.called_at)

    @admin.display(description=_("closed at"))
    def closed(self, order: Order) -> str | None:
        return format_briefly(order.closed_at)

    @admin.display(description=_("state"))
    def state(self, order: Order) -> str:
        if order.closed_at is None and is_uncollected(order.called_at, timezone.now()):
            return gettext("called, not collected")
        return order.state

    @admin.display(description=_("waiting time"))
    def waiting_time(self, order: Order) -> str:
        if order.waiting_time is None:
            return NOTHING
        if order.waiting_time < timedelta(minutes=1):
            return gettext("less than a minute")
        return timesince(timezone.now() - order.waiting_time)


def count_orders(sellers: Collection[int], which: Q) -> Counter[int]:
    """Return, by the ids of these sellers, for how many of their orders the condition holds.

    One statement for all: on MariaDB, a subquery for each seller would read all orders that it ever had.
    """
    orders = Order.objects.filter(which, seller__in=sellers)
    return Counter(dict(orders.order_by().values_list("seller").annotate(Count("pk"))))


def count_orders_today(sellers: Collection[int]) -> Counter[int]:
    return count_orders(sellers, Q(taken_at__gte=at_midnight(timezone.localdate())))


def count_uncollected_today(sellers: Collection[int]) -> Counter[int]:
    return count_orders(sellers, not_collected(timezone.now()) & Q(taken_at__gte=at_midnight(timezone.localdate())))


def count_numbers_out(sellers: Collection[int]) -> Counter[int]:
    return count_orders(sellers, has_live_number())


def live_url(seller: int) -> str:
    """Return the address of the list of a seller's live orders."""
    return f"{reverse('admin:queueing_order_changelist')}?{urlencode({'seller': seller})}"


def today_url(seller: int) -> str:
    """Return the address of the list of a seller's orders of today, live or closed."""
    return f"{live_url(seller)}&state=all&day=today"


def uncollected_today_url(seller: int) -> str:
    """Return the address of the list of a seller's orders of today that were not collected."""
    return f"{today_url(seller)}&uncollected=yes"


def lines(sellers: Collection[int]) -> dict[int, str]:
    """Return, by the ids of these sellers, how many orders wait to be called, and how long half of the last did."""
    found = read_lines(sellers)
    return {seller: format_line(found[seller]) for seller in sellers}


def format_line(line: Line) -> str:
    if line.wait is None:
        return str(line.waiting)
    wait = format_wait(timedelta(seconds=line.wait)).replace(" ", "\xa0")  # in a narrow column, a line of its own
    return f"{line.waiting} · {wait}"


def orders_taken(begin: datetime, end: datetime) -> Column:
    """Return, as a column of sellers, how many orders they took from `begin` until before `end`."""
    return Column(
        "orders", _("orders"), lambda sellers: count_orders(sellers, Q(taken_at__gte=begin, taken_at__lt=end))
    )


def orders_uncollected(begin: datetime, end: datetime) -> Column:
    """Return, as a column of sellers, how many of these orders were not collected."""
    taken = Q(taken_at__gte=begin, taken_at__lt=end)
    return Column(
        "uncollected",
        Order.Ending.UNCOLLECTED.label,
        lambda sellers: count_orders(sellers, taken & not_collected(timezone.now())),
    )


# Nobody sorts by them: that would take counting the orders of all sellers.
SellerAdmin.contribute(
    Column("orders_today", _("orders today"), count_orders_today, address=today_url, permission=SEE),
    Column(
        "uncollected_today",
        Order.Ending.UNCOLLECTED.label,
        count_uncollected_today,
        address=uncollected_today_url,
        permission=SEE,
    ),
    Column("numbers_out", _("numbers out"), count_numbers_out, address=live_url, permission=SEE),
    Column("line", _("waiting · wait"), lines, permission=SEE),
)


def todays_figures(seller: Seller) -> list[Figure]:
    """Return what the phones tell of a seller's line and day."""
    pk = seller.pk
    line, today = read_lines([pk])[pk], today_of(pk)
    figures = [Figure(line.waiting, gettext("waiting to be called"))]
    if line.wait is not None:
        wait = format_wait(timedelta(seconds=line.wait))
        figures.append(Figure(wait, gettext("half of the last students waited no longer")))
    return [
        *figures,
        Figure(count_numbers_out([pk])[pk], gettext("numbers out"), live_url(pk)),
        Figure(sum(today.hours), gettext("orders today"), today_url(pk)),
        Figure(today.uncollected, gettext("not collected today"), uncollected_today_url(pk)),
    ]


SellerAdmin.contribute_figures(RowFigures(SEE, todays_figures))


def board_url(seller: Seller) -> str:
    """Return the address of the seller's board, which a switched-off one has not."""
    return "" if seller.switched_off else reverse("board_of", args=[seller.pk])


SellerAdmin.contribute_links(
    Link(_("Orders today"), SEE, lambda seller: today_url(seller.pk)),
    Link(_("Calling board"), "sellers.view_seller", board_url),
)
exports.contributed += [orders_taken, orders_uncollected]
