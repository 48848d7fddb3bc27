"""CSV files that Excel opens: with a byte order mark, so that Chinese stays Chinese, and without formulas."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.days import FIRST, LAST, span
from sellers.models import BalanceEntry, Seller

# What makes Excel take a text for a formula (OWASP, "CSV Injection"), also as a Chinese keyboard writes it.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
DAYS = [MinValueValidator(FIRST), MaxValueValidator(LAST)]


class DayInput(forms.DateInput):
    """The browser's own calendar, which takes no day but in ISO's form, whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayRangeForm(forms.Form):
    """From which day to which, both included."""

    first = forms.DateField(label=gettext_lazy("from"), widget=DayInput, validators=DAYS)
    last = forms.DateField(label=gettext_lazy("to"), widget=DayInput, validators=DAYS)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day is before the first."))
        return data


def export(request: HttpRequest) -> HttpResponse:
    """Show the page that asks for the days, or send the file that it asks for."""
    if not request.user.has_perm("sellers.view_seller"):
        raise PermissionDenied
    today = timezone.localdate()
    initial = {"first": today.replace(day=1), "last": today}
    form = DayRangeForm(request.GET if "table" in request.GET else None, initial=initial)
    tables = {"sellers": sellers_table, "ledger": ledger_table}
    table = tables.get(request.GET.get("table", ""))
    if table is ledger_table and not request.user.has_perm("sellers.view_balanceentry"):
        raise PermissionDenied
    if table and form.is_valid():
        days = "{first:%Y%m%d}-{last:%Y%m%d}".format_map(form.cleaned_data)
        return as_csv(f"callme-{request.GET['table']}-{days}.csv", table(*span(**form.cleaned_data)))
    context = {**admin.site.each_context(request), "title": _("Export"), "form": form, "opts": Seller._meta}
    return TemplateResponse(request, "admin/sellers/seller/export.html", context)


def sellers_table(begin: datetime, end: datetime) -> Iterator[list[Any]]:
    """All sellers, with what they were sold and how many numbers they took from `begin` until before `end`."""
    yield [
        _("ID"), _("name"), _("person's name"), _("telephone"), _("months left"), _("next charge"),
        _("phone bound"), _("switched off"), _("months sold"), _("orders"),
    ]  # fmt: skip
    sold = BalanceEntry.objects.filter(seller=OuterRef("pk"), kind=BalanceEntry.Kind.RENEWAL)
    sold = sold.filter(created_at__gte=begin, created_at__lt=end).order_by().values("seller")
    sellers = Seller.objects.with_orders(taken=Q(taken_at__gte=begin, taken_at__lt=end)).order_by("pk")
    sellers = sellers.annotate(sold=Coalesce(Subquery(sold.annotate(sum=Sum("months")).values("sum")), 0))
    for seller in sellers.iterator():
        yield [
            seller.pk, seller.name, seller.person_name, seller.telephone, seller.months, seller.next_charge_on,
            yes_or_no(seller.person_id is not None), yes_or_no(seller.switched_off), seller.sold, seller.taken,
        ]  # fmt: skip


def ledger_table(begin: datetime, end: datetime) -> Iterator[list[Any]]:
    """The entries of the ledger, oldest first, from `begin` until before `end`."""
    yield [
        _("when"), _("seller"), _("telephone"), _("kind"), _("months"), _("balance after"), _("due on"),
        _("staff user"), _("memo"),
    ]  # fmt: skip
    entries = BalanceEntry.objects.filter(created_at__gte=begin, created_at__lt=end).order_by("created_at", "pk")
    for entry in entries.select_related("seller", "staff_user").iterator():
        yield [
            f"{timezone.localtime(entry.created_at):%Y-%m-%d %H:%M:%S}", entry.seller.name, entry.seller.telephone,
            entry.get_kind_display(), entry.months, entry.balance_after, entry.due_on, entry.staff_user or "",
            entry.memo,
        ]  # fmt: skip


def yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


class Echo:
    """A file for csv.writer that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def as_csv(name: str, rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """Return the rows as a file to download, written while it is sent."""
    writer = csv.writer(Echo())
    lines = (writer.writerow([harmless(cell) for cell in row]) for row in rows)
    return StreamingHttpResponse(
        (part for parts in (["\ufeff"], lines) for part in parts),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def harmless(cell: Any) -> Any:
    """Return the cell so that Excel shows it and never runs it."""
    if cell is None or isinstance(cell, int):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
