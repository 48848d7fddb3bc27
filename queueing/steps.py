"""What an order is set to when it is called and when it ends.

MariaDB sets one column after the other, and reads in each what the ones before it have been set to: what a column
depends on is set after it.
"""

from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Greatest

from queueing import claims
from queueing.parameters import NOW
from queueing.states import Ending, Message


def times(*names: str) -> list[Any]:
    """Return an order's taken_at and these times, of which one that is not set counts as taken_at."""
    # Of a NULL both databases make NULL.
    return ["taken_at", *(Coalesce(name, "taken_at") for name in names)]


def latest(now: Any, *names: str) -> Greatest:
    """Return the present, or the latest of an order's times so far, should the clock have been set back since."""
    return Greatest(now, *times(*names))


def message_dropped(now: Any) -> dict[str, Any]:
    """Return what an order's message is set to when nobody is to be told any more; one that has gone stays."""
    unsent = {"message__in": [Message.WANTED, Message.DUE]}
    return {
        "message_at": Case(When(**unsent, then=now), default=F("message_at")),
        "message": Case(When(**unsent, then=Value(Message.DROPPED)), default=F("message")),
        "openid": "",
    }


def closed(now: Any, ending: Ending) -> dict[str, Any]:
    """Return what an order that ends is set to."""
    closed_at = latest(now, "bound_at", "called_at", "last_called_at")
    ended = {"live_number": None, "slot": None, "closed_at": closed_at, "ending": ending, "claim": claims.NONE}
    return ended | message_dropped(now)


# What an order that is called is set to. Whatever the clock says, by a later time a board knows another call. A recall
# sends the message that the call has not sent, and no second one.
CALLED_NOW: dict[str, Any] = {
    "message_at": Case(When(message=Message.WANTED, then=NOW), default=F("message_at")),
    "message": Case(When(message=Message.WANTED, then=Value(Message.DUE)), default=F("message")),
    "called_at": Coalesce("called_at", latest(NOW, "bound_at")),
    "last_called_at": NOW,
}
