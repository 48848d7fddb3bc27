from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.operation import commands
from queueing.legacy import importer

HELP = gettext_lazy(
    "Move in from the original server: its sellers with their ids and months, live orders and admins, all or"
    " nothing, into an empty database or one that was imported before. The old database is only read."
    " Stop the old server first, and rehearse with --dry-run: a seller comes once and its live orders with it, and"
    " what came in before is left as it is by now."
    " A telephone, an id or a WeChat person that several sellers have stays with the row that has more months, then"
    " with the lower id. A seller that loses its telephone or has none is left out with its orders; one that loses"
    " its person comes in not bound. A number that is out twice stays with the order that a student has, then with"
    " one that was called, then with the lower id. An openid hash that is not 40 hex digits is nobody;"
    " flag_done 1 is called, all else is not. The first month counts from the day of the import."
    " Admins become inactive staff users without a password: activate them, give them a group and a password."
    " Pictures, sessions and secrets are not imported."
    " Every row that is left out, cut or guessed at is told in a line."
)


class Command(commands.Command):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "url",
            help=_(
                "The old database: mysql://user:password@host/database; the password may be left out here and come"
                " from the environment's MYSQL_PWD, which other users of the machine cannot see."
            ),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("Do it all, and take it back."))

    def handle(self, *, url: str, dry_run: bool, **options: Any) -> str:
        try:
            report = importer.move_in(importer.read(url), dry_run=dry_run)
        except importer.Refused as refused:
            raise CommandError(str(refused)) from None
        for line in report.lines:
            self.stderr.write(line)
        return report.summary(dry_run=dry_run)
