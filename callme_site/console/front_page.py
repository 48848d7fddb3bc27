"""The front page of the console: each app contributes what it knows, in `figures.py`; this file knows none of them.

A template of a part lies in `templates/admin/front_page/` and is one `<div class="module summary" id="summary-NAME">`,
laid out by `callme_site/static/callme/front_page.css`; its tests are in `callme_site/tests/test_front_page.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

Figures = Callable[[HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """A part of the page: its template, who may see it, and what returns its template's variables."""

    template: str
    permission: str
    place: int
    figures: Figures


parts: list[Part] = []


def front_page_part(template: str, *, permission: str, place: int) -> Callable[[Figures], Figures]:
    """Show what the function returns on the front page, to whoever has the permission; the lowest place is on top."""

    def contribute(figures: Figures) -> Figures:
        parts.append(Part(template, permission, place, figures))
        parts.sort(key=lambda part: part.place)
        return figures

    return contribute
