"""What WeChat's checks of texts have to know of orders."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.text_checks import Kind, Place, places
from callme_site.storage.retries import retried
from callme_site.storage.versions import changing, orders_of
from queueing.models import Order


@retried
def hide(pk: int, note: str) -> bool:
    """Hide the order's note from all but its student if it is still the one that was checked; return whether it is.

    Compared in Python, while the row is locked: to the databases' collations, more texts are the same.
    """
    seller = Order.objects.filter(pk=pk).values_list("seller", flat=True).first()
    if seller is None:
        return False
    with changing(orders_of(seller)), transaction.atomic():
        order = Order.objects.select_for_update().only("note").filter(pk=pk).first()
        if order is None or order.note != note:
            return False
        Order.objects.filter(pk=pk, seller=seller).update(note_hidden=True)
    return True


def rows(pks: Collection[int]) -> dict[int, Order]:
    return Order.objects.select_related("seller").in_bulk(pks)


def named(order: Any) -> str:
    return f"{order.seller} {order.number}"


places[Kind.NOTE] = Place("buyer", 2, hide, rows, named)
