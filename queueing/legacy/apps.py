from django.apps import AppConfig


class LegacyConfig(AppConfig):
    """Moving in from the original server's database; nothing else knows of this folder."""

    name = "queueing.legacy"
