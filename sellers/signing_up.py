"""Signing up: which person a seller takes, by a telephone number that was typed, or that WeChat has proven."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts import openids, services, wechat
from accounts.login_errors import login_errors
from accounts.models import Person, Session
from callme_site.storage.retries import retried
from callme_site.storage.versions import EVERYTHING, changing
from sellers.guesses import MOST, WrongTelephones
from sellers.telephones import plain_telephone
from sellers.texts import await_checks, unhidden

if TYPE_CHECKING:
    from sellers.models import Seller

REQUIRED = "required"  # SIGNUP_PROOF


class NotOpenForSignUp(Exception):
    """No seller of that telephone number takes the person, or the person has tried too many wrong ones."""


class HasAnotherSeller(Exception):
    """The person is bound to another seller."""


class NeedsProof(Exception):
    """A number that was typed is not enough here: SIGNUP_PROOF."""


class NoOpenid(Exception):
    """The person's openid is not kept, without which WeChat proves no number; the next login keeps it."""


def proven_telephone(person: Person, code: str, address: str) -> str:
    """Return the number that the code of the sellers' mini-program's getPhoneNumber stands for, as it is kept.

    The code is sent once. `address`: the client's, by which refused codes are counted, with those of logins. Raises
    NoOpenid, wechat.CodeRefused, wechat.Unavailable, the last without OPENID_KEYS too.
    """
    if not settings.OPENID_KEYS:
        raise wechat.Unavailable
    openid = openids.decrypted(Session.objects.openid_of(person, Session.App.SELLER))
    if openid is None:
        raise NoOpenid
    with login_errors().limit(address, "signup"):
        return plain_telephone(services.telephone(wechat.app("seller"), code, openid))


class SignUps(models.QuerySet["Seller"]):
    """What a queryset of sellers knows of signing up."""

    def open_to_sign_up(self) -> Self:
        """Return the sellers that a phone can sign up for."""
        return self.filter(person=None, switched_off=False, sign_up_until__gt=timezone.now())

    def sign_up(self, person: Person, telephone: str, names: dict[str, str], *, proven: bool = False) -> None:
        """Bind the person to the seller whom staff registered under that number, and set the names, by field.

        A number that is `proven` needs no seller that is open for sign-up, and is no guess. Raises NeedsProof,
        NotOpenForSignUp, NoMonthsLeft, HasAnotherSeller.
        """
        if settings.SIGNUP_PROOF == REQUIRED and not proven:
            raise NeedsProof
        seller = self.of_proven(person, telephone) if proven else self.look_up(person, telephone)
        if seller is None:
            raise NotOpenForSignUp
        seller.check_sign_up(person)
        changed = {name: value for name, value in names.items() if value != getattr(seller, name)}
        if changed or seller.person_id is None:
            self.bind(seller.pk, person, changed, proven=proven)

    def of_proven(self, person: Person, telephone: str) -> "Seller | None":
        """Return the seller of that number, which the person has proven, if it takes the person, else None."""
        seller = self.filter(telephone=telephone).first()
        return seller if seller and seller.takes(person, proven=True) else None

    @retried
    def look_up(self, person: Person, telephone: str) -> "Seller | None":
        """Return the seller of that number if it takes the person, else None, and that counts as a wrong number.

        After ten wrong ones none is found, but for the person's own seller.
        """
        with transaction.atomic():
            tried = WrongTelephones.objects.tried(person)
            seller = self.filter(telephone=telephone).first()
            if seller and seller.takes(person) and (seller.person_id or tried < MOST):
                return seller
            WrongTelephones.objects.count_one(person, tried)
        return None

    @retried
    @changing(EVERYTHING)
    def bind(self, pk: int, person: Person, names: dict[str, str], *, proven: bool = False) -> None:
        """Bind the person to the seller if it takes it still; raises what `sign_up` does."""
        with transaction.atomic():
            seller = self.select_for_update().get(pk=pk)
            if not seller.takes(person, proven=proven):
                raise NotOpenForSignUp
            seller.check_sign_up(person)
            self.filter(pk=pk).update(person=person, sign_up_until=None, **names, **unhidden(names))
            await_checks(pk, names, person)
