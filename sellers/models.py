"""Sellers, and the months of duty that staff sell them, with a ledger of every change.

Lock order, everywhere: the Seller row, then Order rows, then the rest; a child row is inserted after its parent is
locked. Rows are locked by unique fields only.
"""

import calendar
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from callme_site.changes import EVERYTHING, SELLERS, changing
from callme_site.database import retried
from callme_site.protocol import Fail, Text

TELEPHONE = r"1[3-9][0-9]{9}"  # 11 digits, mainland mobile
NAME_LENGTH = 60
MENU_NAMES = 60
MENU_NAME = Text(max_length=40, strip=True, required=False)
DUE_SOON = timedelta(days=7)
TERMS = range(1, 37)  # months that one renewal can add


def add_months(day: date, months: int) -> date:
    """Return the same day that many months later; a 31st falls on a shorter month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def clean_menu(menu: Any) -> list[str]:
    """Return the names of a menu, trimmed and without empty ones; raises ValidationError."""
    try:
        if not isinstance(menu, list) or None in menu:
            raise ValidationError("not a list of names")
        names = [name for name in map(MENU_NAME.clean, menu) if name]
        if len(names) > MENU_NAMES:
            raise ValidationError("too long")
    except ValidationError:
        raise ValidationError(_("A menu is a list of at most 60 names of 1 to 40 characters.")) from None
    return names


class SellerQuerySet(models.QuerySet):
    def open(self) -> QuerySet["Seller"]:
        """Return the sellers who may do business: with months left and not switched off."""
        return self.filter(months__gt=0, switched_off=False)

    def on_duty(self) -> QuerySet["Seller"]:
        """Return the sellers whom students see: open, and with somebody bound."""
        return self.open().filter(person__isnull=False)

    def search(self, text: str) -> QuerySet["Seller"]:
        """Return the sellers of that name, person, or telephone number or its beginning or end."""
        telephone = Q(telephone__startswith=text.strip()) | Q(telephone__endswith=text.strip())
        return self.filter(Q(name__icontains=text.strip()) | Q(person_name__icontains=text.strip()) | telephone)

    def due(self, today: date) -> QuerySet["Seller"]:
        return self.filter(next_charge_on__lte=today)

    def due_soon(self) -> QuerySet["Seller"]:
        """Return the sellers whose next month is due within a week."""
        return self.due(timezone.localdate() + DUE_SOON)

    def out_of_duty(self) -> QuerySet["Seller"]:
        return self.filter(months=0)

    def out_of_balance(self) -> QuerySet["Seller"]:
        """Return the sellers whose months are not the sum of their ledger, that sum annotated as `in_ledger`."""
        return (
            self.annotate(in_ledger=Coalesce(Sum("entries__months"), 0)).exclude(months=F("in_ledger")).order_by("pk")
        )

    def with_orders(self, **which: Q) -> QuerySet["Seller"]:
        """Annotate, for each name, how many of the seller's orders the condition holds for."""
        # The other end of Order.seller: queueing is above this app, and is not imported here.
        orders = self.model._meta.get_field("orders").related_model.objects.filter(seller=OuterRef("pk"))
        counted = orders.order_by().values("seller").annotate(count=Count("pk")).values("count")
        return self.annotate(
            **{name: Coalesce(Subquery(counted.filter(condition)), 0) for name, condition in which.items()}
        )

    @retried
    @changing(SELLERS)
    def renew(self, telephone: str, months: int, staff_user: AbstractUser | None, memo: str = "") -> "Seller":
        """Sell months to the seller of that number, who is registered if new."""
        with transaction.atomic():
            seller = self.select_for_update().filter(telephone=telephone).first() or self.create(telephone=telephone)
            seller.change_months(months, BalanceEntry.Kind.RENEWAL, staff_user=staff_user, memo=memo)
        return seller

    @retried
    @changing(SELLERS)
    def renew_all(
        self, pks: list[int], months: int, *, staff_user: AbstractUser, memo: str, request: UUID
    ) -> list["BalanceEntry"]:
        """Sell months to several sellers, all or none; return that request's entries, also if it was done before."""
        with transaction.atomic():
            sellers = list(self.select_for_update().filter(pk__in=pks).order_by("pk"))
            if done := list(BalanceEntry.objects.filter(seller__in=sellers, request=request).select_related("seller")):
                return done
            entry = {"staff_user": staff_user, "memo": memo, "request": request}
            return [seller.change_months(months, BalanceEntry.Kind.RENEWAL, **entry) for seller in sellers]

    @retried
    @changing(SELLERS)
    def correct(self, pk: int, months: int, *, staff_user: AbstractUser, memo: str, request: UUID) -> "BalanceEntry":
        """Change months by an entry with a reason, once a request; return it.

        Raises ValidationError where the balance would fall below 0.
        """
        with transaction.atomic():
            seller = self.select_for_update().get(pk=pk)
            if done := seller.entries.filter(request=request).first():
                return done
            entry = {"staff_user": staff_user, "memo": memo, "request": request}
            return seller.change_months(months, BalanceEntry.Kind.CORRECTION, **entry)

    @retried
    @changing(EVERYTHING)
    def unbind(self, pk: int, *, staff_user: AbstractUser, request: UUID) -> None:
        """Free the person of a lost phone, once a request, end its sessions, and keep on record who did it."""
        with transaction.atomic():
            seller = self.select_for_update().select_related("person").get(pk=pk)
            person = seller.person
            if person is None or seller.unbindings.filter(request=request).exists():
                return
            self.filter(pk=pk).update(person=None)
            person.sessions.all().delete()
            Unbinding.objects.create(seller=seller, person=person, staff_user=staff_user, request=request)
            sentence = gettext("Unbound %(person)s and ended its sessions.") % {"person": person}
            write_history(staff_user, seller, sentence)

    def charge_due(self) -> int:
        """Charge every seller's due months; return how many months that was."""
        due = self.due(timezone.localdate()).order_by("pk").values_list("pk", flat=True)
        return sum(self.charge(pk) for pk in list(due))

    @retried
    @changing(SELLERS)
    def charge(self, pk: int) -> int:
        """Charge one seller's due months, each exactly once however often and wherever this runs; return how many."""
        with transaction.atomic():
            return self.select_for_update().get(pk=pk).charge_due()

    @retried
    @changing(EVERYTHING)
    def sign_up(self, person: Person, telephone: str, names: dict[str, str]) -> None:
        """Bind the person to the seller whom staff registered under that number, and set the names, by field.

        Raises Fail: Invalid Tel Error, Need Renew Error, Seller Openid Error.
        """
        with transaction.atomic():
            seller = self.select_for_update().filter(telephone=telephone).first()
            if seller is None or seller.switched_off or seller.person_id not in (None, person.pk):
                raise Fail("Invalid Tel Error")
            if not seller.months:
                raise Fail("Need Renew Error")
            if self.filter(person=person).exclude(pk=seller.pk).exists():
                raise Fail("Seller Openid Error")
            self.filter(pk=seller.pk).update(person=person, **names)


class Seller(models.Model):
    """A canteen stall."""

    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True)
    person_name = models.CharField(_("person's name"), max_length=NAME_LENGTH, blank=True)
    telephone = models.CharField(
        _("telephone"),
        max_length=11,
        unique=True,
        validators=[RegexValidator(rf"^{TELEPHONE}\Z", _("Not a mainland mobile number."))],
    )
    picture = models.FileField(_("picture"), upload_to="sellers", blank=True)
    menu = models.JSONField(_("menu"), default=list, blank=True, validators=[clean_menu])
    # The picture of the mini-program's code that leads to this stall, once it was asked for.
    qrcode = models.FileField(_("mini-program code"), upload_to="qrcodes", blank=True)
    months = models.PositiveIntegerField(_("months left"), default=0)
    # The day the months rose from 0 keeps the day of the month that shorter months cut off.
    on_duty_since = models.DateField(_("on duty since"), null=True, blank=True)
    next_charge_on = models.DateField(_("next charge"), null=True, blank=True, db_index=True)  # for charge_months
    person = models.OneToOneField(
        Person, models.SET_NULL, null=True, blank=True, related_name="seller", verbose_name=_("bound person")
    )

    # A seller with history is never deleted: switched off, it is not listed and takes no numbers.
    switched_off = models.BooleanField(_("switched off"), default=False)

    objects = SellerQuerySet.as_manager()

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        permissions = [
            ("renew_seller", _("Can renew sellers")),
            ("correct_seller", _("Can correct sellers' months")),
            ("unbind_seller", _("Can unbind sellers' phones")),
        ]
        constraints = [
            models.CheckConstraint(
                name="charged_while_months_last",
                condition=models.Q(months=0, next_charge_on__isnull=True, on_duty_since__isnull=True)
                | models.Q(months__gt=0, next_charge_on__isnull=False, on_duty_since__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.telephone

    @property
    def picture_url(self) -> str:
        return absolute_url(self.picture)

    @property
    def qrcode_url(self) -> str:
        return absolute_url(self.qrcode)

    def change_months(self, months: int, kind: "BalanceEntry.Kind", **entry: Any) -> "BalanceEntry":
        """Add months, write the ledger and the staff user's history; the row is locked by the caller.

        What is due is charged first, so that it makes no difference how late the daily job runs. Raises
        ValidationError where the balance would fall below 0.
        """
        today = timezone.localdate()
        self.charge_due()
        if self.months + months < 0:
            raise ValidationError(_("Only %(months)d months are left.") % {"months": self.months})
        if not self.months:
            self.on_duty_since, self.next_charge_on = today, add_months(today, 1)
        return self._enter(months, kind, **entry)

    def charge_due(self) -> int:
        """Charge each month that is due today and return how many; the row is locked by the caller."""
        charged = 0
        while self.next_charge_on and self.next_charge_on <= timezone.localdate():
            due_on = self.next_charge_on
            months_on_duty = (due_on.year - self.on_duty_since.year) * 12 + due_on.month - self.on_duty_since.month
            self.next_charge_on = add_months(self.on_duty_since, months_on_duty + 1)
            self._enter(-1, BalanceEntry.Kind.CHARGE, due_on=due_on)
            charged += 1
        return charged

    def _enter(self, months: int, kind: "BalanceEntry.Kind", **entry: Any) -> "BalanceEntry":
        self.months += months
        if not self.months:
            self.on_duty_since = self.next_charge_on = None
        self.save(update_fields=["months", "on_duty_since", "next_charge_on"])
        written = self.entries.create(months=months, kind=kind, balance_after=self.months, **entry)
        if written.staff_user:
            write_history(written.staff_user, self, written.sentence)
        return written

    @retried
    @changing(SELLERS)
    def update_profile(self, changes: dict[str, Any]) -> None:
        """Set the given fields and leave the others."""
        if changes:
            Seller.objects.filter(pk=self.pk).update(**changes)

    def replace_picture(self, jpeg: bytes) -> None:
        """Save the picture and delete the one it replaces; raises OSError, and then the old one stays."""
        saved = save_file(f"sellers/{self.pk}-{uuid4().hex}.jpg", jpeg)
        # Should the database fail here, the file stays behind: the COMMIT may have gone through all the same.
        if replaced := self._swap_picture(saved):
            default_storage.delete(replaced)

    @retried
    @changing(SELLERS)
    def _swap_picture(self, saved: str) -> str:
        with transaction.atomic():
            locked = Seller.objects.select_for_update().only("picture").get(pk=self.pk)
            replaced, locked.picture = locked.picture.name, saved
            locked.save(update_fields=["picture"])
        return replaced

    def keep_qrcode(self, picture: bytes) -> None:
        """Save the mini-program code; where another request was faster, its picture stays. Raises OSError."""
        suffix = ".png" if picture.startswith(b"\x89PNG") else ".jpg"
        saved = save_file(f"qrcodes/{self.pk}-{uuid4().hex}{suffix}", picture)
        if not self._claim_qrcode(saved):
            default_storage.delete(saved)
        self.refresh_from_db(fields=["qrcode"])

    @retried
    def _claim_qrcode(self, saved: str) -> bool:
        return Seller.objects.filter(pk=self.pk, qrcode="").update(qrcode=saved) > 0


class BalanceEntry(models.Model):
    """One change of a seller's months; entries are only ever added."""

    class Kind(models.TextChoices):
        RENEWAL = "renewal", _("renewal")
        CHARGE = "charge", _("monthly charge")
        CORRECTION = "correction", _("correction")
        IMPORT = "import", _("import")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="entries", verbose_name=_("seller"), db_index=False)
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

    def __str__(self) -> str:
        return _("%(kind)s of %(months)+d months") % {"kind": self.get_kind_display(), "months": self.months}

    @property
    def sentence(self) -> str:
        """What was done, for the history."""
        facts = {"entry": self, "balance": self.balance_after, "memo": self.memo}
        if self.memo:
            return gettext("%(entry)s, %(balance)d left afterwards; %(memo)s") % facts
        return gettext("%(entry)s, %(balance)d left afterwards") % facts


class Unbinding(models.Model):
    """A person who was taken off a seller, because the phone was lost: which, by whom, when."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="unbindings", verbose_name=_("seller"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="unbindings", verbose_name=_("person"))
    staff_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("staff user")
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    request = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("unbinding")
        verbose_name_plural = _("unbindings")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return _("%(person)s of %(seller)s") % {"person": self.person, "seller": self.seller}


def write_history(staff_user: AbstractUser, seller: Seller, sentence: str) -> None:
    """Write a sentence into Django's history of the seller."""
    LogEntry.objects.log_actions(staff_user.pk, [seller], CHANGE, sentence, single_object=True)


def save_file(name: str, content: bytes) -> str:
    """Write an uploaded or fetched file and return its name; raises OSError, and then leaves no half of it behind."""
    try:
        return default_storage.save(name, ContentFile(content))
    except OSError:
        default_storage.delete(name)
        raise


def absolute_url(file: Any) -> str:
    """Return the file's address as phones need it, or "" where there is none."""
    return settings.PUBLIC_URL + file.url if file else ""
