"""How a stall takes a number: the lowest that is free and has rested, and each number once, whatever its hands do."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Aggregate, CharField, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from callme_site.storage import retries, versions
from callme_site.storage.caches import Cache
from callme_site.storage.moments import as_text
from callme_site.storage.retries import retried
from callme_site.storage.statements import Insert, Select, rows_together
from callme_site.storage.versions import SELLERS, orders_of
from queueing import claims, live
from queueing.claims import CLAIM
from queueing.live import LiveNumbers, live_numbers
from queueing.models import NUMBERS, Order, flag
from queueing.parameters import NOW, NUMBER, SELLER, SINCE
from sellers.models import NoMonthsLeft, Paused, Seller


class NoNumberLeft(Exception):
    """The seller has all its numbers out."""


class Taken(NamedTuple):
    """A number that a stall has taken, its claim, "" where the stall asks for none, when, and what was looked at."""

    number: int
    claim: str
    at: datetime
    known: LiveNumbers | None
    ends: dict[int, str]

    def told(self, known: LiveNumbers) -> LiveNumbers | None:
        """Return what is known of the live numbers now, if that is what was known before."""
        return known.taken(self.number, self.at, self.ends if known is self.known else None)


class Terms(NamedTuple):
    """Until when a stall that may do business is paused, as the database's text, and whether it asks for proof."""

    paused_until: str | None
    proof: int


class Joined(Aggregate):
    """The values of all rows in one text, with commas between: one for a row would cost Python more than the look."""

    function = "GROUP_CONCAT"
    output_field = CharField()


def pool() -> models.QuerySet:
    """Return the numbers that the seller has out, NULL for none, and its Terms; no row where it may do no business."""
    out = Order.objects.live().filter(seller=SELLER).order_by().values("seller").values_list(Joined("live_number"))
    open_one = Seller.objects.open().filter(pk=SELLER)
    return open_one.values_list(Subquery(out), Cast("paused_until", CharField()), flag(proof=True))


def resting() -> models.QuerySet:
    """Return the seller's numbers that have ended since then, the last first, each with its time as a text.

    Of more than the pool has, the rest have rested longer than all of these, or as long and are lower. A time as such
    would cost Python more than all else; as the database's own text it can be compared, and sent back.
    """
    ended = Order.objects.filter(seller=SELLER, closed_at__gt=SINCE).order_by("-closed_at", "-number")
    return ended.values_list("number", Cast("closed_at", CharField()))[: len(NUMBERS)]


POOL = Select(pool)
RESTING = Select(resting)
ENDED_SINCE = Select(
    lambda: Order.objects.filter(seller=SELLER, number=NUMBER, closed_at__gt=SINCE).values_list("number")
)
TAKE = Insert(lambda: Order(seller_id=SELLER, number=NUMBER, live_number=NUMBER, taken_at=NOW, claim=CLAIM))


# By seller.
kept_terms: Cache[Terms] = Cache(most=10_000)


def take(seller: Seller) -> Taken:
    """Take a number for the seller; raises NoMonthsLeft, Paused, NoNumberLeft."""
    before = versions.current(orders_of(seller.pk))
    with live.changing(seller.pk) as changed:
        kept = live_numbers.followed(seller.pk)
        try:
            taken = take_lowest(seller, before, kept and kept[1])
        except DatabaseError as error:
            if connection.in_atomic_block or not retries.is_conflict(error):
                raise
            taken = take_in_turn(seller)
        changed(taken.told)
        return taken


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


def take_lowest(seller: Seller, before: versions.Version | None = None, known: LiveNumbers | None = None) -> Taken:
    """Take the lowest number that is free and has rested REST_MINUTES, or the one that has rested longest.

    Somebody else who takes it at the same time is a conflict. `before`: the version of the seller's orders before this
    was announced. `known`: what is kept of its live numbers.
    """
    rest = timedelta(minutes=settings.REST_MINUTES)
    while True:
        now = timezone.now()
        out, terms, ends = looked_at(seller.pk, now - rest if rest else None, known)
        if terms.paused_until and terms.paused_until > as_text(now):
            raise Paused
        free = [number for number in NUMBERS if number not in out]
        if not free:
            raise NoNumberLeft
        number = lowest_of(free, ends, as_text(now - rest))
        claim = claims.new_claim() if terms.proof else claims.NONE
        TAKE.run(seller=seller.pk, number=number, now=now, claim=claim)
        # Another hand may have taken it meanwhile, and ended it. Who has it now is told nobody yet.
        looked = {"seller": seller.pk, "number": number, "since": ends.get(number, now - rest)}
        if not rest or versions.nobody_else_since(before) or ENDED_SINCE.row(**looked) is None:
            return Taken(number, claim, now, known, ends)
        Order.objects.of_number(seller.pk, number).filter(buyer=None).delete()
        known = None


def looked_at(
    seller: int, since: datetime | None, known: LiveNumbers | None
) -> tuple[Collection[int], Terms, dict[int, str]]:
    """Return the numbers that the seller has out, its terms, and if asked for when numbers have ended since then.

    Those that have ended before may be among them. Raises NoMonthsLeft.
    """
    version = versions.current(SELLERS)
    terms = kept_terms.get(seller, version)
    if known and terms and (known.ends is not None or since is None):
        return known.times, terms, known.ends or {}
    resting = [] if since is None else [(RESTING, {"seller": seller, "since": since})]
    found, *ends = rows_together((POOL, {"seller": seller}), *resting)
    if not found:
        raise NoMonthsLeft
    ((out, *rest),) = found
    terms = Terms(*rest)
    kept_terms.set(seller, version, terms)
    return set(map(int, out.split(","))) if out else (), terms, dict(reversed(ends[0]) if ends else ())


def lowest_of(free: list[int], ends: dict[int, str], since: str) -> int:
    """Return the lowest of these that has rested since then, or the one that has rested longest."""
    for number in free:
        if ends.get(number, since) <= since:
            return number
    return min(free, key=ends.__getitem__)
