from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_crontab.crontab import Crontab

from callme_site.operation import commands


class Command(commands.Command):
    help = gettext_lazy("Compare the installed crontab with CRONJOBS; exit status 1 where they differ.")

    def handle(self, **options: Any) -> str:
        wanted, installed = Crontab(verbosity=0), Crontab(readonly=True)
        if not Path(installed.settings.CRONTAB_EXECUTABLE).exists():
            raise CommandError(
                _("There is no %(path)s: install cron.") % {"path": installed.settings.CRONTAB_EXECUTABLE}
            )
        wanted.add_jobs()
        installed.read()
        marker = f"# {settings.CRONTAB_COMMENT}"
        ours = Counter(line for line in installed.crontab_lines if line.rstrip().endswith(marker))
        missing, surplus = Counter(wanted.crontab_lines) - ours, ours - Counter(wanted.crontab_lines)
        for line in missing:
            self.stderr.write(_("Missing: %(line)s") % {"line": line.strip()})
        for line in surplus:
            self.stderr.write(_("Not in CRONJOBS: %(line)s") % {"line": line.strip()})
        if missing or surplus:
            raise CommandError(_("The crontab is not what the settings say; run: manage.py crontab add -v 0"))
        return _("All %(count)d jobs are installed.") % {"count": ours.total()}
