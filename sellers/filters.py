"""What the lists of sellers, and of what belongs to sellers, are filtered by."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from callme_site.console.filters import DayFilter
from sellers.models import Seller, SellerQuerySet


class StateFilter(admin.SimpleListFilter):
    """The sellers that somebody has to see to."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("listed", capfirst(_("listed"))),
            ("due", capfirst(_("due within 7 days"))),
            ("paused", capfirst(_("paused"))),
            ("out", capfirst(_("out of months"))),
            ("unbound", capfirst(_("not signed up yet"))),
            ("open", capfirst(_("open for sign-up"))),
            ("off", capfirst(_("switched off"))),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Seller]) -> QuerySet[Seller]:
        sellers = cast(SellerQuerySet, queryset)
        match self.value():
            case "listed":
                return sellers.listed()
            case "due":
                return sellers.due_soon()
            case "paused":
                return sellers.paused()
            case "out":
                return sellers.out_of_months()
            case "unbound":
                return sellers.not_signed_up()
            case "open":
                return sellers.open_to_sign_up()
            case "off":
                return sellers.switched_off()
        return sellers


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

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset.filter(seller=int(value)) if self.lookup_choices and value else queryset


class StaffFilter(admin.SimpleListFilter):
    """The entries of one staff user."""

    title = _("staff user")
    parameter_name = "staff"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("username")
        return [(str(user.pk), str(user)) for user in staff]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {value for value, _title in self.lookup_choices}
        return queryset.filter(staff_user=self.value()) if self.value() in known else queryset


class EntryDayFilter(DayFilter):
    """The day of an entry."""

    field = "created_at"
