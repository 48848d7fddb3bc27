"""How the crontab's jobs are, for the console's front page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db.models import Max, Q, TextChoices
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callme_site.console.front_page import front_page_part
from callme_site.models import JobRun
from callme_site.operation.jobs import Job


class JobState(TextChoices):
    """What the last run of a job tells of it."""

    FINE = "fine", _("fine")
    RUNNING = "running", _("running")
    FAILED = "failed", _("failed")
    HANGS = "hangs", _("hangs")
    LATE = "late", _("late")
    NEVER = "never", _("never ran")


@dataclass(frozen=True)
class JobFigures:
    """A job of the crontab and its last run."""

    name: str
    purpose: str
    every: timedelta
    run: JobRun | None

    @property
    def state(self) -> JobState:
        if self.run is None:
            return JobState.NEVER
        age = timezone.now() - self.run.started_at
        if self.run.ok is None:
            return JobState.HANGS if age > self.every else JobState.RUNNING
        if not self.run.ok:
            return JobState.FAILED
        return JobState.LATE if age > 2 * self.every else JobState.FINE

    @property
    def is_well(self) -> bool:
        return self.state in (JobState.FINE, JobState.RUNNING)

    @property
    def ago(self) -> str:
        """How long ago the last run started, in words."""
        if self.run is None:
            return ""
        if timezone.now() - self.run.started_at < timedelta(minutes=1):
            return gettext("just now")
        return gettext("%(ago)s ago") % {"ago": timesince(self.run.started_at)}


def job(name: str) -> Job:
    """Return the command of that name, which is a job."""
    return cast(Job, load_command_class(get_commands()[name], name))


def job_figures() -> list[JobFigures]:
    """Return the jobs of the crontab in its order, each with its last run, in two statements."""
    names = list(dict.fromkeys(args[0] for _times, _function, args in settings.CRONJOBS))
    runs = JobRun.objects.order_by("pk")
    started = runs.filter(name__in=names).order_by().values_list("name").annotate(Max("started_at"))
    newest = Q(pk__in=[])
    for name, started_at in started:
        newest |= Q(name=name, started_at=started_at)
    last = {run.name: run for run in runs.filter(newest)}
    commands = {name: job(name) for name in names}
    return [JobFigures(name, str(command.help), command.every, last.get(name)) for name, command in commands.items()]


@front_page_part("admin/front_page/jobs.html", permission="callme_site.view_jobrun", place=4)
def jobs_part(request: HttpRequest) -> dict[str, Any]:
    """Return the jobs."""
    return {"jobs": job_figures()}
