from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.utils.translation import gettext_lazy

from callme_site.operation import commands

PATIENCE = 60  # seconds


class Command(commands.Command, migrate.Command):
    """Takes the place of Django's command of that name, whoever calls it: bin/serve, bin/restore or people."""

    help = gettext_lazy(  # type: ignore[assignment]  # as in commands.Command, of which Django's own knows nothing
        "Bring the tables up to date, as Django's migrate does; wait a minute for who reads them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "mysql":
            super().handle(*args, **options)
            return
        # A backup reads the tables meanwhile, perhaps, and half a migration cannot be taken back.
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION lock_wait_timeout = {PATIENCE}")
        try:
            super().handle(*args, **options)
        finally:
            connection.close()  # the next one waits as long as any other
