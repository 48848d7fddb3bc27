"""A stall's live numbers, for polls and the next `fetch`: kept in memory, and carried on over changes of this process.

Each change at a stall would else let its next poll read all of its numbers anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from callme_site.storage import versions
from callme_site.storage.versions import Cache, current, orders_of

Then = Callable[["LiveNumbers"], "LiveNumbers"]

NOBODY = 0  # stands for the id of a buyer where there is none


def as_text(moment: datetime) -> str:
    """Return a moment as both databases write it, so that their texts can be compared with it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class LiveNumbers(NamedTuple):
    """What is known of a stall's live numbers.

    `called`: who has bound the called ones, by number. `ahead`: how many are ahead, by place; a place is who has bound
    a number that waits, and the number. The `others` are neither bound nor called. `latest` is the last of all times of
    these orders: a later one is written as it is, while of an earlier one, by a clock that was set back, the database
    makes another. `ends`: when each number ended last, as the database's text, or None where nobody has looked.
    """

    called: dict[int, int]
    ahead: dict[tuple[int, int], int]
    others: frozenset[int]
    latest: datetime
    ends: dict[int, str] | None = None

    @property
    def out(self) -> set[int]:
        """All of the numbers."""
        return {*self.called, *(number for _person, number in self.ahead), *self.others}

    def place_of(self, number: int) -> tuple[int, int] | None:
        """Return the place of a number that waits."""
        return next((place for place in self.ahead if place[1] == number), None)

    def taken(self, number: int, ends: dict[int, str]) -> "LiveNumbers":
        """Return what is known once the stall has taken the number, for which it has looked at these ends."""
        return self._replace(others=self.others | {number}, ends=ends)

    def bound(self, number: int, person: int) -> "LiveNumbers":
        """Return what is known once the person has bound the number, later than all others did theirs."""
        if number in self.called:
            return self._replace(called=self.called | {number: person})
        return self._replace(ahead=self.ahead | {(person, number): len(self.ahead)}, others=self.others - {number})

    def once_called(self, number: int) -> "LiveNumbers":
        """Return what is known once the live number is called, be that again."""
        if number in self.called:
            return self
        place = self.place_of(number)
        return self.without(number)._replace(called=self.called | {number: place[0] if place else NOBODY})

    def ended(self, number: int, at: datetime) -> "LiveNumbers":
        """Return what is known once the number has ended."""
        ends = None if self.ends is None else self.ends | {number: as_text(at)}
        return self.without(number)._replace(ends=ends)

    def without(self, number: int) -> "LiveNumbers":
        """Return the same without the number; whoever waits behind it has one less ahead."""
        called = {other: person for other, person in self.called.items() if other != number}
        ahead, place = self.ahead, self.place_of(number)
        if place is not None:
            behind = ahead[place]
            ahead = {other: count - (count > behind) for other, count in ahead.items() if other != place}
        return self._replace(called=called, ahead=ahead, others=self.others - {number})


# By seller. Which columns that depends on is said in callme_site/testing/announced.py as well (KEPT_OF_ORDERS), which
# watches who writes them.
live_numbers: Cache[LiveNumbers] = Cache(most=10_000)


@contextmanager
def changing(seller: int, *further: int) -> Iterator[Callable[[datetime, Then], None]]:
    """Announce a change of the seller's orders, and of `further` versions.

    What is yielded takes what was changed, if anything was: the time that was written, and what is known after it.
    With that, what is known of the live numbers is carried on; not where the time is not later than all they have.
    """
    changes: list[tuple[datetime, Then]] = []
    before = current(orders_of(seller), polled=True)
    with versions.changing(orders_of(seller), *further):
        yield lambda now, then: changes.append((now, then))

    def carried(known: LiveNumbers) -> LiveNumbers | None:
        for now, then in changes:
            if now <= known.latest:
                return None
            known = then(known)._replace(latest=now)
        return known

    if changes:
        live_numbers.carry(seller, before, carried)
