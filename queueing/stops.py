"""What stops all messages: settings, or a state of the template, with which WeChat takes none."""

import logging

from django.db import models
from django.utils import timezone

from callme_site.storage.retries import retried
from queueing.messages import fingerprint

logger = logging.getLogger(__name__)


class StopManager(models.Manager["Stop"]):
    def present(self) -> "Stop | None":
        """Return what stops the messages that these settings make, if anything does."""
        return self.filter(fingerprint=fingerprint()).first()

    @retried
    def begin(self, errcode: int) -> None:
        """Send no more with these settings; the first that says so logs it."""
        if self.get_or_create(fingerprint=fingerprint(), defaults={"errcode": errcode})[1]:
            logger.error(
                "messages_stopped errcode=%s: no message is sent until MESSAGE_TEMPLATE_ID, MESSAGE_FIELDS or the appid"
                " is another one, or manage.py send_messages --resume",
                errcode,
            )

    @retried
    def end(self) -> int:
        """Send again with these settings; return whether they were stopped."""
        return self.filter(fingerprint=fingerprint()).delete()[0]


class Stop(models.Model):
    """Settings with which no message can be sent, as WeChat has said: other settings are not stopped."""

    fingerprint = models.CharField(max_length=64, unique=True)
    errcode = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = StopManager()

    class Meta:
        default_permissions = ()  # the console has no page of it

    def __str__(self) -> str:
        return str(self.errcode)
