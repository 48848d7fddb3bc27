from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.models import JobRun
from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence
from queueing.models import Order
from sellers.guesses import WrongTelephones


class Command(Job):
    help = gettext_lazy("Delete closed orders and job runs older than HISTORY_DAYS (400), in batches.")
    every = timedelta(days=1)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=_("Only count them."))

    def handle(self, *, dry_run: bool = False, **options: Any) -> str:
        if not dry_run:
            return super().handle(**options)
        # No run of the job, and on record as none: what is not deleted would look as if it were.
        counts = {"orders": Order.objects.prunable(self.before).count(), "runs": self.old_runs().count()}
        return _("%(orders)d orders and %(runs)d job runs would be deleted.") % counts

    def run(self, **options: Any) -> Sentence:
        WrongTelephones.objects.prune()
        counts = {"orders": sum(Order.objects.prune(self.before)), "runs": self.old_runs().delete()[0]}
        return Sentence("%(orders)d orders and %(runs)d job runs deleted.", counts)

    @cached_property
    def before(self) -> datetime:
        return timezone.now() - timedelta(days=settings.HISTORY_DAYS)

    def old_runs(self) -> QuerySet[JobRun]:
        return JobRun.objects.filter(started_at__lt=self.before)
