import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person, hash_openid
from callme_site.operation import commands


def openid_hash(text: str) -> str:
    """Return the hash in the form that is stored; raises ArgumentTypeError."""
    if not re.fullmatch("[0-9a-fA-F]{40}", text):
        raise ArgumentTypeError(_("not the 40 hex digits of a sha1"))
    return text.lower()


class Command(commands.Command):
    help = gettext_lazy(
        "Make a WeChat person the staff user's own, for the queries admin and renew; it need not have logged in yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        person = parser.add_mutually_exclusive_group(required=True)
        person.add_argument("--openid", help=_("The person's openid; it is not stored, only its hash."))
        person.add_argument("--hash", type=openid_hash, help=_("The sha1 of the openid, in hex."))
        person.add_argument("--unlink", action="store_true", help=_("Take the staff user's person away."))

    def handle(self, *, username: str, openid: str | None, hash: str | None, unlink: bool, **options: Any) -> str:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no staff user “%(username)s”.") % {"username": username})
        if unlink:
            if not Person.objects.unlink_staff(user):
                raise CommandError(_("%(username)s has no WeChat person.") % {"username": username})
            return _("%(username)s has no WeChat person any more.") % {"username": username}
        if openid == "":
            raise CommandError(_("The openid is empty."))
        person = Person.objects.link_staff(hash or hash_openid(openid or ""), user)
        if not person.may_renew:
            self.stderr.write(
                _("Mind: %(username)s is not an active staff user who may renew sellers.") % {"username": username}
            )
        return _("%(username)s is linked to %(person)s.") % {"username": username, "person": person}
