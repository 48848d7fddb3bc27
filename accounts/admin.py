from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Session
from callme_site.admin import ReadOnlyAdmin


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "seller", "staff_user", "first_seen_at")
    list_select_related = ("seller", "staff_user")
    search_fields = ("seller__name", "seller__telephone", "staff_user__username")
    fields = ("seller", "staff_user", "first_seen_at")

    @admin.display(description=_("seller"))
    def seller(self, person: Person) -> object:
        return person.bound_seller


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "started_at")
    list_select_related = ("person",)
    fields = ("person", "started_at")
