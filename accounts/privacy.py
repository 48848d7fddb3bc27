"""What is known of people, for how long, and how it is forgotten: each app contributes its part in its `privacy.py`.

docs/privacy.md says the same to people, `check_privacy` proves it, and `forget_person` does what somebody asked for.
Nothing here tells an openid or its hash: what is found is counted.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts import openids
from accounts.management.commands.clearsessions import Command as ClearSessions
from accounts.management.commands.expire_sessions import Command as ExpireSessions
from accounts.models import AccessToken, Person, Session
from callme_site.models import JobRun
from callme_site.operation.jobs import Job
from callme_site.sentences import Sentence, stored
from callme_site.storage.retries import retried
from callme_site.storage.versions import EVERYTHING, changing

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=5)  # for which a job that cron has started may run


class MayNotForget(Exception):
    """The person has to be freed of something first; its argument is the Sentence that says of what."""


@dataclass(frozen=True)
class Kept:
    """Rows of one kind: what they are called, which table has them, and what holds of those that should be gone."""

    rows: Sentence
    model: type[Model]
    overdue: Callable[[], Q]
    openid: str = ""  # the column in which an openid is kept, encrypted (accounts/openids.py); then that has to go

    def all(self) -> QuerySet:
        """Return the rows, of a column of openids those that have one."""
        rows = self.model._base_manager.all()
        return rows.exclude(**{self.openid: openids.NONE}) if self.openid else rows

    def findings(self) -> Iterator[Sentence]:
        """Yield what is kept and should not be."""
        if count := self.all().filter(self.overdue()).count():
            yield Sentence("Kept too long: %(count)d of the %(rows)s.", {"count": count, "rows": self.rows})
        if not self.openid:
            return
        if not settings.OPENID_KEYS:
            if count := self.all().count():
                facts = {"count": count, "rows": self.rows}
                yield Sentence("Kept though OPENID_KEYS is empty: %(count)d of the %(rows)s.", facts)
            return
        every = self.all().values_list(self.openid, flat=True).iterator()
        if count := sum(openids.decrypted(openid) is None for openid in every):
            facts = {"count": count, "rows": self.rows}
            yield Sentence("Kept under none of the present OPENID_KEYS: %(count)d of the %(rows)s.", facts)


Forgets = Callable[[Person], Iterator[Sentence]]

kept: list[Kept] = []  # what each app keeps for a time
forgetting: list[Forgets] = []


def forgets(part: Forgets) -> Forgets:
    """Contribute what forgets an app's part of a person, and yields what that was; also a decorator.

    It raises MayNotForget, or else leaves no row that leads to the person.
    """
    forgetting.append(part)
    return part


def before(job: type[Job]) -> datetime:
    """Return since when what ended has been deleted by that job of the crontab, even where its last run was long."""
    return timezone.now() - job.every - GRACE


def findings() -> list[Sentence]:
    """Return all that is kept and should be gone; none is the proof."""
    return [finding for rows in kept for finding in rows.findings()]


@retried
def forget(pk: int, *, dry_run: bool = False) -> list[Sentence]:
    """Forget the person of that id, in one transaction, and return what that was; a record of it stays.

    Raises Person.DoesNotExist, MayNotForget. A `dry_run` takes back what it has done.
    """
    with changing(EVERYTHING), transaction.atomic():
        # Before the orders, and not in the order of locks: whoever binds one to the person waits here for the end, and
        # finds that there is no such person. A deadlock is tried again.
        person = Person.objects.select_for_update().get(pk=pk)
        # The highest app was the last to contribute, and what hangs on other rows has to go first.
        done = [sentence for part in reversed(forgetting) for sentence in part(person)]
        person.delete()
        told = [Sentence("Person %(id)s was forgotten.", {"id": pk}), *done]
        now = timezone.now()
        JobRun.objects.create(name="forget_person", started_at=now, ended_at=now, ok=True, said=stored(told))
        transaction.set_rollback(dry_run)
    if not dry_run:
        logger.info("person_forgotten person=%s", pk)
    return done


def sessions_overdue() -> Q:
    """Return what holds of the sessions that expire_sessions should have deleted."""
    ended = before(ExpireSessions) - timedelta(minutes=settings.SESSION_MINUTES)
    _after, until = Session.objects.alive()
    return Q(started_at__lte=ended) | Q(started_at__gt=until)


def wrong_passwords_overdue() -> Q:
    return Q(attempt_time__lte=before(ClearSessions) - settings.AXES_COOLOFF_TIME)


kept += [
    Kept(Sentence("sessions of phones"), Session, sessions_overdue),
    Kept(Sentence("openids of sessions"), Session, sessions_overdue, openid="openid"),
    Kept(Sentence("access tokens"), AccessToken, lambda: Q(ends_at__lte=before(ExpireSessions))),
    Kept(
        Sentence("browsers' sessions of the admin"),
        BrowserSession,
        lambda: Q(expire_date__lte=before(ClearSessions)),
    ),
    Kept(Sentence("wrong passwords"), AccessAttempt, wrong_passwords_overdue),
]


@forgets
def of_person(person: Person) -> Iterator[Sentence]:
    """Forget the sessions, and the openids with them."""
    if person.staff_user:
        facts = {"username": person.staff_user.username}
        raise MayNotForget(
            Sentence("It is the WeChat person of the staff user “%(username)s”: take that away first.", facts)
        )
    if count := person.sessions.all().delete()[0]:
        yield Sentence("%(count)d session ended.", {"count": count}, "%(count)d sessions ended.")
