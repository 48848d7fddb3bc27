"""What is kept on record of sellers: the ledger of their months, who was unbound, and what staff did."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import Person
from callme_site.sentences import Sentence
from sellers.months import PaidMonths


class BalanceEntryQuerySet(models.QuerySet["BalanceEntry"]):
    def by_staff(self, begin: datetime, end: datetime) -> Self:
        """Return what staff have entered from `begin` until before `end`."""
        return self.filter(created_at__gte=begin, created_at__lt=end, staff_user__isnull=False)


class BalanceEntry(models.Model):
    """One change of a seller's months; entries are only ever added."""

    class Kind(models.TextChoices):
        RENEWAL = "renewal", _("renewal")
        CHARGE = "charge", _("monthly charge")
        CORRECTION = "correction", _("correction")
        IMPORT = "import", _("import")

    seller = models.ForeignKey(
        "sellers.Seller", models.PROTECT, related_name="entries", verbose_name=_("seller"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    months = models.SmallIntegerField(_("months"))
    balance_after = models.PositiveIntegerField(_("balance after"))
    due_on = models.DateField(_("due on"), null=True, blank=True)  # of a monthly charge
    staff_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("staff user")
    )
    memo = models.CharField(_("memo"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)  # for exports by day
    # Names the page that a staff user sent, so that sending it twice counts once.
    request = models.UUIDField(null=True, editable=False)

    objects = BalanceEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("balance entry")
        verbose_name_plural = _("balance ledger")
        ordering = ["-pk"]
        constraints = [
            # A due month is charged once; NULLs never collide. It also serves as the index of `seller`.
            models.UniqueConstraint(fields=["seller", "due_on"], name="one_charge_a_due_month"),
            models.UniqueConstraint(fields=["seller", "request"], name="one_entry_a_request"),
            models.CheckConstraint(
                name="charges_have_a_due_day",
                condition=models.Q(kind="charge", due_on__isnull=False)
                | (~models.Q(kind="charge") & models.Q(due_on__isnull=True)),
            ),
        ]
        # For the admin: the latest entries of a kind, of which some, like imports, are rare or long ago.
        indexes = [models.Index(fields=["kind"], name="entry_by_kind")]

    def __str__(self) -> str:
        return str(self.change)

    @property
    def change(self) -> Sentence:
        """What kind of entry it is, and of how many months."""
        with override(None):
            kind = Sentence(str(self.Kind(self.kind).label))
        facts = {"months": self.months, "kind": kind}
        return Sentence("%(kind)s of %(months)+d month", facts, plural="%(kind)s of %(months)+d months")

    @property
    def sentence(self) -> Sentence:
        """What was done, for the history."""
        facts = {"entry": self.change, "balance": self.balance_after}
        if self.memo:
            return Sentence("%(entry)s, %(balance)d left afterwards; %(memo)s", {**facts, "memo": self.memo})
        return Sentence("%(entry)s, %(balance)d left afterwards", facts)

    @property
    def paid_until(self) -> date | None:
        """The day on which the months ended as this entry left them, by the ledger alone; None without any."""
        if not self.balance_after:
            return None
        before = BalanceEntry.objects.filter(seller=self.seller_id, pk__lte=self.pk)
        first = before.filter(months__gt=0, balance_after=F("months")).latest("pk")
        bought = before.filter(pk__gte=first.pk).exclude(kind=self.Kind.CHARGE).aggregate(Sum("months"))["months__sum"]
        return PaidMonths(timezone.localdate(first.created_at), bought).end


class UnbindingQuerySet(models.QuerySet["Unbinding"]):
    def in_force(self) -> Self:
        """Return, of each person that may not sign up again, the latest."""
        standing = self.filter(lifted_at=None)
        return standing.filter(pk__in=standing.order_by().values("person").annotate(last=Max("pk")).values("last"))


class Unbinding(models.Model):
    """A person who was taken off a seller, because the phone was lost: which, by whom, when.

    It cannot sign up for that seller again until staff lift this.
    """

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="unbindings", verbose_name=_("seller"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="unbindings", verbose_name=_("person"))
    staff_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("staff user")
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    lifted_at = models.DateTimeField(_("may sign up again since"), null=True, blank=True, editable=False)
    request = models.UUIDField(unique=True, editable=False)

    objects = UnbindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("unbinding")
        verbose_name_plural = _("unbindings")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return _("%(person)s of %(seller)s") % {"person": self.person, "seller": self.seller}
