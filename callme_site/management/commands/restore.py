import os
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.operation import backups, commands
from callme_site.operation.snapshots import Refused
from callme_site.storage import versions
from queueing.models import Order
from sellers.models import Seller
from sellers.records import BalanceEntry


class Command(commands.Command):
    help = gettext_lazy("Put a backup's database and pictures in place; bin/restore --help explains it.")
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("What bin/backup has made."))
        parser.add_argument("--replace", action="store_true", help=_("In the place of all that the database holds."))

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        commands.end_tidily()
        try:
            nobody_answers()
            with versions.changing(versions.EVERYTHING):
                made_at = backups.restore(file, replace=replace)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        call_command("migrate", verbosity=0)
        named = backups.named_files()
        lost = {name for name in named if not Path(settings.MEDIA_ROOT, name).is_file()}
        for name in sorted(lost):
            self.stderr.write(_("The database names a picture that does not exist: %(name)s") % {"name": name})
        counts = {
            "sellers": Seller.objects.count(),
            "orders": Order.objects.live().count(),
            "entries": BalanceEntry.objects.count(),
            "pictures": len(named - lost),
        }
        self.stdout.write(
            _(
                "Restored what was backed up at %(made_at)s: %(sellers)d sellers, %(orders)d live orders,"
                " %(entries)d entries of the ledger, %(pictures)d pictures."
            )
            % {"made_at": made_at, **counts}
        )
        call_command("check_balances", stdout=self.stdout, stderr=self.stderr)


def nobody_answers() -> None:
    """Raise Refused where a server runs that uses the database, as far as bin/serve's settings tell."""
    address = (os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000))
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError:
        return
    raise Refused(
        _("A server answers at %(host)s, port %(port)d: stop it first.") % {"host": address[0], "port": address[1]}
    )
