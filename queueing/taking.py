"""How a stall takes a number: the lowest that is free and has rested, and each number once, whatever its hands do."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Aggregate, Case, CharField, Subquery, When
from django.db.models.functions import Cast
from django.utils import timezone

from callme_site.storage import retries, versions
from callme_site.storage.retries import retried
from callme_site.storage.statements import Insert, Select
from callme_site.storage.versions import changing, orders_of
from queueing import claims
from queueing.claims import CLAIM
from queueing.models import NUMBERS, Order
from queueing.parameters import NOW, NUMBER, SELLER, SINCE
from sellers.models import NoMonthsLeft, Paused, Seller


class NoNumberLeft(Exception):
    """The seller has all its numbers out."""


class Taken(NamedTuple):
    """A number that a stall has taken, and its claim, "" where the stall asks for none."""

    number: int
    claim: str


class Joined(Aggregate):
    """The values of all rows in one text, with commas between: one for a row would cost Python more than the look."""

    function = "GROUP_CONCAT"
    output_field = CharField()


def flag(**condition: Any) -> Case:
    """Return 1 where that holds, else 0: a truth value would be converted in Python."""
    return Case(When(**condition, then=1), default=0)


def pool() -> models.QuerySet:
    """Return the numbers that the seller has out, NULL for none, and whether it is paused and asks for proof.

    No row where it may do no business.
    """
    out = Order.objects.live().filter(seller=SELLER).order_by().values("seller").values_list(Joined("live_number"))
    open_one = Seller.objects.open().filter(pk=SELLER)
    return open_one.values_list(Subquery(out), flag(paused_until__gt=NOW), flag(proof=True))


def resting() -> models.QuerySet:
    """Return the seller's numbers that have ended since then, the last first, each with its time as a text.

    Of more than the pool has, the rest have rested longer than all of these. A time as such would cost Python more
    than all else; as the database's own text it can be compared, and sent back.
    """
    ended = Order.objects.filter(seller=SELLER, closed_at__gt=SINCE).order_by("-closed_at")
    return ended.values_list("number", Cast("closed_at", CharField()))[: len(NUMBERS)]


POOL = Select(pool)
RESTING = Select(resting)
ENDED_SINCE = Select(
    lambda: Order.objects.filter(seller=SELLER, number=NUMBER, closed_at__gt=SINCE).values_list("number")
)
TAKE = Insert(lambda: Order(seller_id=SELLER, number=NUMBER, live_number=NUMBER, taken_at=NOW, claim=CLAIM))


def take(seller: Seller) -> Taken:
    """Take a number for the seller; raises NoMonthsLeft, Paused, NoNumberLeft."""
    before = versions.current(orders_of(seller.pk))
    with changing(orders_of(seller.pk)):
        try:
            return take_lowest(seller, before)
        except DatabaseError as error:
            if connection.in_atomic_block or not retries.is_conflict(error):
                raise
        return take_in_turn(seller)


@retried
def take_in_turn(seller: Seller) -> Taken:
    """Take a number behind the other hands of that stall that have found theirs taken, lest they collide again."""
    with transaction.atomic():
        Seller.objects.select_for_update().only("pk").get(pk=seller.pk)
        while True:
            try:
                with transaction.atomic():
                    return take_lowest(seller)
            except IntegrityError as error:
                # A hand that has only just come has taken it, and has its number; so this ends.
                if not retries.is_conflict(error):
                    raise


def take_lowest(seller: Seller, before: versions.Version | None = None) -> Taken:
    """Take the lowest number that is free and has rested REST_MINUTES, or the one that has rested longest.

    Somebody else who takes it at the same time is a conflict. `before`: the version of the seller's orders before this
    was announced, where it was.
    """
    rest = timedelta(minutes=settings.REST_MINUTES)
    while True:
        now = timezone.now()
        found = POOL.row(seller=seller.pk, now=now)
        if found is None:
            raise NoMonthsLeft
        out, paused, proof = found
        if paused:
            raise Paused
        taken = set(map(int, out.split(","))) if out else set()
        free = [number for number in NUMBERS if number not in taken]
        if not free:
            raise NoNumberLeft
        number, ended_at = lowest_of(free, seller, now - rest) if rest else (free[0], None)
        claim = claims.new_claim() if proof else claims.NONE
        TAKE.run(seller=seller.pk, number=number, now=now, claim=claim)
        # Another hand may have taken it meanwhile, and ended it. Who has it now is told nobody yet.
        known = {"seller": seller.pk, "number": number, "since": ended_at or now - rest}
        if not rest or versions.nobody_else_since(before) or ENDED_SINCE.row(**known) is None:
            return Taken(number, claim)
        Order.objects.of_number(seller.pk, number).filter(buyer=None).delete()


def lowest_of(free: list[int], seller: Seller, since: datetime) -> tuple[int, str | None]:
    """Return the lowest of these that has rested since then, or the one that has rested longest and when it ended."""
    resting = dict(reversed(RESTING.rows(seller=seller.pk, since=since)))
    for number in free:
        if number not in resting:
            return number, None
    number = min(free, key=resting.__getitem__)
    return number, resting[number]
