"""CSV files that Excel opens: with a byte order mark, so that Chinese stays Chinese, and without formulas."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Sum
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.console.columns import Column
from callme_site.console.days import FIRST, LAST, span
from callme_site.console.words import yes_or_no
from sellers.models import Seller
from sellers.records import BalanceEntry
from sellers.texts import shown

# What makes Excel take a text for a formula (OWASP, "CSV Injection"), also as a Chinese keyboard writes it.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
ROWS_A_PART = 500
WHEN_LENGTH = len("2027-03-15 12:00:00")
DAYS = [MinValueValidator(FIRST), MaxValueValidator(LAST)]

# What higher apps know of sellers, in the file of all: each returns its column for the time from, and until before.
contributed: list[Callable[[datetime, datetime], Column]] = []


class DayInput(forms.DateInput):
    """The browser's own calendar, which takes no day but in ISO's form, whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayRangeForm(forms.Form):
    """From which day to which, both included."""

    first = forms.DateField(label=capfirst(gettext_lazy("from")), widget=DayInput, validators=DAYS)
    last = forms.DateField(label=capfirst(gettext_lazy("to")), widget=DayInput, validators=DAYS)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day is before the first."))
        return data


def export(request: HttpRequest) -> HttpResponseBase:
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
    """All sellers, with what they were sold, and what was contributed, from `begin` until before `end`."""
    sellers = list(Seller.objects.order_by("pk"))
    columns = [column(begin, end).read([seller.pk for seller in sellers]) for column in contributed]
    yield [
        _("ID"), _("name"), _("person's name"), _("telephone"), _("months left"), _("next charge"),
        _("phone bound"), _("switched off"), _("months sold"), *(str(column.short_description) for column in columns),
    ]  # fmt: skip
    renewals = BalanceEntry.objects.filter(kind=BalanceEntry.Kind.RENEWAL, created_at__gte=begin, created_at__lt=end)
    sold = Counter(dict(renewals.order_by().values_list("seller").annotate(Sum("months"))))
    for seller in sellers:
        yield [
            seller.pk, seller.shown_name, seller.shown_person_name, seller.telephone, seller.months,
            seller.next_charge_on, yes_or_no(seller.person_id is not None), yes_or_no(seller.switched_off),
            sold[seller.pk], *(column(seller) for column in columns),
        ]  # fmt: skip


def ledger_table(begin: datetime, end: datetime) -> Iterator[list[Any]]:
    """The entries of the ledger, oldest first, from `begin` until before `end`."""
    yield [
        _("when"), _("seller"), _("telephone"), _("kind"), _("months"), _("balance after"), _("due on"),
        _("staff user"), _("memo"),
    ]  # fmt: skip
    entries = BalanceEntry.objects.filter(created_at__gte=begin, created_at__lt=end).order_by("created_at", "pk")
    zone, kinds = timezone.get_current_timezone(), {value: str(label) for value, label in BalanceEntry.Kind.choices}
    # Tens of thousands of rows: a model of each, and of its seller, would take most of the time.
    for created_at, kind, *facts in entries.values_list(
        "created_at", "kind", shown("name", "seller__"), "seller__telephone", "months", "balance_after", "due_on",
        "staff_user__username", "memo",
    ).iterator():  # fmt: skip
        when = created_at.astimezone(zone).isoformat(" ", "seconds")[:WHEN_LENGTH]
        yield [when, *facts[:2], kinds[kind], *facts[2:]]


def as_csv(name: str, rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """Return the rows as a file to download, written while it is sent."""
    return StreamingHttpResponse(
        csv_parts(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def csv_parts(rows: Iterable[list[Any]]) -> Iterator[str]:
    """Yield the file in parts of many rows: the server's way with a part costs more than a row."""
    part = io.StringIO("\ufeff")
    part.seek(0, io.SEEK_END)
    writer = csv.writer(part)
    rows = iter(rows)
    while batch := list(islice(rows, ROWS_A_PART)):
        writer.writerows(map(harmless, row) for row in batch)
        yield part.getvalue()
        part.seek(0)
        part.truncate()


def harmless(cell: Any) -> Any:
    """Return the cell so that Excel shows it and never runs it."""
    if cell is None or isinstance(cell, int):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
