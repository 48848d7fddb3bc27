from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from callme_site.jobs import Job
from sellers.models import Seller


class Command(Job):
    help = gettext_lazy("Charge each seller the months that are due today and were not charged yet.")
    every = timedelta(days=1)

    def run(self, **options: Any) -> str:
        charged = Seller.objects.charge_due()
        return ngettext("%(count)d month charged.", "%(count)d months charged.", charged) % {"count": charged}
