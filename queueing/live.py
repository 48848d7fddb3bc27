"""A stall's live numbers, for polls and the next `fetch`: kept in memory, and kept on over changes of this process.

Each change at a stall would else let its next poll read all of its numbers anew.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Self

from callme_site.storage.caches import FollowedCache
from callme_site.storage.moments import as_text
from callme_site.storage.pool import own_connection
from callme_site.storage.versions import end, orders_of, version_file

NOBODY = 0  # stands for the id of a buyer where there is none


class LiveNumbers(NamedTuple):
    """What is known of a stall's live numbers.

    `called`: who has bound the called ones, by number. `ahead`: how many are ahead, by place, in the order of the line;
    a place is who has bound a number that waits, and the number. `times`: the last of all times of each number's order,
    as the database's text. `ends`: when each number ended last, or None where nobody has looked.

    The methods return what is known after a change, or None where that is not certain: of two changes of a number that
    come at once, the one that was made first may be told last; and by a clock that was set back, the database writes
    another time than the present.
    """

    called: dict[int, int]
    ahead: dict[tuple[int, int], int]
    times: dict[int, str]
    ends: dict[int, str] | None = None

    def taken(self, number: int, at: datetime, ends: dict[int, str] | None) -> Self | None:
        """The stall has taken the number. `ends`: when numbers had ended, if none has since."""
        if number in self.times:
            return None
        return self._replace(times=self.times | {number: as_text(at)}, ends=ends if self.ends is None else self.ends)

    def bound(self, number: int, at: datetime, person: int) -> Self | None:
        """The person has bound the number."""
        known = self.changed(number, at)
        if known is None:
            return None
        if number in self.called:
            return known._replace(called=self.called | {number: person})
        if self.ahead and self.times[next(reversed(self.ahead))[1]] >= known.times[number]:
            return None  # not the last of the line, perhaps
        return known._replace(ahead=self.ahead | {(person, number): len(self.ahead)})

    def once_called(self, number: int, at: datetime) -> Self | None:
        """The number is called, be that again."""
        known = self.changed(number, at)
        if known is None or number in self.called:
            return known
        place = self.place_of(number)
        return known.not_waiting(place)._replace(called=self.called | {number: place[0] if place else NOBODY})

    def ended(self, number: int, at: datetime) -> Self | None:
        """The number has ended."""
        known = self.changed(number, at)
        if known is None:
            return None
        called, times = dict(self.called), dict(known.times)
        called.pop(number, None)
        ended_at = times.pop(number)
        ends = None if self.ends is None else self.ends | {number: ended_at}
        return known.not_waiting(self.place_of(number))._replace(called=called, times=times, ends=ends)

    def changed(self, number: int, at: datetime) -> Self | None:
        """The order with that number has that as its last time."""
        last, now = self.times.get(number), as_text(at)
        return None if last is None or last >= now else self._replace(times=self.times | {number: now})

    def place_of(self, number: int) -> tuple[int, int] | None:
        """Return the place of a number that waits."""
        return next((place for place in self.ahead if place[1] == number), None)

    def not_waiting(self, place: tuple[int, int] | None) -> Self:
        """Return the same without that place; whoever waits behind it has one less ahead."""
        if place is None:
            return self
        behind = self.ahead[place]
        ahead = {other: count - (count > behind) for other, count in self.ahead.items() if other != place}
        return self._replace(ahead=ahead)


# By seller. Which columns that depends on is said in callme_site/testing/announced.py as well (KEPT_OF_ORDERS), which
# watches who writes them.
live_numbers: FollowedCache[LiveNumbers] = FollowedCache(most=10_000)
Then = Callable[[LiveNumbers], LiveNumbers | None]


class changing:
    """Announces a change of the seller's orders, and of `further` versions, as `versions.changing` does.

    It is entered with a function that takes what is known of the live numbers after the change, if it was made.
    """

    def __init__(self, seller: int, *further: int) -> None:
        self.seller, self.versions = seller, (orders_of(seller), *further)
        self.then: Then | None = None

    def __enter__(self) -> Callable[[Then], None]:
        # What a transaction of somebody else has changed, the others are not to know yet.
        follow = None if own_connection().in_atomic_block else self.follow
        self.change = version_file().begin(*self.versions, follow=follow)
        return self.changed

    def changed(self, then: Then) -> None:
        self.then = then

    def follow(self, number: int, ended: bool) -> None:
        live_numbers.follow(self.seller, number, self.then if ended else None)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            live_numbers.forget(self.seller)  # it may be changed all the same
        change = self.__dict__.pop("change")  # it would hold itself
        end([change], error)
