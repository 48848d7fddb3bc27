"""The life of a number: taken by the stall, bound by a student, called, ended; then it is free again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from callme_site.changes import EVERYTHING, changing, orders_of
from callme_site.database import retried
from callme_site.protocol import NUMBERS, Fail
from sellers.models import Seller

NOTE_LENGTH = 200
PRUNE_BATCH = 1000  # rows; short transactions let the lunch go on


class OrderQuerySet(models.QuerySet):
    def live(self) -> QuerySet["Order"]:
        return self.filter(live_number__isnull=False)

    def of_number(self, seller: int, number: int) -> QuerySet["Order"]:
        """Return the live order with that number of that seller (by id), if there is one."""
        return self.filter(seller=seller, live_number=number)

    def open_to(self, person: Person) -> QuerySet["Order"]:
        """Return the orders that the person may ask about and close: its own, and those that nobody has bound."""
        return self.filter(Q(buyer=None) | Q(buyer=person))

    def oldest_first(self) -> QuerySet["Order"]:
        return self.order_by("taken_at", "pk")

    def oldest_of(self, buyer: Person) -> "Order | None":
        """Return the oldest live order that the person has anywhere, with its seller."""
        return self.live().filter(buyer=buyer).select_related("seller").oldest_first().first()

    @retried
    def take(self, seller: Seller) -> int:
        """Take the lowest number that the seller has not out; raises Fail: Due Date Error, No Sn Valid."""
        with transaction.atomic():
            # The lock makes concurrent takes of one stall queue up instead of collide on the constraint.
            locked = Seller.objects.select_for_update().only("months", "switched_off").get(pk=seller.pk)
            if not locked.months or locked.switched_off:
                raise Fail("Due Date Error")
            out = set(self.live().filter(seller=seller).values_list("live_number", flat=True))
            number = next((number for number in NUMBERS if number not in out), None)
            if number is None:
                raise Fail("No Sn Valid")
            self.create(seller=seller, number=number, live_number=number)
        return number

    @retried
    def bind(self, seller: int, number: int, buyer: Person, note: str) -> None:
        """Give a live number to its student, once; raises Fail: Invalid Sn Error, Taken Error.

        The same student with the same note again is a repeated request whose answer got lost, and succeeds.
        """
        order = self.of_number(seller, number)
        with changing(orders_of(seller)):
            claimed = order.filter(buyer=None).update(buyer=buyer, note=note, bound_at=timezone.now())
        if claimed:
            return
        bound = order.values_list("buyer", "note").first()
        if bound is None:
            raise Fail("Invalid Sn Error")
        if bound != (buyer.pk, note):
            raise Fail("Taken Error")

    def is_ready(self, seller: int, number: int, person: Person) -> bool:
        """Return whether the live number is called, as far as that person may know."""
        return self.called(seller).filter(live_number=number).open_to(person).exists()

    def called(self, seller: int) -> QuerySet["Order"]:
        """Return the live orders of that seller (by id) that are ready."""
        return self.live().filter(seller=seller, called_at__isnull=False)

    @retried
    def call(self, seller: Seller, number: int) -> None:
        """Mark a live number ready; again is a recall and keeps the first time. Raises Fail: Invalid Sn Error."""
        now = timezone.now()
        with changing(orders_of(seller.pk)):
            called = self.of_number(seller.pk, number).update(called_at=Coalesce("called_at", now), last_called_at=now)
        if not called:
            raise Fail("Invalid Sn Error")

    @retried
    def collect(self, seller: int, number: int, person: Person) -> None:
        """End the order on the student's word; no such live number is fine. Raises Fail where it is somebody else's."""
        order = self.of_number(seller, number)
        with changing(orders_of(seller)):
            closed = order.open_to(person).close(Order.Ending.COLLECTED)
        if not closed and order.exists():
            raise Fail("Invalid Sn Error")

    @retried
    def end(self, seller: Seller, number: int) -> None:
        """End the order on the stall's word; no such live number is fine."""
        with changing(orders_of(seller.pk)):
            self.of_number(seller.pk, number).close(Order.Ending.ENDED)

    @retried
    @changing(EVERYTHING)
    def end_all(self, pks: list[int]) -> int:
        """End orders on the word of staff; return how many were still live."""
        return self.filter(pk__in=pks).close(Order.Ending.ENDED)

    @retried
    def clear(self, seller: Seller) -> None:
        """End all live orders of the seller that no student has bound."""
        with changing(orders_of(seller.pk)):
            self.live().filter(seller=seller, buyer=None).close(Order.Ending.CLEARED)

    @retried
    @changing(EVERYTHING)
    def close_stale(self) -> int:
        """End the orders that were abandoned, so that their numbers come back; return how many."""
        cutoff = timezone.now() - timedelta(hours=settings.STALE_ORDER_HOURS)
        return self.filter(closed_at=None, taken_at__lt=cutoff).close(Order.Ending.STALE)

    def close(self, ending: "Order.Ending") -> int:
        """End these orders, which are live, and free their numbers; return how many."""
        return self.live().update(live_number=None, closed_at=timezone.now(), ending=ending)

    def prunable(self, before: datetime) -> QuerySet["Order"]:
        return self.filter(closed_at__lt=before)

    def prune(self, before: datetime) -> Iterator[int]:
        """Delete the orders closed before then, batch by batch; yield the size of each."""
        while batch := list(self.prunable(before).values_list("pk", flat=True)[:PRUNE_BATCH]):
            yield self.filter(pk__in=batch).delete()[0]


class Order(models.Model):
    """A number that a stall handed out, from the taking to the end, and after it as history."""

    class Ending(models.TextChoices):
        COLLECTED = "collected", _("collected")
        ENDED = "ended", _("ended by the seller")
        CLEARED = "cleared", _("cleared")
        STALE = "stale", _("abandoned")

    # The constraint and the index below serve as the indexes of these two keys. The first is none for the database:
    # on the index of a foreign key, ending an order would lock the Seller row after the Order row, and `take` does it
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
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now)
    bound_at = models.DateTimeField(_("bound at"), null=True, blank=True)
    called_at = models.DateTimeField(_("called at"), null=True, blank=True)
    # Of the latest recall, or of the call itself; an order that was imported, or called before this was kept, has none.
    last_called_at = models.DateTimeField(_("last called at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    ending = models.CharField(_("how it ended"), max_length=10, choices=Ending, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [("close_order", _("Can close orders"))]
        constraints = [
            models.UniqueConstraint(fields=["seller", "live_number"], name="one_live_order_a_number"),
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
        ]

    def __str__(self) -> str:
        return _("Number %(number)d of %(seller)s") % {"number": self.number, "seller": self.seller}

    @property
    def state(self) -> str:
        """Where in its life the order is, in a word."""
        if self.closed_at:
            return self.get_ending_display()
        if self.called_at:
            return gettext("called")
        return gettext("bound") if self.bound_at else gettext("taken")

    @property
    def waiting(self) -> timedelta | None:
        """How long the student has waited for the call, or None where none waits or ever did."""
        if self.bound_at is None or (self.closed_at and not self.called_at):
            return None
        return (self.called_at or timezone.now()) - self.bound_at
