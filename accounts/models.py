"""People as WeChat knows them, and the sessions that their phones hold."""

import hashlib
import re
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callme_site import changes
from callme_site.database import retried

KEY = re.compile("[0-9a-f]{40}")
CLOCKS_APART = timedelta(seconds=1)  # two hosts' clocks; a session that another one began may seem to lie ahead
RENEW_PERMISSION = "sellers.renew_seller"


def hash_openid(openid: str) -> str:
    """Return sha1(openid) in hex: the original's hash_openid, so that rows imported from it match."""
    return hashlib.sha1(openid.encode()).hexdigest()  # noqa: S324


class PersonManager(models.Manager):
    @retried
    def link_staff(self, openid_hash: str, user: AbstractUser) -> "Person":
        """Make the person of that hash the staff user's WeChat person, and the only one; it need not have logged in."""
        with transaction.atomic():
            self.unlink_staff(user)
            person, _created = self.get_or_create(openid_hash=openid_hash)
            person.staff_user = user
            person.save(update_fields=["staff_user"])
        return person

    def unlink_staff(self, user: AbstractUser) -> bool:
        """Take the staff user's WeChat person away; return whether there was one."""
        return self.filter(staff_user=user).update(staff_user=None) > 0


class Person(models.Model):
    """Somebody with a WeChat account, in one of the two mini-programs (an openid holds for one of them)."""

    openid_hash = models.CharField(_("openid hash"), max_length=40, unique=True)
    staff_user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("staff user"),
    )
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)

    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return _("Person %(id)s") % {"id": self.pk}

    @classmethod
    def known_by(cls, pk: int, seller_pk: int | None) -> "Person":
        """Return the person and the seller that it is bound to, by their ids; all else comes when it is asked for."""
        seller = cls._meta.get_field("seller")
        person = cls.from_db(DEFAULT_DB_ALIAS, ["id"], [pk])
        bound = seller_pk and seller.related_model.from_db(DEFAULT_DB_ALIAS, ["id"], [seller_pk])
        seller.set_cached_value(person, bound)
        return person

    @property
    def bound_seller(self) -> Any:
        """The seller whom this person is bound to (the other end of Seller.person), or None."""
        return getattr(self, "seller", None)

    @property
    def may_renew(self) -> bool:
        """Whether this is the person of an active staff user who may renew sellers."""
        user = self.staff_user
        return user is not None and user.is_active and user.is_staff and user.has_perm(RENEW_PERMISSION)


class Holder(NamedTuple):
    """Who holds a session: the ids of the person and of the seller that it is bound to, and since when."""

    person: int
    seller: int | None
    started_at: datetime


# By 3rd_session.
holders: changes.Memory[Holder] = changes.Memory(most=50_000)


class SessionManager(models.Manager):
    @staticmethod
    def digest(key: str) -> str:
        """Return what the database keeps of a 3rd_session: nothing that could be used as one."""
        return hashlib.sha256(key.encode()).hexdigest()

    @staticmethod
    def alive() -> tuple[datetime, datetime]:
        """Return after when, and until when, the sessions have begun that are alive now.

        One that lies ahead was begun before the clock was set back, and would live longer than its hour.
        """
        now = timezone.now()
        return now - timedelta(minutes=settings.SESSION_MINUTES), now + CLOCKS_APART

    @retried
    def start(self, openid: str, session_key: str) -> tuple[str, Person]:
        """Begin, perhaps anew, the hour of the 3rd_session sha1(openid + session_key); return it and its person."""
        key = hashlib.sha1((openid + session_key).encode()).hexdigest()  # noqa: S324
        person, _created = Person.objects.select_related("seller").get_or_create(openid_hash=hash_openid(openid))
        self.update_or_create(digest=self.digest(key), defaults={"person": person, "started_at": timezone.now()})
        return key, person

    def person(self, key: Any) -> Person | None:
        """Return the person whose session is alive under that 3rd_session, or None; its fields come when asked for."""
        holder = self.holder(key, changes.state())
        return holder and Person.known_by(holder.person, holder.seller)

    def holder(self, key: Any, state: changes.State | None) -> "Holder | None":
        """Return who holds the session that is alive under that 3rd_session, or None; kept in memory."""
        if not isinstance(key, str) or not KEY.fullmatch(key):
            return None
        holder = holders.recall(key, state)
        after, until = self.alive()
        if holder is None or not after < holder.started_at <= until:
            alive = self.filter(digest=self.digest(key), started_at__gt=after, started_at__lte=until)
            holder = next(starmap(Holder, alive.values_list("person", "person__seller", "started_at")), None)
            if holder:
                holders.keep(key, state, holder)
        return holder

    @retried
    def expire(self) -> int:
        """Delete the sessions that are past their hour, or lie ahead as the clock was set back; return how many."""
        after, until = self.alive()
        expired = self.filter(started_at__lte=after).delete()[0]
        # That an hour is over every process knows by itself.
        if (ahead := self.filter(started_at__gt=until)).exists():
            with changes.changing(changes.EVERYTHING):
                expired += ahead.delete()[0]
        return expired


class Session(models.Model):
    """A login of a person, known by its digest."""

    JUST_NOW = timedelta(minutes=10)  # how long the console lists who has logged in

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sessions", verbose_name=_("person"))
    started_at = models.DateTimeField(_("started at"), db_index=True)  # for expire_sessions

    objects = SessionManager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return _("Session of %(person)s") % {"person": self.person}
