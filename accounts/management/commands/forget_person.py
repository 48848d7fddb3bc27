import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import privacy
from accounts.management.commands.link_staff import openid_hash
from accounts.models import Person, Session
from callme_site.operation import commands


class Command(commands.Command):
    help = gettext_lazy(
        "Erase what is known of a person, for good: sessions, openids, the person itself. Orders stay, without buyer"
        " and note; live ones end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        person = parser.add_mutually_exclusive_group(required=True)
        person.add_argument("person", nargs="?", type=int, help=_("The person's id, as the console shows it."))
        person.add_argument("--openid-hash", type=openid_hash, help=_("The sha1 of the openid, in hex."))
        person.add_argument(
            "--session-code",
            help=_("The code that its phone shows: at least 6 hex digits, of a session that is alive."),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("Only say what would be erased."))
        parser.add_argument("--yes", action="store_true", help=_("Do not ask whether that is meant."))

    def handle(
        self,
        *,
        person: int | None,
        openid_hash: str | None,
        session_code: str | None,
        dry_run: bool,
        yes: bool,
        **options: Any,
    ) -> str:
        pk = one_of(by_code(session_code) if session_code else by_id_or_hash(person, openid_hash))
        if dry_run or not yes:
            self.tell(pk, dry_run=True)
            if dry_run:
                return _("That would be erased; nothing was.")
            self.ask()
        self.tell(pk, dry_run=False)
        return _("%(person)s was forgotten.") % {"person": Person(pk=pk)}

    def tell(self, pk: int, *, dry_run: bool) -> None:
        """Forget the person, or try it, and say what that was; raises CommandError."""
        try:
            done = privacy.forget(pk, dry_run=dry_run)
        except privacy.MayNotForget as refusal:
            raise CommandError(str(refusal.args[0])) from None
        except Person.DoesNotExist:
            raise CommandError(_("There is no such person.")) from None
        self.stdout.write(_("Of %(person)s:") % {"person": Person(pk=pk)})
        for sentence in done:
            self.stdout.write(f"  {sentence}")

    def ask(self) -> None:
        """Go on where somebody says yes; raises CommandError."""
        try:
            answer = input(_("It cannot be taken back. Type “yes” to go on: "))
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError(_("Nothing was erased."))


def by_id_or_hash(pk: int | None, openid_hash: str | None) -> QuerySet[Person]:
    """Return who has that id, or that hash."""
    return Person.objects.filter(Q(pk=pk) if openid_hash is None else Q(openid_hash=openid_hash))


def by_code(code: str) -> QuerySet[Person]:
    """Return whose live session has that code; raises CommandError."""
    if not re.fullmatch(f"[0-9a-fA-F]{{{Session.CODE_LENGTH},64}}", code):
        raise CommandError(_("A code has at least %(count)d hex digits.") % {"count": Session.CODE_LENGTH})
    after, until = Session.objects.alive()
    alive = Session.objects.filter(started_at__gt=after, started_at__lte=until, digest__startswith=code.lower())
    return Person.objects.filter(sessions__in=alive).distinct()


def one_of(found: QuerySet[Person]) -> int:
    """Return the one person's id; raises CommandError."""
    pks = list(found.values_list("pk", flat=True)[:2])
    if not pks:
        raise CommandError(_("There is no such person."))
    if len(pks) > 1:
        raise CommandError(_("That is the code of several people: give more of its digits."))
    return pks[0]
