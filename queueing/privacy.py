"""What orders tell of a person, for how long they are kept, and how they forget it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from accounts import privacy
from accounts.models import Person
from callme_site.models import JobRun
from callme_site.sentences import Sentence
from queueing.management.commands.prune_history import Command as PruneHistory
from queueing.models import Order
from queueing.states import Message
from sellers.guesses import HOUR, WrongTelephones


def history() -> datetime:
    """Return what prune_history has left no older history than."""
    return privacy.before(PruneHistory) - timedelta(days=settings.HISTORY_DAYS)


privacy.kept += [
    privacy.Kept(Sentence("closed orders"), Order, lambda: Q(closed_at__lte=history())),
    privacy.Kept(
        Sentence("openids of orders"),
        Order,
        lambda: Q(closed_at__isnull=False) | ~Q(message__in=[Message.WANTED, Message.DUE, Message.SENDING]),
        openid="openid",
    ),
    privacy.Kept(Sentence("job runs"), JobRun, lambda: Q(started_at__lte=history())),
    # Deleted by the same job.
    privacy.Kept(
        Sentence("records of wrong telephone numbers"),
        WrongTelephones,
        lambda: Q(last_at__lte=privacy.before(PruneHistory) - HOUR),
    ),
]


@privacy.forgets
def of_person(person: Person) -> Iterator[Sentence]:
    """Take buyer and note from its orders; a live one ends as by staff, and its number is free again."""
    orders = Order.objects.filter(buyer=person)
    if count := orders.close(Order.Ending.STAFF):
        yield Sentence("%(count)d live order ended.", {"count": count}, "%(count)d live orders ended.")
    if count := orders.update(buyer=None, note="", openid=""):
        yield Sentence(
            "%(count)d order without buyer and note now.",
            {"count": count},
            "%(count)d orders without buyer and note now.",
        )
