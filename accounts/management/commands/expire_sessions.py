from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Session
from callme_site.jobs import Job


class Command(Job):
    help = gettext_lazy("Delete the sessions that are past their hour.")
    every = timedelta(minutes=10)

    def run(self, **options: Any) -> str:
        expired = Session.objects.expire()
        return ngettext("%(count)d session expired.", "%(count)d sessions expired.", expired) % {"count": expired}
