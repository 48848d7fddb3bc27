from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from accounts import privacy
from callme_site.operation.jobs import Job, Unfinished
from callme_site.sentences import Sentence


class Command(Job):
    help = gettext_lazy("Prove that nothing is kept of people for longer than it may be; exit status 1 where it is.")
    every = timedelta(days=1)

    def run(self, **options: Any) -> Sentence:
        findings = privacy.findings()
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise Unfinished(
                Sentence(
                    "%(count)d kind of data is kept that should be gone: “manage.py check_privacy” says which.",
                    {"count": len(findings)},
                    "%(count)d kinds of data are kept that should be gone: “manage.py check_privacy” says which.",
                )
            )
        return Sentence("Nothing is kept of people for longer than it may be.")
