"""The confirming pages of the console: selling months, correcting them, unbinding a lost phone.

The page's address names the request, so that sending it twice, or going back and sending it again, counts once.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sellers.forms import CorrectionForm, RenewForm, UnbindForm
from sellers.models import BalanceEntry, Seller

SELLERS_AT_ONCE = 200
MESSAGES_AT_ONCE = 5

View = Callable[..., HttpResponse]


def desk_page(permission: str) -> Callable[[View], View]:
    """Let only staff with the permission in, and give the page an address that names the request."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            try:
                named = UUID(request.GET.get("request", ""))
            except ValueError:
                query = request.GET.copy()
                query["request"] = str(uuid4())
                return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
            return view(request, *args, named=named, **kwargs)

        return admin.site.admin_view(page)

    return decorate


def renew_url(sellers: list[int]) -> str:
    """Return the address of the page that sells months to these sellers."""
    return f"{reverse('admin:sellers_seller_renew')}?{urlencode({'sellers': ','.join(map(str, sellers))})}"


def chosen_sellers(request: HttpRequest) -> list[Seller]:
    """Return the sellers that the address lists, in order of id; rubbish among them is left out."""
    pks = [int(pk) for pk in request.GET.get("sellers", "").split(",") if pk.isdecimal() and len(pk) < 19]
    return list(Seller.objects.filter(pk__in=pks[:SELLERS_AT_ONCE]).order_by("pk"))


@desk_page("sellers.renew_seller")
def renew(request: HttpRequest, *, named: UUID) -> HttpResponse:
    """Sell months to one or many sellers."""
    sellers = chosen_sellers(request)
    if not sellers:
        messages.error(request, _("Choose sellers to renew."))
        return back_to_list()
    if done := list(BalanceEntry.objects.filter(seller__in=sellers, request=named).select_related("seller")):
        return tell(request, done)
    form = RenewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        sold = {"staff_user": request.user, "memo": form.cleaned_data["memo"], "request": named}
        return tell(
            request, Seller.objects.renew_all([seller.pk for seller in sellers], form.cleaned_data["months"], **sold)
        )
    return page(request, form, sellers, title=_("Renew"), submit=_("Renew"), counts=True)


@desk_page("sellers.correct_seller")
def correct(request: HttpRequest, pk: int, *, named: UUID) -> HttpResponse:
    """Put a wrong entry of a seller right by another one."""
    seller = get_object_or_404(Seller, pk=pk)
    if done := list(seller.entries.filter(request=named)):
        return tell(request, done)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        entry = {"staff_user": request.user, "memo": form.cleaned_data["memo"], "request": named}
        try:
            return tell(request, [Seller.objects.correct(pk, form.cleaned_data["months"], **entry)])
        except ValidationError as error:
            form.add_error("months", error)
    return page(request, form, [seller], title=_("Correct the balance"), submit=_("Correct"), counts=True)


@desk_page("sellers.unbind_seller")
def unbind(request: HttpRequest, pk: int, *, named: UUID) -> HttpResponse:
    """Free the person of a lost phone."""
    seller = get_object_or_404(Seller, pk=pk)
    if request.method == "POST":
        Seller.objects.unbind(pk, staff_user=request.user, request=named)
        text = _("%(seller)s is unbound; the next sign-up with %(telephone)s binds the new phone.")
        messages.success(request, text % {"seller": seller, "telephone": seller.telephone})
        return back_to(seller)
    if seller.person_id is None:
        messages.warning(request, _("%(seller)s has no phone bound.") % {"seller": seller})
        return back_to(seller)
    return page(request, UnbindForm(), [seller], title=_("Unbind the phone"), submit=_("Unbind"))


def page(
    request: HttpRequest, form: forms.Form, sellers: list[Seller], *, title: str, submit: str, counts: bool = False
) -> HttpResponse:
    """Return a confirming page; `counts` shows the balances before and after."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "submit": submit,
        "form": form,
        "sellers": sellers,
        "counts": counts,
        "opts": Seller._meta,
    }
    return TemplateResponse(request, "admin/sellers/seller/desk.html", context)


def tell(request: HttpRequest, entries: list[BalanceEntry]) -> HttpResponse:
    """Say what was done and go back; the same whether it was done now or before."""
    for entry in entries[:MESSAGES_AT_ONCE]:
        facts = {"seller": entry.seller, "entry": entry, "balance": entry.balance_after}
        text = ngettext(
            "%(seller)s: %(entry)s, %(balance)d month left now.",
            "%(seller)s: %(entry)s, %(balance)d months left now.",
            entry.balance_after,
        )
        messages.success(request, text % facts)
    if (more := len(entries) - MESSAGES_AT_ONCE) > 0:
        text = ngettext("And %(count)d seller more.", "And %(count)d sellers more.", more)
        messages.success(request, text % {"count": more})
    return back_to(entries[0].seller) if len(entries) == 1 else back_to_list()


def back_to(seller: Seller) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:sellers_seller_change", args=[seller.pk]))


def back_to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:sellers_seller_changelist"))
