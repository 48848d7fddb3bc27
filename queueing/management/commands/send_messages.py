import signal
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import text_checks
from callme_site.operation import commands
from callme_site.operation.worker import Source, Worker
from queueing import outbox
from queueing.stops import Stop

SOURCES: list[Source] = [outbox.claim_due, text_checks.claim_due]


class Command(commands.Command):
    help = gettext_lazy(
        "Send the messages to students whose numbers are called, and have texts checked by WeChat, until Ctrl-C or"
        " SIGTERM."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help=_("Do what is due now, and end."))
        parser.add_argument(
            "--resume",
            action="store_true",
            help=_("Let messages be sent again that WeChat has stopped, with the settings as they are, and end."),
        )

    def handle(self, *, once: bool = False, resume: bool = False, **options: Any) -> None:
        if resume:
            Stop.objects.end()
            return
        worker = Worker(SOURCES)
        if once:
            worker.run_once()
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: worker.stop())
        worker.run()
