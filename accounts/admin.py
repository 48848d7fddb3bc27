"""People in the console: WeChat persons and sessions to look at, and staff users with the person that is theirs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Session
from callme_site.admin import ReadOnlyAdmin

admin.site.unregister(User)


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


class PersonChoice(forms.ModelChoiceField):
    """A person told apart by when it logged in, and by the stall it has."""

    def label_from_instance(self, person: Person) -> str:
        facts = {"person": person, "seller": person.bound_seller}
        if person.logged_in_at is None:
            return str(person)
        facts["ago"] = timesince(person.logged_in_at)
        if person.bound_seller is not None:
            return gettext("%(person)s, logged in %(ago)s ago, of %(seller)s") % facts
        return gettext("%(person)s, logged in %(ago)s ago") % facts


class StaffUserForm(UserChangeForm):
    """A staff user, and the WeChat person that may renew from the phone in its name."""

    wechat_person = PersonChoice(
        Person.objects.none(),
        required=False,
        label=_("WeChat person"),
        help_text=_("Open the mini-program now, then reload this page: who logged in within 10 minutes is listed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "wechat_person" in self.fields:
            self.fields["wechat_person"].queryset = self.choices()
            self.initial["wechat_person"] = Person.objects.filter(staff_user=self.instance).first()

    def choices(self) -> QuerySet[Person]:
        """Return who has just logged in and is nobody's yet, and who is this user's already."""
        just_now = timezone.now() - Session.JUST_NOW
        recent = Person.objects.annotate(logged_in_at=Max("sessions__started_at"))
        nobodys = Q(logged_in_at__gte=just_now, staff_user=None)
        return recent.filter(nobodys | Q(staff_user=self.instance)).select_related("seller").order_by("-logged_in_at")


@admin.register(User)
class StaffUserAdmin(UserAdmin):
    form = StaffUserForm
    fieldsets = (*UserAdmin.fieldsets[:1], (_("WeChat"), {"fields": ("wechat_person",)}), *UserAdmin.fieldsets[1:])

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "wechat_person" not in form.changed_data:
            return
        if person := form.cleaned_data["wechat_person"]:
            Person.objects.link_staff(person.openid_hash, obj)
        else:
            Person.objects.unlink_staff(obj)
