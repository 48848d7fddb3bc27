"""What an order's state is, is the same for a list that asks the database and for a page that has the order."""

from itertools import product

import pytest
from django.utils import timezone
from django.utils.translation import override

from callme_site.testing.announced import unannounced
from queueing.models import LIVE, Order, has_live_number

NOW = timezone.now()
STATES = {
    (False, False, False): "taken",
    (True, False, False): "bound",
    (False, True, False): "called",  # the stall has called a number that nobody has bound
    (True, True, False): "called",
}


@pytest.mark.parametrize("had", list(product([False, True], repeat=3)))
def test_an_order_is_in_the_last_state_whose_time_it_has(noodles, had):
    bound, called, closed = had
    with unannounced():
        order = Order.objects.create(
            seller=noodles,
            number=1,
            bound_at=NOW if bound else None,
            called_at=NOW if called else None,
            **({"closed_at": NOW, "ending": "collected"} if closed else {"live_number": 1}),
        )
    state = STATES.get(had, "closed")
    assert [value for value in Order.State if Order.objects.filter(value.condition)] == [state]
    with override("en"):
        assert order.state == ("collected" if closed else state)
    live = Order.objects.filter(LIVE).exists()
    assert live == Order.objects.filter(has_live_number()).exists() == (not closed)
