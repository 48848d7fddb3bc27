from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.jobs import Job
from callme_site.models import JobRun
from queueing.models import Order


class Command(Job):
    help = gettext_lazy("Delete closed orders and job runs older than HISTORY_DAYS (400), in batches.")
    every = timedelta(days=1)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=gettext_lazy("Only count them."))

    def run(self, *, dry_run: bool, **options: Any) -> str:
        before = timezone.now() - timedelta(days=settings.HISTORY_DAYS)
        runs = JobRun.objects.filter(started_at__lt=before)
        if dry_run:
            counts = {"orders": Order.objects.prunable(before).count(), "runs": runs.count()}
            return _("%(orders)d orders and %(runs)d job runs would be deleted.") % counts
        counts = {"orders": sum(Order.objects.prune(before)), "runs": runs.delete()[0]}
        return _("%(orders)d orders and %(runs)d job runs deleted.") % counts
