"""What all jobs of the crontab have in common: each is a command, and each run leaves a JobRun."""

from datetime import timedelta
from typing import Any

from callme_site.commands import Command
from callme_site.models import JobRun


class Job(Command):
    """A command whose `run` does the work and returns, in a sentence, what it did.

    django-crontab 0.7.1 ends with status 0 whatever the job did, so the JobRun is where a failure shows.
    """

    every: timedelta  # how often crontab starts it: who looks at the last run has to know when the next was due

    def run(self, **options: Any) -> str:
        raise NotImplementedError

    def handle(self, **options: Any) -> str:
        record = JobRun.objects.create(name=type(self).__module__.rsplit(".", 1)[-1])
        try:
            said = str(self.run(**options))
        except BaseException as error:
            # The class alone: a message may quote a row, and the traceback goes to cron's mail.
            record.end(ok=False, said=type(error).__name__)
            raise
        record.end(ok=True, said=said)
        return said
