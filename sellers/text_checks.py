"""What WeChat's checks of texts have to know of sellers."""

from collections.abc import Collection
from functools import partial

from django.db import transaction

from accounts.text_checks import Place, places
from accounts.texts import parts
from callme_site.storage.retries import retried
from callme_site.storage.versions import SELLERS, changing
from sellers.models import Seller
from sellers.texts import TEXTS, flag


@retried
@changing(SELLERS)
def hide(column: str, pk: int, text: str) -> bool:
    """Hide the seller's text in that column from others if what was checked still stands there; return whether it does.

    Compared in Python, while the row is locked: to the databases' collations, more texts are the same.
    """
    with transaction.atomic():
        seller = Seller.objects.select_for_update().filter(pk=pk).first()
        if seller is None or text not in parts(getattr(seller, column)):
            return False
        Seller.objects.filter(pk=pk).update(**{flag(column): True})
    return True


def rows(pks: Collection[int]) -> dict[int, Seller]:
    return Seller.objects.in_bulk(pks)


for column in TEXTS:
    places[column] = Place("seller", 1, partial(hide, column), rows, str)
