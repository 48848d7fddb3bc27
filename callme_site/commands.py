"""What callme's commands have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """A command whose help is said in the language of the settings."""

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        self.help = str(self.help)  # argparse wraps no lazy text
        return super().create_parser(*args, **kwargs)
