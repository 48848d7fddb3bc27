from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callme_site.operation import backups, commands
from callme_site.operation.snapshots import Refused


class Command(commands.Command):
    help = gettext_lazy("Back up the database and the pictures into one file; bin/backup --help explains it.")
    requires_system_checks = ()  # whatever may be wrong with the settings, what is there can be saved

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help=_("A folder, or the name of a new file."))

    def handle(self, *, target: Path, **options: Any) -> str:
        commands.end_tidily()
        if target.is_dir():
            target /= f"callme-{timezone.localtime():%Y%m%d-%H%M%S}.tar.gz"
        try:
            lost = backups.make(target)
        except Refused as refused:
            raise CommandError(_("No backup was made. %(reason)s") % {"reason": refused}) from None
        for name in lost:
            self.stderr.write(_("The database names a picture that does not exist: %(name)s") % {"name": name})
        return _("Backed up into %(path)s (%(size)d KiB).") % {
            "path": target,
            "size": target.stat().st_size // 1024 + 1,
        }
