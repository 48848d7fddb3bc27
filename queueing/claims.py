"""Proof of holding: four digits of an order that whoever binds its number has to know, where the stall asks for that.

A stall that does shows them on its screen or says them with the number. `push` counts a wrong guess before it compares
anything that could bind, so that guesses sent side by side cannot be more than MOST either.
"""

import secrets

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Least

from callme_site.storage.statements import Parameter

CLAIM = Parameter("claim", CharField())
MOST = 5  # wrong claims after which the right one is refused as well, until the stall shows it again
NONE = ""  # the claim of an order that needs none, and of one that has ended

FITS = Q(claim=NONE) | Q(claim=CLAIM, wrong_claims__lt=MOST)
WRONG = ~Q(claim=NONE) & (~Q(claim=CLAIM) | Q(wrong_claims__gte=MOST))
ONE_MORE = Least(F("wrong_claims") + 1, Value(MOST))


def new_claim() -> str:
    """Return four random digits."""
    return f"{secrets.randbelow(10_000):04}"
