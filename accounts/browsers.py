"""Browsers in which staff have logged in before: strangers' wrong passwords do not shut those out.

OWASP's "Slow Down Online Guessing Attacks with Device Cookies": each browser counts its own wrong passwords, and all
that are not known share one count, from wherever they come. The cookie opens nothing by itself.
"""

import secrets
from collections.abc import Callable
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import AbstractUser, User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "browser_of_{pk}"  # of each who shares it
SALT = "accounts.browsers"
MAX_AGE = 400 * 24 * 3600  # seconds; what browsers grant at most


def password_mark(user: AbstractUser) -> str:
    """Return what is another after each change of the password: who has learnt an old one has known browsers too."""
    return user.get_session_auth_hash()[:16]


def known(request: HttpRequest, user: AbstractUser) -> str | None:
    """Return the name of the browser in which the user has logged in before, or None for any other."""
    try:
        name, mark = signing.loads(request.COOKIES.get(COOKIE.format(pk=user.pk), ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return name if mark == password_mark(user) else None


def browser_of(request: HttpRequest, username: str | None) -> str | None:
    """Return the login's own name and that of this browser, if it has logged in here before."""
    begins = COOKIE.format(pk="")
    if not username or not any(cookie.startswith(begins) for cookie in request.COOKIES):
        return None
    user = User.objects.filter(username=username).first()
    if user and (browser := known(request, user)):
        return f"{user.username} {browser}"
    return None


def is_known(request: HttpRequest) -> bool:
    """Return whether whoever logs in here has done so before in this browser."""
    return browser_of(request, request.POST.get("username")) is not None


def counted_as(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return under which name axes counts a wrong password."""
    username = (credentials or request.POST).get("username")
    return browser_of(request, username) or username


class Handler(AxesDatabaseHandler):
    """Frees all the browsers of a login together."""

    def reset_attempts(self, *, username: str | None = None, **kwargs: Any) -> int:
        browsers = 0
        if username:
            # A username has no blank.
            browsers, _each = AccessAttempt.objects.filter(username__startswith=f"{username} ").delete()
        return browsers + super().reset_attempts(username=username, **kwargs)


def remember_browser(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give the browser of whoever is logged in to the admin its cookie, where it has none that still counts."""
    begins = reverse("admin:index")

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(begins) and response.status_code < 400:
            user = request.user
            if user.is_authenticated and not known(request, user):
                remember(response, user)
        return response

    return middleware


def remember(response: HttpResponse, user: AbstractUser) -> None:
    response.set_cookie(
        COOKIE.format(pk=user.pk),
        signing.dumps([secrets.token_hex(8), password_mark(user)], salt=SALT),
        max_age=MAX_AGE,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
