"""Figures at the top of a row's page and on the front page; a higher app contributes its own, as it does columns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model


@dataclass(frozen=True)
class Figure:
    """A number or a time, what it tells, and the list that it leads to; "" where it leads nowhere."""

    value: int | str
    words: str
    url: str = ""


@dataclass(frozen=True)
class RowFigures:
    """What is told of a row, to whoever has the permission."""

    permission: str
    of: Callable[[Any], list[Figure]]


def figures_for(user: User | AnonymousUser, contributed: tuple[RowFigures, ...], row: Model) -> list[Figure]:
    """Return the figures of a row that the user may see."""
    return [figure for figures in contributed if user.has_perm(figures.permission) for figure in figures.of(row)]
