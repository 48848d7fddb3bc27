"""What the admins of several apps share, and the job runs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from callme_site.models import JobRun
from callme_site.paginator import CappedPaginator


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that people read, of tables that only grow: nobody adds, changes or deletes them here."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table, once for each choice

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "ended_at", "ok", "said")
    list_filter = ("name", "ok")
