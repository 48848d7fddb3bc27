"""The console of the staff: the sellers, their ledger, who was unbound, and whose person somebody is."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import CharField, Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, LPad
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import PersonAdmin
from callme_site.console.columns import Column
from callme_site.console.days import format_briefly, format_day, format_moment
from callme_site.console.figures import Figure, RowFigures
from callme_site.console.filters import ChoicesFilter
from callme_site.console.links import Link
from callme_site.console.lists import ConsoleList, ListAdmin, ReadOnlyAdmin
from callme_site.console.paginator import AtLeast
from callme_site.console.staff import staff_user
from callme_site.console.words import NOTHING, in_place_of, to_read, yes_or_no
from callme_site.storage.versions import SELLERS, changing
from sellers import desk, exports, prints
from sellers.filters import EntryDayFilter, SellerFilter, StaffFilter, StateFilter
from sellers.forms import ProfileForm, RegistrationForm
from sellers.mending import can_be_mended
from sellers.models import Seller, SellerQuerySet, is_paused
from sellers.records import BalanceEntry, Unbinding
from sellers.telephones import plain_telephone
from sellers.texts import forget_checks, unhidden

# In order of the day on which the months end, as far as the database knows it; what is due is charged every night.
BY_END = Concat(LPad(Cast("months", CharField()), 6, Value("0")), Cast("next_charge_on", CharField()))

# The texts of a seller as others see them.
NAME = in_place_of(Seller, "name", lambda seller: seller.shown_name or NOTHING)
PERSON_NAME = in_place_of(Seller, "person_name", lambda seller: seller.shown_person_name)
MENU = in_place_of(Seller, "menu", lambda seller: "\n".join(seller.shown_menu) or NOTHING)


def ledger_url(**chosen: Any) -> str:
    """Return the address of the ledger's entries of that seller, staff user or day."""
    return f"{reverse('admin:sellers_balanceentry_changelist')}?{urlencode(chosen)}"


class LedgerInline(admin.TabularInline):
    """A seller's ledger on its page, newest first."""

    model = BalanceEntry
    fields = (
        "created_at", "kind", "months", "balance_after", "due_on", "staff_user", "memo", "receipt",
    )  # fmt: skip
    verbose_name_plural = _("balance ledger")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BalanceEntry]:
        return super().get_queryset(request).select_related("staff_user")

    @admin.display(description=_("receipt"))
    def receipt(self, entry: BalanceEntry) -> str:
        return receipt_link(entry)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return to_read(request, self.model, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def receipt_link(entry: BalanceEntry) -> str:
    """Return a link to the receipt of a sale; any other entry has none."""
    if entry.kind != BalanceEntry.Kind.RENEWAL:
        return NOTHING
    return format_html('<a href="{}">{}</a>', prints.receipt_url(entry), gettext("Print"))


@admin.register(Seller)
class SellerAdmin(ListAdmin):
    list_display = ("__str__", PERSON_NAME, "telephone", "months_left", "months_end", "bound", "paused")
    list_filter = (StateFilter,)
    search_fields = ("name",)  # what is typed is looked for by get_search_results
    search_help_text = _("Name, person, telephone number or its last four digits.")
    ordering = ("pk",)
    actions = ("renew",)
    # Months change through the ledger alone, the files through the phone, which has them checked.
    readonly_fields = (
        "months_left", "paid_until", "on_duty_since", "next_charge_on", "bound", "sign_up", "picture", "qrcode",
    )  # fmt: skip
    links = (
        Link(_("Balance ledger"), "sellers.view_balanceentry", lambda seller: ledger_url(seller=seller.pk)),
        Link(_("Sheet for the counter"), "sellers.view_seller", lambda seller: prints.sheet_url(seller.pk)),
    )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        renewing = ["renew_one"] if self.has_renew_permission(request) else []
        return [*super().get_list_display(request), *renewing]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Seller], search_term: str
    ) -> tuple[QuerySet[Seller], bool]:
        return (cast(SellerQuerySet, queryset).search(search_term) if search_term.strip() else queryset), False

    def get_form(
        self, request: HttpRequest, obj: Seller | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = ProfileForm if obj else RegistrationForm
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Seller | None = None) -> list:
        if obj is None:
            return [(None, {"fields": ("telephone", "months", "memo")})]
        profile = ["name", "person_name", "telephone", "menu", "proof", "switched_off"]
        if not self.has_change_permission(request, obj):
            shown = [NAME, PERSON_NAME, "telephone", MENU]
            profile = to_read(request, self.model, [*shown, *profile[4:]])
        return [
            (None, {"fields": profile}),
            (capfirst(_("months")), {"fields": ("months_left", "paid_until", "on_duty_since", "next_charge_on")}),
            (capfirst(_("phone")), {"fields": ("bound", "sign_up", "picture", "qrcode")}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Seller | None) -> list:
        return [LedgerInline] if obj else []

    def get_urls(self) -> list[URLPattern]:
        return [
            path("renew/", desk.renew, name="sellers_seller_renew"),
            path("find/", self.admin_site.admin_view(desk.find), name="sellers_seller_find"),
            path("receipt/<int:pk>/", self.admin_site.admin_view(prints.receipt), name="sellers_seller_receipt"),
            path("<int:pk>/sheet/", self.admin_site.admin_view(prints.sheet), name="sellers_seller_sheet"),
            path("<int:pk>/telephone/", desk.mend, name="sellers_seller_mend"),
            path("export/", self.admin_site.admin_view(exports.export), name="sellers_seller_export"),
            path("<int:pk>/correct/", desk.correct, name="sellers_seller_correct"),
            path("<int:pk>/unbind/", desk.unbind, name="sellers_seller_unbind"),
            path("<int:pk>/open/", desk.open_for_sign_up, name="sellers_seller_open"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Seller, form: ModelForm, change: bool) -> None:
        """Register a new seller through the ledger; of a known one, write only what was changed."""
        if change:
            written = unhidden(form.changed_data)
            for name, value in written.items():
                setattr(obj, name, value)
            with changing(SELLERS):
                obj.save(update_fields=[*form.changed_data, *written])
            forget_checks(obj.pk, form.changed_data)
            return
        data = form.cleaned_data
        registered = Seller.objects.renew(data["telephone"], data["months"], staff_user(request), data["memo"])
        obj.pk = registered.pk
        obj.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Seller, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().response_add(request, obj, *args, **kwargs)
        self.message_user(request, desk.what_was_done(obj.entries.latest("pk")), messages.SUCCESS)
        self.message_user(request, desk.what_to_tell(obj), messages.INFO)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        context["can_be_mended"] = obj and self.has_add_permission(request) and can_be_mended(obj)
        return super().render_change_form(request, context, *args, **kwargs)

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
            level, word = "out", _("out of months")
        elif seller.months == 1:
            level, word = "last", _("the last month")
        else:
            level, word = "fine", _("fine")
        ledger = f"{prints.seller_url(seller.pk)}#entries-group"
        return format_html('<a class="months months-{}" href="{}">{} · {}</a>', level, ledger, seller.months, word)

    @admin.display(description=_("paid until"), ordering=BY_END)
    def months_end(self, seller: Seller) -> str | None:
        return seller.paid_until.isoformat() if seller.paid_until else None

    @admin.display(description=_("paid until"))
    def paid_until(self, seller: Seller) -> str:
        return format_day(seller.paid_until) if seller.paid_until else NOTHING

    @admin.display(description=_("renew"))
    def renew_one(self, seller: Seller) -> str:
        return format_html('<a href="{}">{}</a>', desk.renew_url([seller.pk]), gettext("Renew"))

    @admin.display(description=_("phone bound"), ordering="person")
    def bound(self, seller: Seller) -> str:
        return yes_or_no(seller.person_id is not None)

    @admin.display(description=_("paused until"))
    def paused(self, seller: Seller) -> str | None:
        return format_briefly(seller.paused_until) if is_paused(seller.paused_until) else None

    @admin.display(description=_("sign-up"))
    def sign_up(self, seller: Seller) -> str:
        if seller.person_id:
            return NOTHING
        if seller.sign_up_until is None or not seller.is_open_to_sign_up:
            return gettext("not open")
        return gettext("open until %(until)s") % {"until": format_moment(seller.sign_up_until)}


def pause_figures(seller: Seller) -> list[Figure]:
    """Return, as a figure of a seller's page, until when it is paused; none where it is not."""
    if seller.paused_until is None or not is_paused(seller.paused_until):
        return []
    return [
        Figure(capfirst(gettext("paused")), gettext("until %(until)s") % {"until": format_moment(seller.paused_until)})
    ]


SellerAdmin.contribute_figures(RowFigures("sellers.view_seller", pause_figures))


def bound_sellers(people: Collection[int]) -> dict[int, Seller | None]:
    """Return, by the ids of these people, the sellers that they are bound to."""
    bound = {seller.person_id: seller for seller in Seller.objects.filter(person__in=people)}
    return {person: bound.get(person) for person in people}


def bound_people(text: str) -> list[int]:
    """Return the ids of the people who are bound to a seller of that name or telephone number."""
    found = Q(name__icontains=text) | Q(telephone__contains=plain_telephone(text))
    return list(Seller.objects.filter(found, person__isnull=False).values_list("person", flat=True))


PersonAdmin.contribute(
    Column("seller", _("seller"), bound_sellers, before="staff_user", phrase=_("of %s"), find=bound_people)
)


def sellers_found(text: str, most: int | None = None) -> list[int]:
    """Return the ids of the sellers whom a search finds, the first ones if there are more than `most`."""
    return list(Seller.objects.search(text).order_by("pk").values_list("pk", flat=True)[:most])


class LedgerList(ConsoleList):
    """Entries of the ledger, added up."""

    @property
    def sums(self) -> list[str] | None:
        """What the entries that are found come to, by kind; None where there are too many to be added up."""
        if isinstance(self.result_count, AtLeast):
            return None
        found = self.queryset.prefetch_related(None).order_by()
        totals = {kind: rest for kind, *rest in found.values_list("kind").annotate(Count("pk"), Sum("months"))}
        return [summed(kind, *totals[kind]) for kind in BalanceEntry.Kind if kind in totals]


def summed(kind: BalanceEntry.Kind, count: int, months: int) -> str:
    """Return how many entries of a kind there are, and their months."""
    text = ngettext(
        "%(kind)s: %(count)d entry, %(months)+d months", "%(kind)s: %(count)d entries, %(months)+d months", count
    )
    return text % {"kind": capfirst(kind.label), "count": count, "months": months}


@admin.register(BalanceEntry)
class BalanceEntryAdmin(ReadOnlyAdmin):
    list_display = ("entered", "seller", "kind", "months", "balance_after", "staff_user", "memo", "receipt")
    list_prefetch_related = ("seller", "staff_user")
    list_filter = (EntryDayFilter, StaffFilter, ("kind", ChoicesFilter), SellerFilter)
    search_fields = ("memo",)  # what is typed is looked for by get_search_results
    search_help_text = _("A stall's name, telephone number or its last four digits, or words of the memo.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[BalanceEntry], search_term: str
    ) -> tuple[QuerySet[BalanceEntry], bool]:
        """Find the sellers first, so that the ledger is read but once for a memo, and without a join."""
        text = search_term.strip()
        return (
            queryset.filter(Q(seller__in=sellers_found(text)) | Q(memo__icontains=text)) if text else queryset
        ), False

    @admin.display(description=_("when"))
    def entered(self, entry: BalanceEntry) -> str | None:
        return format_briefly(entry.created_at)

    @admin.display(description=_("receipt"))
    def receipt(self, entry: BalanceEntry) -> str:
        return receipt_link(entry)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LedgerList


@admin.register(Unbinding)
class UnbindingAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "seller", "person", "staff_user", "lifted_at")
    list_prefetch_related = ("seller", "person", "staff_user")
    search_fields = ("seller__name",)  # what is typed finds sellers; see get_search_results
    search_help_text = _("A stall's name, telephone number or its last four digits.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Unbinding], search_term: str
    ) -> tuple[QuerySet[Unbinding], bool]:
        text = search_term.strip()
        return (queryset.filter(seller__in=sellers_found(text)) if text else queryset), False
