import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import wechat
from accounts.models import Person, hash_openid
from callme_site.operation import commands
from callme_site.trial import sandbox
from callme_site.trial.samples import NOT_SIGNED_UP, STALLS
from sellers.models import Seller


def sandbox_person(name: str) -> Person:
    """Return the person who logs in to the sellers' mini-program with the code sandbox-NAME."""
    openid = sandbox.openid(wechat.app("seller").appid, name)
    return Person.objects.get_or_create(openid_hash=hash_openid(openid))[0]


class Command(commands.Command):
    help = gettext_lazy(
        "Fill an empty database with sample stalls and a staff login, for the sandbox; else do nothing."
    )

    def handle(self, **options: Any) -> str | None:
        if not settings.WECHAT_SANDBOX:
            raise CommandError(_("Sample data is for the sandbox: WECHAT_SANDBOX=on."))
        user_model = get_user_model()
        if Seller.objects.exists() or user_model.objects.exists():
            return None
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            staff_user = user_model.objects.create_superuser("staff", password=password)
            Person.objects.link_staff(sandbox_person("staff").openid_hash, staff_user)
            for place, (telephone, name, person_name, menu, months) in enumerate(STALLS, start=1):
                seller = Seller.objects.renew(telephone, months, staff_user)
                person, names = sandbox_person(f"stall{place}"), {"name": name, "person_name": person_name}
                Seller.objects.sign_up(person, telephone, names, proven=True)  # whatever SIGNUP_PROOF demands
                seller.update_profile({"menu": menu})
            Seller.objects.renew(NOT_SIGNED_UP, 1, staff_user)
        return _(
            "Sample stalls: the codes sandbox-stall1 to sandbox-stall3 log in; %(telephone)s has not signed up yet.\n"
            "Staff login at %(url)s/admin/ (shown only now): staff / %(password)s"
        ) % {"telephone": NOT_SIGNED_UP, "url": settings.PUBLIC_URL, "password": password}
