"""Links from a row's page to what else is known of it; a higher app contributes its own, as it does columns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model
from django.utils.functional import Promise


@dataclass(frozen=True)
class Link:
    """Where a row's page leads, for whoever has the permission; nowhere where the address is ""."""

    label: str | Promise
    permission: str
    address: Callable[[Any], str]


def links_for(user: User | AnonymousUser, links: tuple[Link, ...], row: Model) -> list[tuple[str, str]]:
    """Return labels and addresses of those that lead the user somewhere."""
    found = [(str(link.label), link.address(row)) for link in links if user.has_perm(link.permission)]
    return [(label, address) for label, address in found if address]
