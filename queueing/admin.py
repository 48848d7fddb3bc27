from django.contrib import admin

from callme_site.admin import ReadOnlyAdmin
from queueing.models import Order


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "seller", "note", "taken_at", "bound_at", "called_at", "closed_at", "ending")
    list_select_related = ("seller",)
    search_fields = ("seller__name", "seller__telephone")
    ordering = ("-pk",)
    show_full_result_count = False
