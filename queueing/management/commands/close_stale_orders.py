from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from callme_site.jobs import Job
from queueing.models import Order


class Command(Job):
    help = gettext_lazy("End the orders older than STALE_ORDER_HOURS (12), so that abandoned numbers come back.")
    every = timedelta(hours=1)

    def run(self, **options: Any) -> str:
        closed = Order.objects.close_stale()
        return ngettext("%(count)d order closed.", "%(count)d orders closed.", closed) % {"count": closed}
