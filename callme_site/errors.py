"""What browsers see where something went wrong: what happened, and what to press.

These pages need neither the database nor a session, which may be what is away.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from callme_site.pages import own_files_only


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the server does not understand the request."""
    with override(get_language_from_request(request)):
        title = _("This request cannot be read")
        return page(request, 400, title, _("Nothing was changed. Go back, reload the page there, and try again."))


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is not for this login."""
    with override(get_language_from_request(request)):
        text = _("Your login has no right to do this. Whoever runs callme can give it, or has a login that may.")
        return page(request, 403, _("This is not open to you"), text)


def sent_too_late(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was not taken, and what to do; the log has Django's reason."""
    with override(get_language_from_request(request)):
        texts = (
            _("Nothing was changed. Somebody has logged in or out in this browser since the page was opened."),
            _("Open the page anew and send it again. If that does not help, let this browser keep cookies."),
        )
        return page(request, 403, _("This page is out of date"), *texts, again=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is no such page."""
    with override(get_language_from_request(request)):
        text = _("The address is mistyped, or what was here is gone.")
        return page(request, 404, _("There is no such page"), text)


class NotFoundAsEver:
    """Under DEBUG, shows whoever tries callme the page that others see, in place of Django's list of addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            resolve(request.path_info)
        except Resolver404:
            return not_found(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return not_found(request) if isinstance(exception, Http404) else None


def broken(request: HttpRequest) -> HttpResponse:
    """Say that the server has failed."""
    with override(get_language_from_request(request)):
        texts = (
            _("The server has made a mistake, or cannot reach its database; its log says which."),
            _("Wait a moment and open the page anew. Look whether it is done before you send something again."),
        )
        return page(request, 500, _("That did not work"), *texts, again=True)


@own_files_only
def page(request: HttpRequest, status: int, title: str, *texts: str, again: bool = False) -> HttpResponse:
    """Return an error page; `again` offers the same address anew."""
    ways = [(request.get_full_path(), _("Open the page anew"))] if again else []
    context = {"title": title, "texts": texts, "ways": [*ways, way_home(request.path)]}
    return HttpResponse(render_to_string("error.html", context), status=status)


def way_home(path: str) -> tuple[str, str]:
    """Return the address of the page from which one gets everywhere where this one is, and its name."""
    if path.startswith(reverse("admin:index")):
        return reverse("admin:index"), _("Home of the console")
    if path.startswith(reverse("board")):
        return reverse("board"), _("All calling boards")
    return reverse("home"), _("Home")
