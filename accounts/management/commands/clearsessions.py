from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext_lazy

from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence


class Command(Job):
    """Takes the place of Django's command of that name, which leaves no record."""

    help = gettext_lazy("Delete the browsers' sessions of the admin that have expired.")
    every = timedelta(days=1)

    def run(self, **options: Any) -> Sentence:
        count = {"count": Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]}
        return Sentence("%(count)d session of a browser deleted.", count, "%(count)d sessions of browsers deleted.")
