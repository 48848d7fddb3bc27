"""What callme's commands have in common."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """A command whose help is said in the language of the settings."""

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        self.help = str(self.help)  # argparse wraps no lazy text
        return super().create_parser(*args, **kwargs)


def end_tidily() -> None:
    """Let a signal end the process as an error does: what was begun is taken back."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
