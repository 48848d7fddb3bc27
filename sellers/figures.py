"""How many sellers there are of each kind, and what was sold today, for the console's front page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from callme_site.console.days import span
from callme_site.console.figures import Figure
from callme_site.console.front_page import front_page_part
from callme_site.console.staff import staff_user
from sellers.models import Seller
from sellers.records import BalanceEntry, BalanceEntryQuerySet

SALES_AT_MOST = 10  # of a clerk's own that the front page shows one by one


@dataclass(frozen=True)
class SellerFigures:
    """How many sellers there are: the first is the sum of all that follow, but for the two kinds of listed ones."""

    all: int
    listed: int
    due_soon: int
    paused: int
    not_signed_up: int
    out_of_months: int
    switched_off: int


def seller_figures() -> SellerFigures:
    """Count the sellers, each number by the rule of the list that it leads to."""
    sellers = Seller.objects
    kinds = {
        "listed": sellers.listed(),
        "due_soon": sellers.due_soon(),
        "paused": sellers.paused(),
        "not_signed_up": sellers.not_signed_up(),
        "out_of_months": sellers.out_of_months(),
        "switched_off": sellers.switched_off(),
    }
    counts = {name: Count("pk", filter=Q(pk__in=kind)) for name, kind in kinds.items()}
    return SellerFigures(**sellers.aggregate(all=Count("pk"), **counts))


@front_page_part("admin/front_page/sellers.html", permission="sellers.view_seller", place=1)
def sellers_part(request: HttpRequest) -> dict[str, Any]:
    """Return the figures."""
    url, counted = reverse("admin:sellers_seller_changelist"), seller_figures()
    figures = [Figure(counted.all, gettext("sellers in all"), url)]
    for count, words, state in (
        (counted.listed, gettext("listed"), "listed"),
        (counted.due_soon, gettext("of them due within 7 days"), "due"),
        (counted.paused, gettext("of them paused"), "paused"),
        (counted.not_signed_up, gettext("not signed up yet"), "unbound"),
        (counted.out_of_months, gettext("out of months"), "out"),
        (counted.switched_off, gettext("switched off"), "off"),
    ):
        figures.append(Figure(count, words, f"{url}?{urlencode({'state': state})}"))
    return {"figures": figures}


@dataclass(frozen=True)
class ClerkFigures:
    """What a staff user, or all of them together, sold and corrected today."""

    name: str
    is_reader: bool
    sales: int
    months: int
    corrections: int
    url: str


def clerk_figures(entries: BalanceEntryQuerySet, reader: int) -> list[ClerkFigures]:
    """Return what each staff user did, by these entries; the reader (by id) first, then who sold most."""
    renewal, correction = Q(kind=BalanceEntry.Kind.RENEWAL), Q(kind=BalanceEntry.Kind.CORRECTION)
    rows = (
        entries.order_by()
        .values_list("staff_user", "staff_user__username")
        .annotate(
            sales=Count("pk", filter=renewal),
            sold=Coalesce(Sum("months", filter=renewal), 0),
            corrections=Count("pk", filter=correction),
        )
    )
    clerks = [
        ClerkFigures(name, pk == reader, sales, months, corrections, ledger_of_today(staff=pk))
        for pk, name, sales, months, corrections in rows
    ]
    return sorted(clerks, key=lambda clerk: (not clerk.is_reader, -clerk.months, clerk.name))


def ledger_of_today(**chosen: Any) -> str:
    """Return the address of the ledger's entries of today."""
    return f"{reverse('admin:sellers_balanceentry_changelist')}?{urlencode({'day': 'today', **chosen})}"


@front_page_part("admin/front_page/sales.html", permission="sellers.view_balanceentry", place=2)
def sales_part(request: HttpRequest) -> dict[str, Any]:
    """Return what the reader, if a clerk, has done today, and what all have."""
    reader, today = staff_user(request), timezone.localdate()
    entries = BalanceEntry.objects.by_staff(*span(today, today))
    clerks = clerk_figures(entries, reader.pk)
    own = None
    if reader.has_perm("sellers.renew_seller"):
        own = list(entries.filter(staff_user=reader).select_related("seller")[:SALES_AT_MOST])
    total = ClerkFigures(
        "",
        False,
        sum(clerk.sales for clerk in clerks),
        sum(clerk.months for clerk in clerks),
        sum(clerk.corrections for clerk in clerks),
        ledger_of_today(),
    )
    return {"own": own, "clerks": clerks, "total": total}
