from django.apps import AppConfig


class TrialConfig(AppConfig):
    """What is there only with the sandbox: WeChat's stand-in, sample stalls, and the two phones in the browser."""

    name = "callme_site.trial"
