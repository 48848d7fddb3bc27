"""Sellers, and the months that staff sell them, with a ledger of every change.

A month lasts from the day on which the months rose from 0, and each time to the same day of the next month: no 1st of
the month matters. On that day it is taken away, by the daily job `charge_months` shortly after midnight, or before it
has run, by whoever sells or corrects months. So the months end on the day on which the last of them is charged
(`paid_until`): the day before is the last one in business.

Lock order, everywhere: the Seller row, then Order rows, then the rest; a child row is inserted after its parent is
locked. Rows are locked by unique fields only.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from callme_site.console.days import at_midnight
from callme_site.console.history import write_history
from callme_site.sentences import Sentence
from callme_site.storage.retries import AWAY, is_conflict, retried
from callme_site.storage.versions import EVERYTHING, SELLERS, changing
from callme_site.wire.fields import without_directions
from sellers.files import absolute_url, save_file
from sellers.guesses import WrongTelephones as WrongTelephones  # a model of this app
from sellers.menus import clean_menu
from sellers.months import PaidMonths, add_months, months_between
from sellers.records import BalanceEntry, Unbinding
from sellers.signing_up import HasAnotherSeller, SignUps
from sellers.telephones import TELEPHONE, plain_telephone

logger = logging.getLogger(__name__)

NAME_LENGTH = 60
DUE_SOON = timedelta(days=7)
TERMS = range(1, 37)  # months that one renewal can add


class NoMonthsLeft(Exception):
    """The seller has no months left, or is switched off."""


class Paused(Exception):
    """The seller hands out no numbers for now, by its own wish."""


class ChargesFailed(Exception):
    """Sellers could not be charged what is due: how many; and how many months the others were."""


def sign_up_end() -> datetime:
    """Return until when a stall that is opened now can be signed up for."""
    return timezone.now() + timedelta(hours=settings.SIGN_UP_HOURS)


def is_paused(until: datetime | None) -> bool:
    return until is not None and until > timezone.now()


class SellerQuerySet(SignUps):
    def open(self) -> Self:
        """Return the sellers who may do business: with months left and not switched off."""
        return self.filter(months__gt=0, switched_off=False)

    def listed(self) -> Self:
        """Return the sellers whom students see: open, and with somebody bound."""
        return self.open().filter(person__isnull=False)

    def paused(self) -> Self:
        """Return the listed sellers who hand out no numbers for now."""
        return self.listed().filter(paused_until__gt=timezone.now())

    def not_signed_up(self) -> Self:
        """Return the sellers that would be listed, had anybody signed up."""
        return self.open().filter(person=None)

    def switched_off(self) -> Self:
        return self.filter(switched_off=True)

    def search(self, text: str) -> Self:
        """Return the sellers of that name, person, or telephone number or its beginning or end."""
        text, digits = without_directions(text).strip(), plain_telephone(text)
        found = Q(name__icontains=text) | Q(person_name__icontains=text)
        if digits.isdecimal():
            found |= Q(telephone__startswith=digits) | Q(telephone__endswith=digits)
        return self.filter(found)

    def due(self, today: date) -> Self:
        return self.filter(next_charge_on__lte=today)

    def due_soon(self) -> Self:
        """Return the listed sellers whose months end within a week."""
        return self.listed().due(timezone.localdate() + DUE_SOON).filter(months=1)

    def out_of_months(self) -> Self:
        """Return the sellers that are out of months, the switched-off ones aside."""
        return self.filter(months=0, switched_off=False)

    def out_of_balance(self) -> Self:
        """Return the sellers whose months are not the sum of their ledger, that sum annotated as `in_ledger`."""
        return (
            self.annotate(in_ledger=Coalesce(Sum("entries__months"), 0)).exclude(months=F("in_ledger")).order_by("pk")
        )

    @retried
    @changing(SELLERS)
    def renew(self, telephone: str, months: int, staff_user: User | None, memo: str = "") -> "Seller":
        """Sell months to the seller of that number, who is registered if new."""
        with transaction.atomic():
            seller = self.select_for_update().filter(telephone=telephone).first() or self.create(telephone=telephone)
            seller.change_months(months, BalanceEntry.Kind.RENEWAL, staff_user=staff_user, memo=memo)
        return seller

    @retried
    @changing(SELLERS)
    def renew_all(
        self, pks: list[int], months: int, *, staff_user: User, memo: str, request: UUID
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
    def correct(self, pk: int, months: int, *, staff_user: User, memo: str, request: UUID) -> "BalanceEntry":
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
    def unbind(self, pk: int, person: int, *, staff_user: User, request: UUID) -> bool:
        """Free the person (by id) of a lost phone, end its sessions, keep on record who did it; another may sign up.

        Return whether that was done, now or by the same request before. Whoever else is bound by now stays.
        """
        with changing() as announce, transaction.atomic():
            seller = self.select_for_update().get(pk=pk)
            if seller.unbindings.filter(request=request).exists():
                return True
            if seller.person_id != person:
                return False
            announce(EVERYTHING)
            freed = {"person": None, "sign_up_until": sign_up_end()}
            if not self.filter(pk=pk, person=person).update(**freed):
                return False
            unbound = Person.objects.get(pk=person)
            unbound.sessions.all().delete()
            Unbinding.objects.create(seller=seller, person=unbound, staff_user=staff_user, request=request)
            sentence = Sentence("Unbound %(person)s and ended its sessions.", {"person": unbound.sentence})
            write_history(staff_user, [seller], sentence)
        return True

    @retried
    def open_for_sign_up(self, pk: int, again: Iterable["Unbinding"], *, staff_user: User) -> datetime | None:
        """Let a phone sign up from now on, also the people of these unbindings; return until when.

        None where a phone is bound, or the seller switched off: then nothing was changed.
        """
        with transaction.atomic():
            seller = self.select_for_update().get(pk=pk)
            until = sign_up_end()
            if not self.filter(pk=pk, person=None, switched_off=False).update(sign_up_until=until):
                return None
            sentences = [Sentence("Opened for sign-up until %(until)s.", {"until": until})]
            for unbinding in again:
                earlier = seller.unbindings.filter(person=unbinding.person, pk__lte=unbinding.pk)
                if earlier.filter(lifted_at=None).update(lifted_at=timezone.now()):
                    sentences.append(Sentence("%(person)s may sign up again.", {"person": unbinding.person.sentence}))
            for sentence in sentences:
                write_history(staff_user, [seller], sentence)
        return until

    @retried
    @changing(SELLERS)
    def pause(self, pk: int) -> None:
        """Let a seller hand out no more numbers until the next midnight."""
        self.filter(pk=pk).update(paused_until=at_midnight(timezone.localdate() + timedelta(days=1)))

    @retried
    @changing(SELLERS)
    def resume(self, pk: int) -> None:
        """Let a seller hand out numbers again, paused or not."""
        self.filter(pk=pk).update(paused_until=None)

    def charge_due(self) -> int:
        """Charge every seller's due months; return how many months that was.

        A seller that fails keeps no other from its charge; raises ChargesFailed at the end.
        """
        charged = failed = 0
        for pk in list(self.due(timezone.localdate()).order_by("pk").values_list("pk", flat=True)):
            try:
                charged += self.charge(pk)
            except Exception as error:
                if isinstance(error, AWAY) and not is_conflict(error):
                    raise  # the database is away, for the others too
                logger.exception("charge_failed seller=%s", pk)
                failed += 1
        if failed:
            raise ChargesFailed(failed, charged)
        return charged

    @retried
    @changing(SELLERS)
    def charge(self, pk: int) -> int:
        """Charge one seller's due months, each exactly once however often and wherever this runs; return how many."""
        with transaction.atomic():
            return self.select_for_update().get(pk=pk).charge_due()


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

    # A new seller can be signed up for, as one whose phone was unbound can: then, or when staff say so, for a while.
    sign_up_until = models.DateTimeField(
        _("open for sign-up until"), null=True, blank=True, default=sign_up_end, editable=False
    )

    # A seller with history is never deleted: switched off, it is not listed and takes no numbers.
    switched_off = models.BooleanField(_("switched off"), default=False)

    # Until then it takes no numbers for now, by its own wish.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    # Whether students have to prove that they hold the number which they enter.
    proof = models.BooleanField(_("proof of holding"), default=False, db_default=False)

    in_ledger: int  # annotated by out_of_balance

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
        return absolute_url(self.picture.name)

    @property
    def qrcode_url(self) -> str:
        return absolute_url(self.qrcode.name)

    @property
    def hands_out(self) -> bool:
        """Whether it may hand out numbers now."""
        return self.months > 0 and not self.switched_off and not is_paused(self.paused_until)

    @property
    def is_free(self) -> bool:
        """Whether nobody is bound to it and it is not switched off."""
        return self.person_id is None and not self.switched_off

    @property
    def is_open_to_sign_up(self) -> bool:
        """Whether a phone can sign up for it by its number alone."""
        return self.is_free and self.sign_up_until is not None and self.sign_up_until > timezone.now()

    @property
    def paid_months(self) -> PaidMonths | None:
        """The months that it has been paid for since they rose from 0; None without any left."""
        if self.on_duty_since is None or self.next_charge_on is None:
            return None
        over = months_between(self.on_duty_since, self.next_charge_on) - 1
        return PaidMonths(self.on_duty_since, over + self.months)

    @property
    def paid_until(self) -> date | None:
        """The day on which the months end; None without any left."""
        return self.paid_months.end if self.paid_months else None

    def takes(self, person: Person, *, proven: bool = False) -> bool:
        """Return whether the person is bound to it, or may sign up: not if it was unbound, until staff say so.

        Who has `proven` to have its number may do so at any time.
        """
        if self.person_id == person.pk:
            return not self.switched_off
        may = self.is_free if proven else self.is_open_to_sign_up
        return may and not self.unbindings.filter(person=person, lifted_at=None).exists()

    def check_sign_up(self, person: Person) -> None:
        """Raise NoMonthsLeft or HasAnotherSeller where that keeps the person from the seller, who takes it."""
        if not self.months:
            raise NoMonthsLeft
        if Seller.objects.filter(person=person).exclude(pk=self.pk).exists():
            raise HasAnotherSeller

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
        while self.on_duty_since and self.next_charge_on and self.next_charge_on <= timezone.localdate():
            due_on = self.next_charge_on
            self.next_charge_on = add_months(self.on_duty_since, months_between(self.on_duty_since, due_on) + 1)
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
            write_history(written.staff_user, [self], written.sentence)
        return written

    @retried
    def update_profile(self, changes: dict[str, Any]) -> None:
        """Set the given fields and leave the others."""
        if changes:
            with changing(SELLERS):
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
            replaced, locked.picture = locked.picture.name or "", saved
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
