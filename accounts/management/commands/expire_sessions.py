from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import AccessToken, Session
from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence


class Command(Job):
    help = gettext_lazy("Delete the sessions that are past their hour, and the access tokens that have ended.")
    every = timedelta(minutes=10)

    def run(self, **options: Any) -> Sentence:
        AccessToken.objects.expire()
        count = {"count": Session.objects.expire()}
        return Sentence("%(count)d session expired.", count, "%(count)d sessions expired.")
