"""The job runs in the console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from callme_site.console.lists import ReadOnlyAdmin
from callme_site.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "ended_at", "ok", "told")
    list_filter = ("name", "ok")
    fields = list_display

    @admin.display(description=_("said"))
    def told(self, run: JobRun) -> str:
        return run.told
