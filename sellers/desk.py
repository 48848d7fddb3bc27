"""The confirming pages of the console: selling months, correcting them, unbinding a lost phone, opening for sign-up.

The page's address names the request, so that sending it twice, or going back and sending it again, counts once.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callme_site.console.days import format_day, format_moment
from callme_site.console.staff import staff_user
from callme_site.console.words import NOTHING
from sellers.forms import OTHER, USUAL_TERMS, CorrectionForm, OpenForm, RenewForm, TelephoneForm, UnbindForm
from sellers.mending import can_be_mended, mend_telephone
from sellers.models import Seller
from sellers.months import PaidMonths
from sellers.prints import receipt_url, seller_url
from sellers.records import BalanceEntry

SELLERS_AT_ONCE = 200
MESSAGES_AT_ONCE = 5

View = Callable[..., HttpResponse]


def desk_page(permission: str, seen: Callable[..., dict[str, Any]] = lambda **of: {}) -> Callable[[View], View]:
    """Let only staff with the permission in, and give the page an address that names the request.

    `seen`, asked for a page of these keywords, returns what else the address says: what staff saw when they opened it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            try:
                request_id = UUID(request.GET.get("request", ""))
            except ValueError:
                query = request.GET.copy()
                query["request"] = str(uuid4())
                query.update(seen(**kwargs))
                return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
            return view(request, *args, request_id=request_id, **kwargs)

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
def renew(request: HttpRequest, *, request_id: UUID) -> HttpResponse:
    """Sell months to one or many sellers."""
    sellers = chosen_sellers(request)
    if not sellers:
        messages.error(request, _("Choose sellers to renew."))
        return back_to_list()
    form = RenewForm(request.POST if request.method == "POST" else None, initial=offered_term(request))
    if form.is_valid():
        pks, months, memo = [seller.pk for seller in sellers], form.cleaned_data["months"], form.cleaned_data["memo"]
        entries = Seller.objects.renew_all(pks, months, staff_user=staff_user(request), memo=memo, request=request_id)
        return say_and_go_back(request, entries, months, renew_url(pks))
    if done := list(BalanceEntry.objects.filter(seller__in=sellers, request=request_id).select_related("seller")):
        return say_and_go_back(request, done)
    return page(request, form, sellers, title=_("Renew"), submit=_("Renew"), counts=True)


@desk_page("sellers.correct_seller")
def correct(request: HttpRequest, pk: int, *, request_id: UUID) -> HttpResponse:
    """Put a wrong entry of a seller right by another one."""
    seller = get_object_or_404(Seller, pk=pk)
    offered = {"months": request.GET.get("months")}
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial=offered)
    if form.is_valid():
        months, memo = form.cleaned_data["months"], form.cleaned_data["memo"]
        try:
            entry = Seller.objects.correct(pk, months, staff_user=staff_user(request), memo=memo, request=request_id)
            return say_and_go_back(request, [entry], months, request.path)
        except ValidationError as error:
            form.add_error("months", error)
    elif done := list(seller.entries.filter(request=request_id)):
        return say_and_go_back(request, done)
    return page(request, form, [seller], title=_("Correct the balance"), submit=_("Correct"), counts=True)


def bound_person(pk: int) -> dict[str, Any]:
    """Return who is bound to the seller."""
    return {"person": get_object_or_404(Seller, pk=pk).person_id or ""}


@desk_page("sellers.unbind_seller", seen=bound_person)
def unbind(request: HttpRequest, pk: int, *, request_id: UUID) -> HttpResponse:
    """Free the person of a lost phone: the one whom the staff user saw, and nobody else."""
    seller, seen = get_object_or_404(Seller, pk=pk), request.GET.get("person", "")
    person = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
    if request.method == "POST":
        if Seller.objects.unbind(pk, person, staff_user=staff_user(request), request=request_id):
            text = _(
                "%(seller)s is unbound. Now let the stall open its mini-program on the new phone and sign up with"
                " %(telephone)s within %(hours)d hours. The old phone, and whoever logs in with its WeChat account, has"
                " to be allowed first: Open for sign-up."
            )
            facts = {"seller": seller, "telephone": seller.telephone, "hours": settings.SIGN_UP_HOURS}
            messages.success(request, text % facts)
        else:
            text = _("Nothing was changed: the phone that you saw bound to %(seller)s is not bound any more.")
            messages.warning(request, text % {"seller": seller})
        return back_to(seller)
    if seller.person_id is None:
        messages.warning(request, _("%(seller)s has no phone bound.") % {"seller": seller})
        return back_to(seller)
    # Where the address says of another person, or of none, what is shown now is a request of its own.
    shown_id = request_id if seller.person_id == person else uuid4()
    action = f"?{urlencode({'request': str(shown_id), 'person': str(seller.person_id)})}"
    follows = _(
        "The phone is logged out of the stall at once, and cannot sign up again unless staff allow it. Numbers that are"
        " out stay as they are. Whoever signs up next with %(telephone)s has the stall."
    )
    return page(
        request,
        UnbindForm(),
        [seller],
        title=_("Unbind the phone"),
        submit=_("Unbind"),
        action=action,
        follows=follows % {"telephone": seller.telephone},
    )


@desk_page("sellers.add_seller")
def mend(request: HttpRequest, pk: int, *, request_id: UUID) -> HttpResponse:
    """Mend the telephone number of a stall that nobody has signed up for."""
    seller = get_object_or_404(Seller, pk=pk)
    form = TelephoneForm(request.POST if request.method == "POST" else None, instance=seller)
    shown = Seller.objects.get(pk=pk)  # the form writes what was typed into the other
    if not can_be_mended(shown) or (form.is_valid() and not mended(request, form, shown)):
        messages.warning(request, _("Nothing was changed: a phone has signed up for %(seller)s.") % {"seller": shown})
        return back_to(seller)
    if form.is_valid():
        return back_to(seller)
    return page(request, form, [shown], title=_("Mend the telephone"), submit=_("Mend"))


def mended(request: HttpRequest, form: TelephoneForm, seller: Seller) -> bool:
    """Mend the number and say what to tell the stall, or say in the form who was faster; False if too late."""
    try:
        done = mend_telephone(seller.pk, form.cleaned_data["telephone"], staff_user=staff_user(request))
    except IntegrityError:
        form.add_error("telephone", _("Another seller has this number."))
        return True
    if done:
        seller.refresh_from_db()
        messages.success(request, what_to_tell(seller))
    return done


def find(request: HttpRequest) -> HttpResponse:
    """Lead from the front page's search to the list; of the one stall that is found, to its renewing page if wished."""
    text = request.GET.get("q", "")
    if "renew" in request.GET and text.strip():
        found = list(Seller.objects.search(text).values_list("pk", flat=True)[:2])
        if len(found) == 1:
            return HttpResponseRedirect(renew_url(found))
    return HttpResponseRedirect(f"{reverse('admin:sellers_seller_changelist')}?{urlencode({'q': text})}")


def what_to_tell(seller: Seller) -> str:
    """Return what staff tell a stall that nobody has signed up for yet."""
    text = _(
        "Tell the stall to open its mini-program in WeChat by %(until)s and to sign up with %(telephone)s. After that,"
        " it can sign up once you press Open for sign-up on its page."
    )
    until = format_moment(seller.sign_up_until) if seller.sign_up_until else NOTHING
    return text % {"telephone": seller.telephone, "until": until}


@desk_page("sellers.unbind_seller")
def open_for_sign_up(request: HttpRequest, pk: int, *, request_id: UUID) -> HttpResponse:
    """Let a phone sign up for a stall that none is bound to."""
    seller = get_object_or_404(Seller, pk=pk)
    form = OpenForm(request.POST if request.method == "POST" else None, seller=seller)
    if form.is_valid():
        again = form.cleaned_data.get("again", ())
        if until := Seller.objects.open_for_sign_up(pk, again, staff_user=staff_user(request)):
            text = _("%(seller)s can be signed up for with %(telephone)s until %(until)s.")
            facts = {"seller": seller, "telephone": seller.telephone, "until": format_moment(until)}
            messages.success(request, text % facts)
            return back_to(seller)
    if form.is_valid() or seller.person_id or seller.switched_off:
        text = _("Nothing was changed: %(seller)s has a phone bound, or is switched off.")
        messages.warning(request, text % {"seller": seller})
        return back_to(seller)
    return page(request, form, [seller], title=_("Open for sign-up"), submit=_("Open for sign-up"))


def months_to_extend(seller: Seller) -> PaidMonths:
    """Return the months to which those that are sold today are added: none where none are left by today."""
    paid, today = seller.paid_months, timezone.localdate()
    return paid if paid and paid.end > today else PaidMonths(today, 0)


def page(
    request: HttpRequest,
    form: forms.BaseForm,
    sellers: list[Seller],
    *,
    title: str,
    submit: str,
    counts: bool = False,
    action: str = "",
    follows: str = "",
) -> HttpResponse:
    """Return a confirming page; `counts` shows the balances before and after, `action` is where it is sent.

    `follows` says what comes of it.
    """
    context = {
        **admin.site.each_context(request),
        "title": title,
        "submit": submit,
        "form": form,
        "sellers": [(seller, months_to_extend(seller)) for seller in sellers],
        "counts": counts,
        "action": action,
        "follows": follows,
        "opts": Seller._meta,
    }
    return TemplateResponse(request, "admin/sellers/seller/desk.html", context)


def say_and_go_back(
    request: HttpRequest, entries: list[BalanceEntry], months: int | None = None, anew: str = ""
) -> HttpResponse:
    """Say what was done and go back; the same whether it was done now or before.

    Where it was done before with other months than were chosen now, say that, and offer the page's address `anew`.
    """
    if months is not None and months != entries[0].months:
        warn_of_before(request, entries, months, anew)
    else:
        say(request, messages.SUCCESS, [what_was_done(entry) for entry in entries])
    return back_to(entries[0].seller) if len(entries) == 1 else back_to_list()


def what_was_done(entry: BalanceEntry) -> str:
    """Return what an entry has changed, until when the seller is paid for by it, and where its receipt is."""
    facts = {"seller": entry.seller, "entry": entry, "balance": entry.balance_after}
    if until := entry.paid_until:
        text = ngettext(
            "%(seller)s: %(entry)s, %(balance)d month left now, paid until %(until)s.",
            "%(seller)s: %(entry)s, %(balance)d months left now, paid until %(until)s.",
            entry.balance_after,
        )
        said = text % {**facts, "until": format_day(until)}
    else:
        said = _("%(seller)s: %(entry)s, no months left now.") % facts
    if entry.kind != BalanceEntry.Kind.RENEWAL:
        return said
    return format_html('{} <a href="{}">{}</a>', said, receipt_url(entry), _("Print the receipt"))


def warn_of_before(request: HttpRequest, entries: list[BalanceEntry], months: int, anew: str) -> None:
    """Say that the page was sent before with other months, and offer to do now what was chosen now."""
    text = _("%(seller)s: sent before, as %(entry)s. The %(chosen)+d months chosen now were not entered.")
    before = [text % {"seller": entry.seller, "entry": entry, "chosen": months} for entry in entries]
    say(request, messages.WARNING, before)
    address = f"{anew}{'&' if '?' in anew else '?'}{urlencode({'months': months})}"
    text = _("Open a new page for %(months)+d months") % {"months": months}
    messages.warning(request, format_html('<a href="{}">{}</a>', address, text))


def say(request: HttpRequest, level: int, texts: list[str]) -> None:
    """Say something of each of several sellers; of many, say of the first few, and how many more there are."""
    for text in texts[:MESSAGES_AT_ONCE]:
        messages.add_message(request, level, text)
    if (more := len(texts) - MESSAGES_AT_ONCE) > 0:
        text = ngettext("And %(count)d seller more.", "And %(count)d sellers more.", more)
        messages.add_message(request, level, text % {"count": more})


def offered_term(request: HttpRequest) -> dict[str, Any]:
    """Return the months that the address offers, as the renewing form's first values."""
    months = request.GET.get("months", "")
    usual = months in map(str, USUAL_TERMS)
    return {"term": months if usual else OTHER, "other": None if usual else months} if months else {}


def back_to(seller: Seller) -> HttpResponse:
    return HttpResponseRedirect(seller_url(seller.pk))


def back_to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:sellers_seller_changelist"))
