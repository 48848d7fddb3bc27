import contextlib
import signal
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import wechat
from callme_site.operation import commands
from callme_site.trial.sandbox import SandboxWeChat


class Command(commands.Command):
    help = gettext_lazy("Serve the sandbox WeChat at WECHAT_API_URL, which must be an address of this machine.")

    def handle(self, **options: Any) -> None:
        url = urlsplit(settings.WECHAT_API_URL)
        if not settings.WECHAT_SANDBOX or url.hostname not in ("127.0.0.1", "localhost") or not url.port:
            raise CommandError(_("The sandbox needs WECHAT_SANDBOX=on and WECHAT_API_URL=http://127.0.0.1:PORT."))
        apps = [wechat.app("buyer"), wechat.app("seller")]
        try:
            server = SandboxWeChat((url.hostname, url.port), {app.appid: app.secret for app in apps})
        except OSError as error:
            raise CommandError(
                _("Cannot listen at %(url)s: %(error)s") % {"url": settings.WECHAT_API_URL, "error": error}
            ) from None
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.stdout.write(_("The sandbox WeChat listens at %(url)s") % {"url": settings.WECHAT_API_URL})
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
