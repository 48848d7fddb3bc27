from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import Session
from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence


class Command(Job):
    help = gettext_lazy("Delete the sessions that are past their hour.")
    every = timedelta(minutes=10)

    def run(self, **options: Any) -> Sentence:
        count = {"count": Session.objects.expire()}
        return Sentence("%(count)d session expired.", count, "%(count)d sessions expired.")
