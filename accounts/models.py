"""People as WeChat knows them, and the sessions that their phones hold."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import openids
from accounts.texts import TextCheck as TextCheck  # models of this app, both
from accounts.tokens import AccessToken as AccessToken
from callme_site.sentences import Sentence
from callme_site.storage import versions
from callme_site.storage.retries import retried
from callme_site.storage.statements import Parameter, Select

KEY = re.compile("[0-9a-f]{40}")
CLOCKS_APART = timedelta(seconds=1)  # two hosts' clocks; a session that another one began may seem to lie ahead


def hash_openid(openid: str) -> str:
    """Return sha1(openid) in hex: the original's hash_openid, so that rows imported from it match."""
    return hashlib.sha1(openid.encode()).hexdigest()  # noqa: S324


class PersonManager(models.Manager["Person"]):
    @retried
    def link_staff(self, openid_hash: str, user: User) -> "Person":
        """Make the person of that hash the staff user's WeChat person, and the only one; it need not have logged in."""
        with transaction.atomic():
            self.unlink_staff(user)
            person, _created = self.get_or_create(openid_hash=openid_hash)
            person.staff_user = user
            person.save(update_fields=["staff_user"])
        return person

    def unlink_staff(self, user: User) -> bool:
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

    app: str = ""  # the mini-program of the session that the person was found by (Session.App), if that is known

    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def sentence(self) -> Sentence:
        """What the person is called, whatever language that is read in."""
        return Sentence("Person %(id)s", {"id": self.pk})

    @classmethod
    def known_by(cls, pk: int, app: str) -> "Person":
        """Return the person of that id, whose session came from that mini-program; all else comes when asked for."""
        person = cls.from_db(DEFAULT_DB_ALIAS, ["id"], [pk])
        person.app = app
        return person

    @property
    def may_renew(self) -> bool:
        """Whether this is the person of an active staff user who has RENEW_PERMISSION."""
        user = self.staff_user
        return user is not None and user.is_active and user.is_staff and user.has_perm(settings.RENEW_PERMISSION)


class SessionManager(models.Manager["Session"]):
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
    def start(self, openid: str, session_key: str, app: str) -> tuple[str, Person]:
        """Begin, perhaps anew, the hour of the 3rd_session sha1(openid + session_key); return it and its person.

        Of the person's sessions the newest MOST stay. `app`: for which of Session.App the openid holds.
        """
        key = hashlib.sha1((openid + session_key).encode()).hexdigest()  # noqa: S324
        person, _created = Person.objects.get_or_create(openid_hash=hash_openid(openid))
        fields = {"person": person, "app": app, "started_at": timezone.now(), "openid": openids.encrypted(openid)}
        self.update_or_create(digest=self.digest(key), defaults=fields)
        self.end_oldest(person)
        return key, person

    def end_oldest(self, person: Person) -> None:
        """End the person's sessions but for the newest MOST; the last of several logins at once sees all of theirs."""
        _after, until = self.alive()
        # One that lies ahead is dead already, and not newer than what begins now.
        begun = self.filter(person=person, started_at__lte=until).order_by("-started_at", "-pk")
        if surplus := list(begun.values_list("digest", flat=True)[Session.MOST :]):
            with versions.changing(*map(versions.session_of, surplus)):
                self.filter(digest__in=surplus).delete()

    def alive_of(self, digest: Any, after: Any, until: Any) -> models.QuerySet["Session"]:
        """Return the session of that digest if it began within that time; `alive` tells of which are alive now."""
        return self.filter(digest=digest, started_at__gt=after, started_at__lte=until)

    def openid_of(self, person: Person, app: str) -> str:
        """Return the person's openid in that mini-program as it is kept, encrypted; "" where it is not."""
        after, until = self.alive()
        found = OPENID_OF.row(person=person.pk, app=app, after=after, until=until)
        return found[0] if found else ""

    def kept_openids(self, person: Any, app: Any, after: Any, until: Any) -> models.QuerySet:
        """Return the openids that are kept with the person's sessions begun within that time, the latest first."""
        alive = self.filter(person=person, app=app, started_at__gt=after, started_at__lte=until).exclude(openid="")
        return alive.order_by("-started_at").values_list("openid")

    def just_now(self, code: str = "") -> models.QuerySet:
        """Return who has just logged in as a seller and is no staff user's person, the last first.

        `code`: the beginning of the code that the phone shows, in lower case.
        """
        since = timezone.now() - Session.JUST_NOW
        recent = self.filter(app=Session.App.SELLER, started_at__gte=since, person__staff_user=None)
        # Without regard to case, which is an index's way in MariaDB; a digest has none.
        return recent.filter(digest__istartswith=code).order_by("-started_at")

    @retried
    def expire(self) -> int:
        """Delete the sessions that are past their hour, or lie ahead as the clock was set back; return how many."""
        after, until = self.alive()
        expired = self.filter(started_at__lte=after).delete()[0]
        # That an hour is over every process knows by itself.
        if (ahead := self.filter(started_at__gt=until)).exists():
            with versions.changing(versions.EVERYTHING):
                expired += ahead.delete()[0]
        return expired


class Session(models.Model):
    """A login of a person, known by its digest."""

    JUST_NOW = timedelta(minutes=10)  # how long the console lists who has logged in
    MOST = 10  # that a person has at once
    CODE_LENGTH = 6  # enough to tell apart who has just logged in

    class App(models.TextChoices):
        BUYER = "buyer", _("students' mini-program")
        SELLER = "seller", _("sellers' mini-program")

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sessions", verbose_name=_("person"))
    app = models.CharField(_("mini-program"), max_length=6, choices=App.choices, blank=True, default="")
    started_at = models.DateTimeField(_("started at"), db_index=True)  # for expire_sessions
    # Encrypted (accounts/openids.py), for the messages and checks that WeChat wants it for.
    openid = models.CharField(max_length=openids.KEPT_LENGTH, blank=True, default="", db_default="", editable=False)

    objects = SessionManager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = (models.Index(fields=["app", "started_at"], name="session_of_app_since"),)  # for just_now

    def __str__(self) -> str:
        return _("Session of %(person)s") % {"person": self.person}

    @property
    def code(self) -> str:
        """What the phone shows to be told apart by, and may tell everybody: it makes it of the 3rd_session itself."""
        return self.digest[: self.CODE_LENGTH]


def openids_of_person() -> models.QuerySet:
    """Return the openid of the newest session of those that have one."""
    person, app = Parameter("person", models.BigIntegerField()), Parameter("app", models.CharField())
    after, until = Parameter("after", models.DateTimeField()), Parameter("until", models.DateTimeField())
    return Session.objects.kept_openids(person, app, after, until)[:1]


OPENID_OF = Select(openids_of_person)
