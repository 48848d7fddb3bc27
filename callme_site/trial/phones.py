"""The two phones: the mini-programs of miniprogram/ in the browser, for whoever tries callme or changes them."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.clickjacking import xframe_options_sameorigin

from callme_site import pages
from callme_site.trial.samples import TELEPHONES
from callme_site.trial.sandbox_services import TEMPLATE

PROGRAMS = ("stall", "student")
# As strict as for every other page, as the engine needs no inline script and no inline style; but each phone is a
# frame, and rings.
POLICY = f"{pages.POLICY}; frame-src 'self'; media-src 'self'"


def page(request: HttpRequest) -> HttpResponse:
    """Show the two phones and what they ask; it goes to `POST /`, as from any mini-program."""
    return guarded(render(request, "phones.html"))


@xframe_options_sameorigin
def phone(request: HttpRequest, program: str) -> HttpResponse:
    """Show one phone: a mini-program on WeChat's component engine. Raises Http404 without the sandbox."""
    if not settings.WECHAT_SANDBOX or program not in PROGRAMS:
        raise Http404
    context = {
        "program": program,
        "compiled": static(f"phones/compiled/{program}/"),
        "template_id": TEMPLATE,
        "telephones": " ".join(TELEPHONES),
    }
    return guarded(render(request, "phone.html", context))


def guarded(response: HttpResponse) -> HttpResponse:
    """Let the page load and ask nothing but this server."""
    response["Content-Security-Policy"] = POLICY
    return response
