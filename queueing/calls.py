"""Calls of several numbers at once, as a stall makes when several bowls leave one wok."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from callme_site.storage.retries import retried
from callme_site.storage.statements import Parameter, Select, Update
from callme_site.storage.versions import changing, orders_of
from queueing.models import NUMBERS, Order, OrderQuerySet
from queueing.parameters import NOW, SELLER
from queueing.steps import CALLED_NOW

# As many as a stall has numbers; of fewer, some are given more than once.
SEVERAL: list[Any] = [Parameter(f"number_{place}", models.BigIntegerField()) for place in NUMBERS]


def several_orders() -> OrderQuerySet:
    return Order.objects.filter(seller=SELLER, live_number__in=SEVERAL)


CALL_SEVERAL = Update(lambda: (several_orders(), CALLED_NOW))
# Of several orders, not one that another hand has taken since.
JUST_CALLED = Select(lambda: several_orders().filter(last_called_at=NOW).values_list("live_number"))


@retried
def call_several(seller: int, numbers: Sequence[int]) -> set[int]:
    """Mark the live ones of these numbers, of which there is one at least, ready; return which these are."""
    places = {parameter.name: number for parameter, number in zip(SEVERAL, cycle(numbers), strict=False)}
    values = {"seller": seller, "now": timezone.now(), **places}
    with changing(orders_of(seller)), transaction.atomic():
        if CALL_SEVERAL.run(**values) == len(set(numbers)):
            return set(numbers)
        # What was called is locked until the COMMIT, so it is still live.
        return {number for (number,) in JUST_CALLED.rows(**values)}
