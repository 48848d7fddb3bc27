"""WeChat's access tokens: one for each mini-program, in the database, for all processes of all hosts."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import wechat
from callme_site.storage.retries import retried

# WeChat's document of stable_token: it hands out the next one five minutes before this one ends.
EARLY = timedelta(minutes=5)
LEASE = timedelta(seconds=10)  # longer than WeChat is waited for
PATIENCE = 8.0  # seconds that others wait for the one that fetches
PAUSE = 0.05  # seconds


class AccessTokenManager(models.Manager["AccessToken"]):
    def of(self, app: wechat.App) -> str:
        """Return the mini-program's token; raises wechat.Unavailable.

        Five minutes before it ends, one process fetches the next one. The others use the old one while it lasts, and
        wait where there is none.
        """
        until = time.monotonic() + PATIENCE
        while True:
            kept = self.filter(appid=app.appid).first() or self.get_or_create(appid=app.appid)[0]
            now = timezone.now()
            if kept.lasts(now + EARLY):
                return kept.token
            if self.lease(kept, now):
                return self.fetch(app)
            if kept.lasts(now):
                return kept.token
            if time.monotonic() > until:
                raise wechat.busy("stable_token")
            time.sleep(PAUSE)

    @retried
    def lease(self, kept: "AccessToken", now: datetime) -> bool:
        """Return whether this process is the one that fetches, until it is done or has taken too long.

        Not where another one has fetched since the row was read.
        """
        free = Q(fetching_until=None) | Q(fetching_until__lte=now)
        return self.filter(free, pk=kept.pk, ends_at=kept.ends_at).update(fetching_until=now + LEASE) > 0

    def fetch(self, app: wechat.App) -> str:
        """Fetch a token and keep it, where this process has the lease; raises wechat.Unavailable."""
        try:
            token, seconds = wechat.stable_token(app)
        except wechat.Unavailable:
            self.end_lease(app)
            raise
        self.end_lease(app, token=token, ends_at=timezone.now() + timedelta(seconds=seconds))
        return token

    @retried
    def end_lease(self, app: wechat.App, **fetched: Any) -> None:
        self.filter(appid=app.appid).update(fetching_until=None, **fetched)

    @retried
    def expire(self) -> int:
        """Delete the tokens that have ended, but where the next one is being fetched; return how many."""
        now = timezone.now()
        return self.filter(Q(fetching_until=None) | Q(fetching_until__lte=now), ends_at__lte=now).delete()[0]

    @retried
    def forget(self, app: wechat.App, token: str) -> None:
        """Forget that token, which WeChat no longer takes, unless there is another one by now."""
        self.filter(appid=app.appid, token=token).update(token="", ends_at=None)


class AccessToken(models.Model):
    """What a mini-program shows at WeChat's other endpoints, two hours at most."""

    appid = models.CharField(max_length=64, unique=True)
    token = models.TextField(blank=True, default="")  # WeChat's document: 512 characters at least
    ends_at = models.DateTimeField(null=True)
    fetching_until = models.DateTimeField(null=True)  # by the process that fetches the next one

    objects = AccessTokenManager()

    class Meta:
        default_permissions = ()  # no page shows it

    def __str__(self) -> str:
        return self.appid

    def lasts(self, moment: datetime) -> bool:
        """Return whether there is a token, and it is still good at that moment."""
        return bool(self.token) and self.ends_at is not None and self.ends_at > moment
