"""The figures of the admin's front page: sellers, today's orders and their waiting times, and the crontab's jobs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db.models import Count, F, Max, Q, QuerySet, TextChoices, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callme_site.days import at_midnight
from callme_site.models import JobRun
from queueing.models import Order
from sellers.models import Seller


@dataclass(frozen=True)
class SellerFigures:
    """How many sellers are on duty, out of duty, and due soon."""

    on_duty: int
    out_of_duty: int
    due_soon: int


def seller_figures() -> SellerFigures:
    """Count the sellers, each number by the rule of the list that it leads to."""
    return SellerFigures(
        **Seller.objects.aggregate(
            on_duty=Count("pk", filter=Q(pk__in=Seller.objects.on_duty())),
            out_of_duty=Count("pk", filter=Q(pk__in=Seller.objects.out_of_duty())),
            due_soon=Count("pk", filter=Q(pk__in=Seller.objects.due_soon())),
        )
    )


@dataclass(frozen=True)
class DayFigures:
    """A day's orders by the hour in which the number was taken, and how long half and nine in ten of them waited."""

    hours: list[int]
    p50: timedelta | None
    p90: timedelta | None

    @property
    def orders(self) -> int:
        return sum(self.hours)


def day_figures(day: date) -> DayFigures:
    """Count the orders of a day, reading no other day's, in two statements."""
    # The edges are ours: MariaDB knows no time zone by name until somebody loads its tables.
    edges = [timezone.make_aware(datetime.combine(day, time(hour))) for hour in range(24)]
    edges.append(at_midnight(day + timedelta(days=1)))
    taken = Order.objects.filter(taken_at__gte=edges[0], taken_at__lt=edges[-1])
    waited = Q(bound_at__isnull=False, called_at__isnull=False)
    counts = taken.aggregate(
        waited=Count("pk", filter=waited),
        **{
            f"hour{hour}": Count("pk", filter=Q(taken_at__gte=begin, taken_at__lt=end))
            for hour, (begin, end) in enumerate(pairwise(edges))
        },
    )
    p50, p90 = percentiles(taken.filter(waited), counts["waited"], 50, 90)
    return DayFigures([counts[f"hour{hour}"] for hour in range(24)], p50, p90)


def percentiles(orders: QuerySet[Order], count: int, *percents: int) -> list[timedelta | None]:
    """Return the waiting time that so many percent of the orders, `count` in all, did not exceed (nearest rank)."""
    if not count:
        return [None] * len(percents)
    ranks = [-(-count * percent // 100) for percent in percents]
    ranked = orders.annotate(wait=F("called_at") - F("bound_at"), place=Window(RowNumber(), order_by="wait"))
    waits = dict(ranked.filter(place__in=ranks).values_list("place", "wait"))
    # Who bound a number that was called already has not waited.
    return [max(waits[rank], timedelta(0)) for rank in ranks]


def in_words(wait: timedelta | None) -> str:
    """Return a waiting time in minutes and seconds."""
    if wait is None:
        return "–"
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    if not minutes:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}


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


def job_figures() -> list[JobFigures]:
    """Return the jobs of the crontab in its order, each with its last run, in two statements."""
    names = list(dict.fromkeys(args[0] for _times, _function, args in settings.CRONJOBS))
    runs = JobRun.objects.order_by("pk")
    started = runs.filter(name__in=names).order_by().values_list("name").annotate(Max("started_at"))
    newest = Q(pk__in=[])
    for name, started_at in started:
        newest |= Q(name=name, started_at=started_at)
    last = {run.name: run for run in runs.filter(newest)}
    commands = {name: load_command_class(get_commands()[name], name) for name in names}
    return [JobFigures(name, command.help, command.every, last.get(name)) for name, command in commands.items()]
