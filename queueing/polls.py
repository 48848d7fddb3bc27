"""The short way of `hungry`: nine of ten requests at lunch are polls, and nearly all of them are told "not yet".

What the usual way does with a form and four objects costs ten times as much. Whatever is odd about a poll is left to
it, so that the two cannot disagree about that; test_polls.py asks the same of all ways there are.
"""

import re
from typing import Any

from django.db.models import Case, CharField, F, Func, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Cast, Greatest

from accounts.models import KEY, Session
from callme_site.storage import versions
from callme_site.storage.caches import Cache
from callme_site.storage.statements import Select
from queueing.live import LiveNumbers, live_numbers
from queueing.models import BOUND_BY, Order, is_ready_for
from queueing.parameters import NUMBER, SELLER
from queueing.readiness import Closing, ahead, closed, read_closing, waiting, waits
from queueing.steps import times
from sellers.sessions import AFTER, DIGEST, UNTIL, find_session

SELLER_ID = re.compile("[1-9][0-9]{0,17}")
MARCH_SN = re.compile("[1-9][0-9]?")

# By seller, number and person: see `kept_closing`.
closings: Cache[Closing] = Cache(most=10_000)


def live_orders() -> QuerySet:
    """Return the seller's live numbers in the order of binding.

    Each with who has bound it, in one column where it waits, in the other where it is called, and the last of its times
    as a text: a time, or a yes or no, would cost Python a conversion.
    """
    waits, called = When(called_at=None, then="buyer"), When(called_at__isnull=False, then=BOUND_BY)
    latest = Greatest(*times("bound_at", "called_at", "last_called_at"))
    orders = Order.objects.live().filter(seller=SELLER).order_by("bound_at", "pk")
    return orders.values_list("live_number", Case(waits), Case(called), Cast(latest, CharField()))


def session_and_number() -> QuerySet:
    """Return the session's person; who has bound the number, if it is called; how many are ahead, if it waits.

    In one statement: of the usual way's, each costs as much as all else.
    """
    called = Order.objects.called(SELLER).filter(live_number=NUMBER).values(bound_by=BOUND_BY)
    own = waiting(SELLER).filter(live_number=NUMBER, buyer=OuterRef("person"))
    before = ahead(SELLER, OuterRef("bound_at"), OuterRef("pk"))
    count = before.values(count=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    session = Session.objects.alive_of(DIGEST, AFTER, UNTIL)
    return session.values_list("person", Subquery(called), Subquery(own.values(ahead=Subquery(count))))


LIVE_ORDERS = Select(live_orders)
ONE_STATEMENT = Select(session_and_number)


def shortcut(body: dict[str, Any]) -> Any:
    """Q08 from memory or by a statement: None if the number is ready, NotImplemented if it is odd; raises Fail."""
    key, seller, number = body.get("sessionKey"), body.get("sellerId"), body.get("marchSn")
    if not (isinstance(key, str) and isinstance(seller, str) and isinstance(number, str)):
        return NotImplemented
    if not (KEY.fullmatch(key) and SELLER_ID.fullmatch(seller) and MARCH_SN.fullmatch(number)):
        return NotImplemented
    stall = int(seller)
    kept = live_numbers.followed(stall, polled=True)
    version = kept[0] if kept else versions.current(versions.orders_of(stall), polled=True)
    if version is None:
        return from_database(key, stall, int(number))
    return from_memory(key, stall, int(number), version, kept and kept[1])


def from_database(key: str, seller: int, number: int) -> Any:
    after, until = Session.objects.alive()
    digest = Session.objects.digest(key)
    found = ONE_STATEMENT.row(seller=seller, number=number, digest=digest, after=after, until=until)
    if found is None:
        return NotImplemented
    person, bound_by, count = found
    if is_ready_for(person, bound_by):
        return None
    raise closed(read_closing(seller, number, person)) if count is None else waits(count)


def from_memory(key: str, seller: int, number: int, version: versions.Version, numbers: LiveNumbers | None) -> Any:
    session = find_session(key, polled=True)
    if session is None:
        return NotImplemented
    person = session.person_id
    if numbers is None:
        numbers = read_live_numbers(seller)
        live_numbers.set(seller, version, numbers)
    if is_ready_for(person, numbers.called.get(number)):
        return None
    count = numbers.ahead.get((person, number))
    raise closed(kept_closing(seller, number, person, version)) if count is None else waits(count)


def read_live_numbers(seller: int) -> LiveNumbers:
    rows = LIVE_ORDERS.rows(seller=seller)
    called = {number: bound_by for number, _, bound_by, _ in rows if bound_by is not None}
    places = [(buyer, number) for number, buyer, _, _ in rows if buyer is not None]
    ahead = {place: count for count, place in enumerate(places)}
    return LiveNumbers(called, ahead, {number: latest for number, *_, latest in rows})


def kept_closing(seller: int, number: int, person: int, version: versions.Version) -> Closing:
    """Return the last closing of the person's orders with that number, none of which lives.

    `version`: that of the seller's orders with which this was seen. None lives, so none ends before the person binds
    one or an undo brings one back, and both announce the person's bindings: under the version of these it is kept.
    Noted after `version`, that may be one that a binding has made since, whose end would announce the seller's orders
    alone. So it is kept only if these still have `version` then: since it was noted, nobody has bound any.
    """
    place = seller, number, person
    bindings = versions.current(versions.bindings_of(person), polled=True)
    closing = closings.get(place, bindings)
    if closing is None:
        none_lives = versions.current(versions.orders_of(seller), polled=True) == version
        closing = read_closing(*place)
        if none_lives:
            closings.set(place, bindings, closing)
    return closing
