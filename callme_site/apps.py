from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CallmeSiteConfig(AppConfig):
    name = "callme_site"
    verbose_name = _("Operation")

    def ready(self) -> None:
        from callme_site import checks  # noqa: F401
        from callme_site.console.history import show_sentences

        show_sentences()
        autodiscover_modules("queries", "figures", "privacy")
