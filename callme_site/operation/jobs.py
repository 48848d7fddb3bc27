"""What all jobs of the crontab have in common: each is a command, and each run leaves a JobRun."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils.functional import Promise

from callme_site.models import JobRun
from callme_site.operation.commands import Command
from callme_site.sentences import Sentence


class Unfinished(CommandError):
    """A job that has done what it could, and could not do all; its sentence quotes no row, and says how much."""


class Job(Command):
    """A command whose `run` does the work and returns, as a sentence, what it did.

    django-crontab 0.7.1 ends with status 0 whatever the job did, so the JobRun is where a failure shows.
    """

    help: str | Promise  # said again, as mypy asks the base class alone, and beyond it Django's BaseCommand
    every: timedelta  # how often crontab starts it: who looks at the last run has to know when the next was due

    def run(self, *args: Any, **options: Any) -> Sentence:
        raise NotImplementedError

    def handle(self, **options: Any) -> str:
        record = JobRun.objects.create(name=type(self).__module__.rsplit(".", 1)[-1])
        try:
            sentence = self.run(**options)
        except BaseException as error:
            # The class alone: a message may quote a row, and the traceback goes to cron's mail.
            record.end(ok=False, said=error.args[0].stored() if isinstance(error, Unfinished) else type(error).__name__)
            raise
        record.end(ok=True, said=sentence.stored())
        return str(sentence)
