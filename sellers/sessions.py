"""Whom a session's key stands for: the person, and the seller that it is bound to; looked up at each request."""

import functools
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, DateTimeField, OuterRef, Subquery

from accounts.models import KEY, Person, Session
from callme_site.storage import versions
from callme_site.storage.caches import Cache
from callme_site.storage.statements import Parameter, Select
from callme_site.wire.registry import Caller
from sellers.models import Seller

# Whom a query has before it: anybody with a session, and whom Who.SELLER lets in.
PersonCaller = Caller[Person, Seller | None]
SellerCaller = Caller[Person, Seller]


class KnownSession(NamedTuple):
    """A session: the ids of its person and of the seller that this is bound to, from which mini-program, since when."""

    person_id: int
    seller_id: int | None
    app: str
    started_at: datetime

    @property
    def person(self) -> Person:
        return Person.known_by(self.person_id, self.app)

    @property
    def seller(self) -> Seller | None:
        """The seller, of whom no more than the id is there until it is asked for."""
        return None if self.seller_id is None else Seller.from_db(DEFAULT_DB_ALIAS, ["id"], [self.seller_id])


# What the statements are told when they run: a digest, and the time in which a session has begun that is alive.
DIGEST = Parameter("digest", CharField())
AFTER, UNTIL = Parameter("after", DateTimeField()), Parameter("until", DateTimeField())
KNOWN_SESSION = Select(
    lambda: Session.objects.alive_of(DIGEST, AFTER, UNTIL).values_list(
        "person", Subquery(Seller.objects.filter(person=OuterRef("person")).values("pk")), "app", "started_at"
    )
)

# By the 3rd_session.
known_sessions: Cache[KnownSession] = Cache(most=50_000)


def find_session(key: Any, *, polled: bool = False) -> KnownSession | None:
    """Return the session that is alive under that 3rd_session, or None; kept in memory."""
    if not isinstance(key, str) or not KEY.fullmatch(key):
        return None
    version = versions.current(version_of(key), polled=polled)
    session = known_sessions.get(key, version)
    after, until = Session.objects.alive()
    if session is None or not after < session.started_at <= until:
        row = KNOWN_SESSION.row(digest=Session.objects.digest(key), after=after, until=until)
        session = KnownSession(*row) if row else None
        # One of before the column will know its mini-program once it is begun anew, which is announced to nobody.
        if session and session.app:
            known_sessions.set(key, version, session)
    return session


@functools.lru_cache(maxsize=50_000)
def version_of(key: str) -> int:
    return versions.session_of(Session.objects.digest(key))
