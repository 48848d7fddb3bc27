from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence
from queueing.models import Order
from queueing.uncollected import close_uncollected


class Command(Job):
    help = gettext_lazy(
        "Close the orders older than STALE_ORDER_HOURS (12), and those called UNCOLLECTED_CLOSE_MINUTES (60) ago: their"
        " numbers come back."
    )
    every = timedelta(minutes=5)

    def run(self, **options: Any) -> Sentence:
        count = {"count": close_uncollected() + Order.objects.close_stale()}
        return Sentence("%(count)d order closed.", count, "%(count)d orders closed.")
