"""What the pages outside the admin have in common."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def own_files_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the page load and ask nothing but this server: no inline script or style, no other host."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Content-Security-Policy"] = POLICY
        return response

    return guarded
