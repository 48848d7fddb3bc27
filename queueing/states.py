"""Where an order is in its life, how it ended, and what has become of the message to its student."""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where in its life an order is: in the last of these whose time it has (`taken_at`, `bound_at` …)."""

    TAKEN = "taken", _("taken")
    BOUND = "bound", _("bound")
    CALLED = "called", _("called")
    CLOSED = "closed", _("closed")

    @property
    def time(self) -> str:
        return f"{self.value}_at"

    @property
    def reached(self) -> Q:
        """What holds of the orders that are in this state or have left it."""
        return Q((f"{self.time}__isnull", False))

    @property
    def condition(self) -> Q:
        """What holds of the orders that are in this state."""
        states = list(State)
        return self.reached & Q(*((state.time, None) for state in states[states.index(self) + 1 :]))


class Ending(TextChoices):
    COLLECTED = "collected", _("collected")
    ENDED = "ended", _("ended by the seller")
    CLEARED = "cleared", _("cleared")
    STALE = "stale", _("abandoned")
    UNCOLLECTED = "uncollected", _("not collected")
    STAFF = "staff", _("closed by staff")


class Message(TextChoices):
    """The subscription message that tells an order's student of the call."""

    NONE = "", "-"
    WANTED = "wanted", _("when it is called")
    DUE = "due", _("about to be sent")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    REFUSED = "refused", _("not allowed by the student")
    FAILED = "failed", _("not sent: WeChat refused it")
    UNCERTAIN = "uncertain", _("perhaps sent")  # nobody knows, and it is not sent again
    DROPPED = "dropped", _("no longer needed")  # the order ended first
