"""The life of a number: taken by the stall, bound by a student, called, closed; then it is free again."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import openids
from accounts.models import Person, Session, TextCheck
from accounts.texts import hidden_text
from callme_site.storage.moments import Seconds
from callme_site.storage.retries import retried
from callme_site.storage.statements import Select, Update
from callme_site.storage.versions import EVERYTHING, bindings_of, changing, orders_of
from queueing import claims, live, messages
from queueing.live import NOBODY
from queueing.parameters import BUYER, MESSAGE, NOTE, NOW, NUMBER, OPENID, SELLER, SLOT
from queueing.states import Ending, Message, State
from queueing.steps import CALLED_NOW, closed, latest
from queueing.stops import Stop as Stop  # a model of this app
from sellers.models import Seller
from sellers.sessions import AFTER, UNTIL
from sellers.texts import shown

NUMBERS = range(1, 100)  # a stall's pool
BOUND_BY = Coalesce("buyer", NOBODY)
NOTE_LENGTH = 200
PRUNE_BATCH = 1000  # rows; short transactions let the lunch go on


class NoSuchNumber(Exception):
    """The seller has no live order with that number, or none that the person may end, or may bind with that claim."""


class NumberTaken(Exception):
    """Somebody else has bound the number, or the same person with another note."""


class TooManyOrders(Exception):
    """The person has ORDERS_A_PERSON live orders already."""


# What holds of live orders. By the constraint live_until_closed it is the same as has_live_number, and each has its
# indexes: this is for all orders, that for those of a seller or a student.
LIVE = Q(closed_at=None)


def has_live_number(prefix: str = "") -> Q:
    """Return what holds of live orders, to which the prefix leads."""
    # With IS NOT NULL, SQLite reads a seller's whole history (a board of 20 sellers, 150,000 orders: 160 ms, not 3).
    return Q((f"{prefix}live_number__gt", 0))


def last_call(prefix: str = "") -> Coalesce:
    """Return when a called order, to which the prefix leads, was called last; of one that is not called, NULL."""
    return Coalesce(f"{prefix}last_called_at", f"{prefix}called_at")


class OrderQuerySet(models.QuerySet["Order"]):
    def live(self) -> Self:
        return self.filter(has_live_number())

    def of_number(self, seller: Any, number: Any) -> Self:
        """Return the live order with that number of that seller (by id), if there is one."""
        return self.filter(seller=seller, live_number=number)

    def oldest_first(self) -> Self:
        return self.order_by("taken_at", "pk")

    def called(self, seller: Any) -> Self:
        """Return the called live orders of that seller (by id)."""
        return self.live().filter(State.CALLED.reached, seller=seller)

    @retried
    @changing(EVERYTHING)
    def end_all(self, pks: list[int]) -> int:
        """End orders on the word of staff; return how many were still live."""
        return self.filter(pk__in=pks).close(Ending.STAFF)

    @retried
    def close_stale(self) -> int:
        """End the orders that were abandoned, so that their numbers come back; return how many."""
        cutoff = timezone.now() - timedelta(hours=settings.STALE_ORDER_HOURS)
        stale = self.filter(closed_at=None, taken_at__lt=cutoff)
        if not stale.exists():
            return 0
        with changing(EVERYTHING):
            return stale.close(Ending.STALE)

    def close(self, ending: Ending) -> int:
        """End these orders, which are live, and free their numbers; return how many."""
        return self.live().update(**closed(timezone.now(), ending))

    def prunable(self, before: datetime) -> Self:
        return self.filter(closed_at__lt=before)

    def prune(self, before: datetime) -> Iterator[int]:
        """Delete the orders closed before then, batch by batch; yield the size of each."""
        while batch := list(self.prunable(before).values_list("pk", flat=True)[:PRUNE_BATCH]):
            yield self.prunable(before).filter(pk__in=batch).delete()[0]


class OrderManager(models.Manager.from_queryset(OrderQuerySet)):  # type: ignore[misc]  # its type is made here
    """What the phones do; it needs no queryset, which costs as much as to send the statement."""

    @retried
    def bind(
        self, seller: int, number: int, buyer: Person, note: str, claim: str = claims.NONE, *, subscribe: bool = False
    ) -> None:
        """Give a live number to its student, once; raises NoSuchNumber, NumberTaken, TooManyOrders.

        The same student with the same note again is a repeated request whose answer got lost, and succeeds.
        `subscribe`: a message shall tell of the call, where these are on.
        """
        order, proof = {"seller": seller, "number": number}, {"claim": claim}
        if claim and COUNT_WRONG_CLAIM.run(**order, **proof):
            raise NoSuchNumber
        free = self.free_slots(buyer)
        if free:
            # Any of them: of two pushes at once, the one that chose the same as the other has to try again.
            now = timezone.now()
            bound = {"buyer": buyer.pk, "slot": random.choice(free), "note": note, "now": now}  # noqa: S311
            bound |= messages.wanted(buyer) if subscribe else messages.NONE_WANTED
            with live.changing(seller, bindings_of(buyer.pk)) as changed, TextCheck.objects.together():
                if BIND.run(**order, **proof, **bound):
                    changed(lambda known: known.bound(number, now, buyer.pk))
                    self.await_check(order, buyer, note)
                    return
        bound_to = BOUND_TO.row(**order)
        if bound_to is None:
            raise NoSuchNumber
        if tuple(bound_to) == (buyer.pk, note):
            return
        if bound_to[0] is None and COUNT_WRONG_CLAIM.run(**order, **proof):
            raise NoSuchNumber
        if free or bound_to[0]:
            raise NumberTaken
        raise TooManyOrders

    def await_check(self, order: dict[str, int], buyer: Person, note: str) -> None:
        """Let the note that was written in this transaction be checked, if texts are and it is not empty."""
        if note and TextCheck.objects.is_on():
            after, until = Session.objects.alive()
            pk, openid = ORDER_AND_OPENID.row(**order, buyer=buyer.pk, after=after, until=until)
            TextCheck.objects.await_check(TextCheck.Kind.NOTE, pk, note, openid or "")

    @retried
    def show_claim(self, seller: Seller, number: int) -> str:
        """Return the claim of a live number, and forget the wrong ones; raises NoSuchNumber, also if it has none."""
        order = {"seller": seller.pk, "number": number}
        FORGET_WRONG_CLAIMS.run(**order)
        found = CLAIM_OF.row(**order)
        if found is None:
            raise NoSuchNumber
        return found[0]

    def free_slots(self, buyer: Person) -> list[int]:
        """Return the slots in which the person may bind one order more, none if it has ORDERS_A_PERSON."""
        most, held = settings.ORDERS_A_PERSON, [slot for (slot,) in SLOTS_HELD.rows(buyer=buyer.pk)]
        free = [slot for slot in range(1, most + 1) if slot not in held]
        # An order counts in whatever slot: in none, or in one beyond a setting that was lowered.
        return free[: max(most - len(held), 0)]

    @retried
    def call(self, seller: Seller, number: int) -> None:
        """Mark a live number ready; again is a recall and keeps the first time. Raises NoSuchNumber."""
        now = timezone.now()
        with live.changing(seller.pk) as changed:
            if not CALL.run(seller=seller.pk, number=number, now=now):
                raise NoSuchNumber
            changed(lambda known: known.once_called(number, now))

    @retried
    def collect(self, seller: int, number: int, person: Person) -> None:
        """End the student's own order on its word; no such live number is fine. Raises NoSuchNumber."""
        order = {"seller": seller, "number": number}
        now = timezone.now()
        with live.changing(seller) as changed:
            if COLLECT.run(**order, buyer=person.pk, now=now):
                changed(lambda known: known.ended(number, now))
                return
        if BOUND_TO.row(**order):
            raise NoSuchNumber

    @retried
    def end(self, seller: Seller, number: int) -> None:
        """End the order on the stall's word; no such live number is fine."""
        now = timezone.now()
        with live.changing(seller.pk) as changed:
            if END.run(seller=seller.pk, number=number, now=now):
                changed(lambda known: known.ended(number, now))

    @retried
    def clear(self, seller: Seller) -> None:
        """Close all live orders of the seller that no student has bound."""
        with changing(orders_of(seller.pk)):
            CLEAR.run(seller=seller.pk, now=timezone.now())


def is_ready_for(person: int, bound_by: int | None) -> bool:
    """Return whether a number is ready for the person (by id): it is called, and bound by that person or by NOBODY.

    `bound_by` is BOUND_BY of the called order with that number, None where there is none.
    """
    return bound_by in (NOBODY, person)


class Order(models.Model):
    """A number that a stall handed out, from the taking to the closing, and after it as history."""

    State, Ending, Message = State, Ending, Message

    # The constraint and the index below serve as the indexes of these two keys. The first is none for the database:
    # on the index of a foreign key, closing an order would lock the Seller row after the Order row, and `take` does it
    # the other way round (12 hands at one stall: 18 to 42 deadlocks in 240 takes). Sellers are never deleted, and
    # `take` holds the row of the one that it inserts for.
    seller = models.ForeignKey(
        Seller,
        models.PROTECT,
        related_name="orders",
        verbose_name=_("seller"),
        db_index=False,
        db_constraint=False,
    )
    buyer = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("student"),
        db_index=False,
    )
    number = models.PositiveSmallIntegerField(_("number"))
    # The number while the order lives. MySQL has no conditional unique constraint, and NULLs never collide.
    live_number = models.PositiveSmallIntegerField(_("live number"), null=True, editable=False)
    # Which of the ORDERS_A_PERSON that its buyer may have it is, while it lives; the constraint counts them.
    slot = models.PositiveSmallIntegerField(null=True, editable=False)
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    # From all but the student who wrote it.
    note_hidden = models.BooleanField(default=False, db_default=False, editable=False)
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now)
    bound_at = models.DateTimeField(_("bound at"), null=True, blank=True)
    called_at = models.DateTimeField(_("called at"), null=True, blank=True)
    # Of the latest recall, or of the call itself; an order that was imported, or called before this was kept, has none.
    last_called_at = models.DateTimeField(_("last called at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    ending = models.CharField(_("how it ended"), max_length=11, choices=Ending, blank=True)
    # What whoever binds the number has to know, where the stall asked for that when it took it; else "".
    claim = models.CharField(max_length=4, blank=True, default="", db_default="", editable=False)
    wrong_claims = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # The message to the student; the openid, encrypted, is there while it may still have to be sent.
    openid = models.CharField(max_length=openids.KEPT_LENGTH, blank=True, default="", db_default="", editable=False)
    message = models.CharField(
        _("message"), max_length=9, choices=Message, blank=True, default="", db_default="", editable=False
    )
    # When one that is due is to be tried next, since when one is being sent, and of any other when it ended.
    message_at = models.DateTimeField(null=True, editable=False)
    message_tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # The buyer while a message is being sent to that person: WeChat wants one at a time (43108).
    message_to = models.PositiveBigIntegerField(null=True, editable=False)

    objects = OrderManager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [("close_order", _("Can close orders"))]
        constraints = [
            models.UniqueConstraint(fields=["seller", "live_number"], name="one_live_order_a_number"),
            models.UniqueConstraint(fields=["buyer", "slot"], name="one_order_a_slot"),
            models.UniqueConstraint(fields=["message_to"], name="one_message_to_a_person"),
            models.CheckConstraint(name="number_of_the_pool", condition=Q(number__range=(NUMBERS[0], NUMBERS[-1]))),
            models.CheckConstraint(
                name="live_until_closed",
                condition=Q(closed_at__isnull=True, ending="", live_number=F("number"))
                | (Q(closed_at__isnull=False, live_number__isnull=True) & ~Q(ending="")),
            ),
        ]
        indexes = [
            # For menu: the live order that a student has anywhere.
            models.Index(fields=["buyer", "live_number"], name="live_order_of_a_buyer"),
            # For close_stale_orders (open, by age) and prune_history (closed, by age).
            models.Index(fields=["closed_at", "taken_at"], name="order_by_closing"),
            # For the admin: a day's orders, of all sellers and of one.
            models.Index(fields=["taken_at"], name="order_by_taking"),
            models.Index(fields=["seller", "taken_at"], name="order_of_a_seller"),
            # When a stall's number ended last: for undo, and for what `hungry` tells of an end.
            models.Index(fields=["seller", "number", "closed_at"], name="closing_of_a_number"),
            # What has ended at a stall lately, for the rest of `fetch`: one look at it for all numbers.
            models.Index(fields=["seller", "closed_at", "number"], name="closing_at_a_seller"),
            # How long the students of a stall have waited lately.
            models.Index(fields=["seller", "called_at"], name="call_of_a_seller"),
            # What messages are due, and which were being sent by a process that was killed.
            models.Index(fields=["message", "message_at"], name="order_by_message"),
        ]

    def __str__(self) -> str:
        return _("Number %(number)d of %(seller)s") % {"number": self.number, "seller": self.seller}

    @property
    def state(self) -> str:
        """The order's state in a word; of a closed one, how it was closed."""
        state = next(state for state in reversed(Order.State) if getattr(self, state.time))
        return self.get_ending_display() if state is State.CLOSED else str(state.label)

    @property
    def waiting_time(self) -> timedelta | None:
        """How long the student has waited for the call, or None where none waits or ever did."""
        if self.bound_at is None or (self.closed_at and not self.called_at):
            return None
        return max((self.called_at or timezone.now()) - self.bound_at, timedelta(0))


# What students and stalls do all day, compiled once.
def one_order() -> OrderQuerySet:
    return Order.objects.of_number(SELLER, NUMBER)


def flag(**condition: Any) -> Case:
    """Return 1 where that holds, else 0: a truth value would be converted in Python."""
    return Case(When(**condition, then=1), default=0)


def shown_note() -> Case:
    """Return an order's note as all but its student are to see it."""
    return Case(When(note_hidden=True, then=models.Value(hidden_text())), default="note")


SLOTS_HELD = Select(lambda: Order.objects.live().filter(buyer=BUYER).values_list("slot"))
BOUND_TO = Select(lambda: one_order().values_list("buyer", "note"))
BIND = Update(
    lambda: (
        one_order().filter(claims.FITS, buyer=None),
        {
            "buyer": BUYER,
            "slot": SLOT,
            "note": NOTE,
            "bound_at": latest(NOW, "called_at"),
            "openid": OPENID,
            "message": MESSAGE,
        },
    )
)
ORDER_AND_OPENID = Select(
    lambda: one_order().values_list(
        "pk", models.Subquery(Session.objects.kept_openids(BUYER, Session.App.BUYER, AFTER, UNTIL)[:1])
    )
)
COUNT_WRONG_CLAIM = Update(lambda: (one_order().filter(claims.WRONG, buyer=None), {"wrong_claims": claims.ONE_MORE}))
FORGET_WRONG_CLAIMS = Update(lambda: (one_order(), {"wrong_claims": 0}))
CLAIM_OF = Select(lambda: one_order().exclude(claim=claims.NONE).values_list("claim"))
CALL = Update(lambda: (one_order(), CALLED_NOW))
COLLECT = Update(lambda: (one_order().filter(buyer=BUYER), closed(NOW, Ending.COLLECTED)))
CLEAR = Update(lambda: (Order.objects.live().filter(seller=SELLER, buyer=None), closed(NOW, Ending.CLEARED)))
END = Update(lambda: (one_order(), closed(NOW, Ending.ENDED)))
ORDERS_OF_BUYER = Select(
    lambda: (
        Order.objects.live()
        .filter(buyer=BUYER)
        .oldest_first()
        .values_list("seller", shown("name", "seller__"), "number", "note", flag(called_at__isnull=False))
    )
)
ORDERS_OF_SELLER = Select(
    lambda: (
        Order.objects.live()
        .filter(seller=SELLER)
        .oldest_first()
        .values_list("number", "buyer", shown_note(), Seconds("taken_at"), Cast("called_at", models.CharField()))
    )
)
