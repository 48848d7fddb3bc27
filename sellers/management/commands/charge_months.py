from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from callme_site.operation.jobs import Job, Unfinished
from callme_site.sentences import Sentence
from sellers.models import ChargesFailed, Seller


class Command(Job):
    help = gettext_lazy("Charge each seller the months that are due today and were not charged yet.")
    every = timedelta(days=1)

    def run(self, **options: Any) -> Sentence:
        try:
            charged = Seller.objects.charge_due()
        except ChargesFailed as error:
            failed, charged = error.args
            sentence = Sentence(
                "%(failed)d seller could not be charged; the others were, %(charged)d months in all.",
                {"failed": failed, "charged": charged},
                "%(failed)d sellers could not be charged; the others were, %(charged)d months in all.",
            )
            raise Unfinished(sentence) from None
        return Sentence("%(count)d month charged.", {"count": charged}, "%(count)d months charged.")
