"""Pages to print: the receipt of a sale, and the sheet with a stall's mini-program code for its counter."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import wechat
from sellers.codes import have_code
from sellers.models import Seller
from sellers.records import BalanceEntry


def receipt_url(entry: BalanceEntry) -> str:
    """Return the address of a sale's receipt."""
    return reverse("admin:sellers_seller_receipt", args=[entry.pk])


def sheet_url(seller: int) -> str:
    """Return the address of the sheet of the seller (by id)."""
    return reverse("admin:sellers_seller_sheet", args=[seller])


def seller_url(seller: int) -> str:
    """Return the address of the page of the seller (by id)."""
    return reverse("admin:sellers_seller_change", args=[seller])


def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the receipt of a sale, by the id of its entry."""
    if not request.user.has_perm("sellers.view_balanceentry"):
        raise PermissionDenied
    sales = BalanceEntry.objects.filter(kind=BalanceEntry.Kind.RENEWAL)
    entry = get_object_or_404(sales.select_related("seller", "staff_user"), pk=pk)
    return sheet_of_paper(request, "receipt", _("Receipt"), entry.seller, entry=entry)


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sheet for the counter, with the code that opens the stall in the students' mini-program."""
    if not request.user.has_perm("sellers.view_seller"):
        raise PermissionDenied
    seller = get_object_or_404(Seller, pk=pk)
    try:
        have_code(seller)
    except (wechat.Unavailable, OSError):
        messages.error(request, _("WeChat did not hand out the mini-program code. Try again in a moment."))
        return HttpResponseRedirect(seller_url(pk))
    return sheet_of_paper(request, "sheet", _("Sheet for the counter"), seller)


def sheet_of_paper(request: HttpRequest, name: str, title: str, seller: Seller, **context: object) -> HttpResponse:
    """Return a page of that template, with a way back to the seller."""
    context |= {**admin.site.each_context(request), "title": title, "seller": seller, "back": seller_url(seller.pk)}
    return TemplateResponse(request, f"admin/sellers/seller/{name}.html", context)
