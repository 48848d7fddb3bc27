"""What callme's commands have in common."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.functional import Promise


class Command(BaseCommand):
    """A command whose help is said in the language of the settings."""

    help: str | Promise = ""  # type: ignore[assignment]  # Django prints a lazy text all the same

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        self.help = str(self.help)  # argparse wraps no lazy text
        return super().create_parser(*args, **kwargs)


def end_tidily() -> None:
    """Let a signal end the process as an error does: what was begun is taken back."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, lambda number, _frame: sys.exit(128 + number))
