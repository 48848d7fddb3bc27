from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext_lazy

from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence


class Command(Job):
    """Takes the place of Django's command of that name, which leaves no record."""

    help = gettext_lazy(
        "Delete the browsers' sessions of the admin that have expired, and the wrong passwords that no longer count."
    )
    every = timedelta(days=1)

    def run(self, **options: Any) -> Sentence:
        # axes itself does so at the next login, whenever that is.
        AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
        count = {"count": Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]}
        return Sentence("%(count)d session of a browser deleted.", count, "%(count)d sessions of browsers deleted.")
