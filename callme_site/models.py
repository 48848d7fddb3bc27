"""The record of crontab's jobs."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from callme_site.sentences import said


class JobRun(models.Model):
    """One run of a job: when, whether it went well, and what it said."""

    name = models.CharField(_("job"), max_length=40)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ok = models.BooleanField(_("went well"), null=True)  # NULL while it runs, and for ever if it was killed
    said = models.TextField(_("said"), blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-pk"]
        # For prune_history, and for the last run of each job.
        indexes = [models.Index(fields=["name", "started_at"], name="job_run_by_name")]

    def __str__(self) -> str:
        return f"{self.name} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def told(self) -> str:
        """What it said, in the language of whoever reads it."""
        return said(self.said) or self.said

    def end(self, *, ok: bool, said: str) -> None:
        """Write down how the run ended."""
        self.ok, self.said, self.ended_at = ok, said, max(timezone.now(), self.started_at)
        self.save(update_fields=["ok", "said", "ended_at"])
