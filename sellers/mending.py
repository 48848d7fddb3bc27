"""A telephone number that staff mistyped is mended as long as nobody has signed up with it."""

from django.contrib.auth.models import User
from django.db import transaction

from callme_site.console.history import write_history
from callme_site.sentences import Sentence
from callme_site.storage.retries import retried
from callme_site.storage.versions import SELLERS, changing
from sellers.models import Seller, sign_up_end


def can_be_mended(seller: Seller) -> bool:
    """Return whether nobody has signed up for the seller so far."""
    return seller.person_id is None and not seller.unbindings.exists()


@retried
@changing(SELLERS)
def mend_telephone(pk: int, telephone: str, *, staff_user: User) -> bool:
    """Give the seller its right number and open it for sign-up, as if just registered; return whether that was done.

    Raises IntegrityError where another seller has that number.
    """
    with transaction.atomic():
        seller = Seller.objects.select_for_update().get(pk=pk)
        if not can_be_mended(seller):
            return False
        Seller.objects.filter(pk=pk).update(telephone=telephone, sign_up_until=sign_up_end())
        facts = {"before": seller.telephone, "after": telephone}
        write_history(staff_user, [seller], Sentence("Mended the telephone from %(before)s to %(after)s.", facts))
    return True
