"""The console of the staff: the sellers, their ledger, and who was unbound."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callme_site.admin import ReadOnlyAdmin
from callme_site.changes import SELLERS, changing
from callme_site.days import at_midnight
from sellers import desk, exports
from sellers.forms import ProfileForm, RegistrationForm
from sellers.models import BalanceEntry, Seller, Unbinding


class StateFilter(admin.SimpleListFilter):
    """The sellers that somebody has to see to."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("on", _("on duty")),
            ("out", _("out of duty")),
            ("due", _("due within 7 days")),
            ("unbound", _("not bound yet")),
            ("off", _("switched off")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Seller]) -> QuerySet[Seller]:
        match self.value():
            case "on":
                return queryset.on_duty()
            case "out":
                return queryset.out_of_duty()
            case "due":
                return queryset.due_soon()
            case "unbound":
                return queryset.filter(person=None)
            case "off":
                return queryset.filter(switched_off=True)
        return queryset


class LedgerInline(admin.TabularInline):
    """A seller's ledger on its page, newest first."""

    model = BalanceEntry
    fields = readonly_fields = ("created_at", "kind", "months", "balance_after", "due_on", "staff_user", "memo")
    verbose_name_plural = _("balance ledger")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BalanceEntry]:
        return super().get_queryset(request).select_related("staff_user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Seller)
class SellerAdmin(admin.ModelAdmin):
    list_display = (
        "__str__", "person_name", "telephone", "months_left", "charged_next", "bound", "orders_today", "numbers_out",
    )  # fmt: skip
    list_filter = (StateFilter,)
    search_fields = ("name",)  # what is typed is looked for by get_search_results
    search_help_text = _("Name, person, telephone number or its last four digits.")
    ordering = ("pk",)
    actions = ("renew",)
    # Months change through the ledger alone, the files through the phone, which has them checked.
    readonly_fields = ("months_left", "on_duty_since", "next_charge_on", "bound", "picture", "qrcode")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seller]:
        today = Q(taken_at__gte=at_midnight(timezone.localdate()))
        return super().get_queryset(request).with_orders(orders_today=today, numbers_out=Q(live_number__isnull=False))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Seller], search_term: str
    ) -> tuple[QuerySet[Seller], bool]:
        return (queryset.search(search_term) if search_term.strip() else queryset), False

    def get_form(self, request: HttpRequest, obj: Seller | None = None, **kwargs: Any) -> type[ModelForm]:
        return super().get_form(request, obj, **{"form": ProfileForm if obj else RegistrationForm, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Seller | None = None) -> list:
        if obj is None:
            return [(None, {"fields": ("telephone", "months", "memo")})]
        return [
            (None, {"fields": ("name", "person_name", "telephone", "menu", "switched_off")}),
            (_("months"), {"fields": ("months_left", "on_duty_since", "next_charge_on")}),
            (_("phone"), {"fields": ("bound", "picture", "qrcode")}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Seller | None) -> list:
        return [LedgerInline] if obj else []

    def get_urls(self) -> list[URLPattern]:
        return [
            path("renew/", desk.renew, name="sellers_seller_renew"),
            path("export/", self.admin_site.admin_view(exports.export), name="sellers_seller_export"),
            path("<int:pk>/correct/", desk.correct, name="sellers_seller_correct"),
            path("<int:pk>/unbind/", desk.unbind, name="sellers_seller_unbind"),
            *super().get_urls(),
        ]

    @changing(SELLERS)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Seller, form: ModelForm, change: bool) -> None:
        """Register a new seller through the ledger; of a known one, write only what was changed."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        data = form.cleaned_data
        registered = Seller.objects.renew(data["telephone"], data["months"], request.user, data["memo"])
        obj.pk = registered.pk
        obj.refresh_from_db()

    def has_renew_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sellers.renew_seller")

    def has_delete_permission(self, request: HttpRequest, obj: Seller | None = None) -> bool:
        return False

    @admin.action(description=_("Renew the chosen sellers"), permissions=["renew"])
    def renew(self, request: HttpRequest, queryset: QuerySet[Seller]) -> HttpResponse | None:
        pks = list(queryset.order_by("pk").values_list("pk", flat=True)[: desk.SELLERS_AT_ONCE + 1])
        if len(pks) > desk.SELLERS_AT_ONCE:
            text = gettext("Choose %(count)d sellers at most.") % {"count": desk.SELLERS_AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        return HttpResponseRedirect(desk.renew_url(pks))

    @admin.display(description=_("months left"), ordering="months")
    def months_left(self, seller: Seller) -> str:
        if seller.switched_off:
            level, word = "off", _("switched off")
        elif not seller.months:
            level, word = "out", _("out of duty")
        elif seller.months == 1:
            level, word = "last", _("the last month")
        else:
            level, word = "fine", _("fine")
        return format_html('<span class="months months-{}">{} · {}</span>', level, seller.months, word)

    @admin.display(description=_("next charge"), ordering="next_charge_on")
    def charged_next(self, seller: Seller) -> str | None:
        return seller.next_charge_on and date_format(seller.next_charge_on, "MONTH_DAY_FORMAT")

    @admin.display(description=_("phone bound"), boolean=True, ordering="person")
    def bound(self, seller: Seller) -> bool:
        return seller.person_id is not None

    @admin.display(description=_("orders today"), ordering="orders_today")
    def orders_today(self, seller: Seller) -> int:
        return seller.orders_today

    @admin.display(description=_("numbers out"), ordering="numbers_out")
    def numbers_out(self, seller: Seller) -> int:
        return seller.numbers_out


@admin.register(BalanceEntry)
class BalanceEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "seller", "kind", "months", "balance_after", "due_on", "staff_user", "memo")
    list_select_related = ("seller", "staff_user")
    list_filter = ("kind",)
    search_fields = ("seller__name", "seller__telephone__startswith", "seller__telephone__endswith", "memo")


@admin.register(Unbinding)
class UnbindingAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "seller", "person", "staff_user")
    list_select_related = ("seller", "person", "staff_user")
    search_fields = ("seller__name", "seller__telephone__startswith", "seller__telephone__endswith")
