from django.contrib import admin
from django.http import HttpRequest

from callme_site.admin import ReadOnlyAdmin
from sellers.models import BalanceEntry, Seller


@admin.register(Seller)
class SellerAdmin(admin.ModelAdmin):
    list_display = ("__str__", "telephone", "person_name", "months", "next_charge_on", "person")
    list_select_related = ("person",)
    search_fields = ("name", "person_name", "telephone")
    # Months change through the ledger alone, the files through the phone, which has them checked.
    readonly_fields = ("months", "on_duty_since", "next_charge_on", "person", "picture", "qrcode")

    def has_delete_permission(self, request: HttpRequest, obj: Seller | None = None) -> bool:
        return False


@admin.register(BalanceEntry)
class BalanceEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "seller", "kind", "months", "balance_after", "due_on", "staff_user", "memo")
    list_select_related = ("seller", "staff_user")
    list_filter = ("kind",)
    search_fields = ("seller__name", "seller__telephone", "memo")
