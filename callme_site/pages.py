"""What the pages outside the admin have in common."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def own_files_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the page load and ask nothing but this server: no inline script or style, no other host."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Content-Security-Policy"] = POLICY
        return response

    return guarded


def is_for_people(request: HttpRequest) -> bool:
    """Return whether who asks would rather see a page than JSON: browsers would, a mini-program takes anything."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


@own_files_only
def home(request: HttpRequest) -> HttpResponse:
    """Tell whoever comes to the bare address what this is, and where to go."""
    response = render(request, "home.html", {"title": _("Calling numbers in the canteen")})
    patch_vary_headers(response, ["Accept"])
    return response
