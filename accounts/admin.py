"""People in the console: WeChat persons and sessions to look at, and staff users with the person that is theirs."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_permission_codename
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, SetUnusablePasswordMixin, UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst, format_lazy
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Session, TextCheck
from accounts.text_checks import places
from callme_site.console.columns import Column
from callme_site.console.days import format_briefly
from callme_site.console.forms import PlainText
from callme_site.console.history import write_history
from callme_site.console.lists import ListAdmin, ReadOnlyAdmin
from callme_site.console.staff import staff_user
from callme_site.sentences import Sentence

admin.site.unregister(User)
admin.site.unregister(Group)

# The groups that are there from the start, by their stored names, as the reader's language has them.
GROUPS = {"续费员": _("renewal clerks"), "主管": _("managers"), "观察员": _("observers")}


# Of the permissions that each table has.
MAY = {
    "add": _("Can add %(rows)s"),
    "change": _("Can change %(rows)s"),
    "delete": _("Can delete %(rows)s"),
    "view": _("Can see %(rows)s"),
}


def group_name(group: Group) -> str:
    return str(GROUPS.get(group.name, group.name))


def permission_name(permission: Permission) -> str:
    """Return whose permission it is, and what it allows; Django stores that in English."""
    model = permission.content_type.model_class()
    action = permission.codename.partition("_")[0]
    if model and permission.codename == get_permission_codename(action, model._meta) and action in MAY:
        may = str(MAY[action]) % {"rows": model._meta.verbose_name_plural}
    else:
        may = gettext(permission.name)
    return f"{permission.content_type} | {may}"


# What all pages call them; Django has no other place for that.
Group.add_to_class("__str__", group_name)
Permission.add_to_class("__str__", permission_name)


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "staff_user", "first_seen_at")
    list_prefetch_related = ("staff_user",)
    search_fields = ("staff_user__username",)  # what is typed is looked for by get_search_results
    search_help_text = _("A stall's name or telephone number, or a staff user's name.")
    fields = ("staff_user", "first_seen_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Person], search_term: str
    ) -> tuple[QuerySet[Person], bool]:
        """Go from the staff and what else people are found by, which is few, to them; one OR would read all people."""
        text = search_term.strip()
        if not text:
            return queryset, False
        found = set(Person.objects.filter(staff_user__username__icontains=text).values_list("pk", flat=True))
        found.update(*(column.find(text) for column in self.contributed if column.find))
        return queryset.filter(pk__in=found), False


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "app", "started_at")
    list_prefetch_related = ("person",)
    fields = ("person", "app", "started_at")


@admin.register(TextCheck)
class TextCheckAdmin(ReadOnlyAdmin):
    """The texts that WeChat leaves to people: a clerk shows each, or hides it from all but its writer."""

    list_display = ("__str__", "text", "state", "written")
    fields = ("kind", "text", "state", "written_at")
    actions = ("show", "hide")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TextCheck]:
        return super().get_queryset(request).filter(due_at=None)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.decide_textcheck")

    def has_view_permission(self, request: HttpRequest, obj: TextCheck | None = None) -> bool:
        return self.has_decide_permission(request)

    @admin.display(description=_("written at"))
    def written(self, text: TextCheck) -> str | None:
        return format_briefly(text.written_at)

    @admin.action(description=_("Show the chosen texts"), permissions=["decide"])
    def show(self, request: HttpRequest, queryset: QuerySet[TextCheck]) -> None:
        """Let them be seen, as they have been."""
        texts = [text for text in queryset if text.delete()[0]]
        self.tell(request, texts, Sentence("Text shown: %(kind)s."))

    @admin.action(description=_("Hide the chosen texts"), permissions=["decide"])
    def hide(self, request: HttpRequest, queryset: QuerySet[TextCheck]) -> None:
        """Hide them from all but their writers; one that was written anew meanwhile is another text."""
        texts = [text for text in queryset if places[text.kind].hide(text.subject, text.text)]
        queryset.delete()
        self.tell(request, texts, Sentence("Text hidden: %(kind)s."))

    def tell(self, request: HttpRequest, texts: list[TextCheck], what: Sentence) -> None:
        """Keep on record who has decided, and tell how many it were."""
        for text in texts:
            place = places[text.kind]
            with override(None):
                kind = str(TextCheck.Kind(text.kind).label)
            sentence = replace(what, facts={"kind": Sentence(kind)})
            write_history(staff_user(request), place.rows([text.subject]).values(), sentence, named=place.named)
        told = ngettext("%(count)d text decided on.", "%(count)d texts decided on.", len(texts))
        self.message_user(request, told % {"count": len(texts)}, messages.SUCCESS)


def whose(pks: Collection[int]) -> dict[int, str | None]:
    """Return, by the ids of these texts, what staff call the row that has it."""
    found: dict[int, str | None] = {}
    texts = list(TextCheck.objects.filter(pk__in=pks))
    for kind in {text.kind for text in texts}:
        place, of_kind = places[kind], [text for text in texts if text.kind == kind]
        rows = place.rows({text.subject for text in of_kind})
        for text in of_kind:
            row = rows.get(text.subject)
            found[text.pk] = None if row is None else place.named(row)
    return found


TextCheckAdmin.contribute(Column("whose", _("whose"), whose, before="text"))


class PersonSelect(forms.Select):
    """A choice with a search beside it: the page is asked for again with the code, in the form of change_form.html."""

    code = ""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return format_html(
            '{} <input form="by-code" name="code" value="{}" size="10" placeholder="{}" aria-label="{}"'
            ' autocomplete="off"> <input form="by-code" type="submit" value="{}">',
            super().render(*args, **kwargs),
            self.code,
            gettext("Phone’s code"),
            gettext("Phone’s code"),
            gettext("Find"),
        )


class StaffUserForm(UserChangeForm):
    """A staff user, and the WeChat person that may renew from the phone in its name."""

    MOST = 50  # logins to choose from
    code = ""  # that is looked for; set by the page

    wechat_person = forms.ModelChoiceField(
        Person.objects.none(),
        required=False,
        label=capfirst(_("WeChat person")),
        widget=PersonSelect,
        help_text=_(
            "Open the sellers' mini-program now, then reload this page: who logged in within 10 minutes is listed, the "
            "last 50 at most. The beginning of the code that the phone shows finds one."
        ),
    )

    class Meta(UserChangeForm.Meta):
        field_classes = {**UserChangeForm.Meta.field_classes, "first_name": PlainText, "last_name": PlainText}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("wechat_person")
        if isinstance(field, forms.ModelChoiceField):
            just_now = Session.objects.just_now().filter(person=OuterRef("pk"))
            field.queryset = Person.objects.filter(Exists(just_now) | Q(staff_user=self.instance))
            linked = Person.objects.filter(staff_user=self.instance).first()
            self.initial["wechat_person"] = linked
            cast(PersonSelect, field.widget).code = self.code
            already = [(linked.pk, str(linked))] if linked else []
            field.choices = [("", "---------"), *already, *self.logins().items()]

    def logins(self) -> dict[int, str]:
        """Return who has just logged in and is nobody's yet, by id: told apart by code, time and what is known."""
        sessions = Session.objects.just_now(self.code.strip().lower()).select_related("person")[: self.MOST]
        columns = [column.read({session.person_id for session in sessions}) for column in PersonAdmin.contributed]
        logins: dict[int, str] = {}
        for session in sessions:
            known = [column.in_a_sentence(session.person) for column in columns]
            logins.setdefault(session.person_id, describe(session, ", ".join(filter(None, known))))
        return logins


class StaffPasswordForm(AdminPasswordChangeForm):
    """Django puts this text together once for all readers, in the language of the start."""

    usable_password_help_text = format_lazy(  # type: ignore[assignment]  # all of Django's other help texts are lazy
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        _("If disabled, the current password for this user will be lost."),
    )


def describe(session: Session, known: str) -> str:
    facts = {"code": session.code, "person": session.person, "ago": timesince(session.started_at), "known": known}
    if known:
        return gettext("%(code)s: %(person)s, logged in %(ago)s ago, %(known)s") % facts
    return gettext("%(code)s: %(person)s, logged in %(ago)s ago") % facts


class DeletedAlone(ListAdmin):
    """Rows that are deleted with what nobody knows as rows: which user is in which group, and the like."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        _listed, _counts, forbidden, protected = super().get_deleted_objects(objs, request)
        return [str(row) for row in objs], {self.opts.verbose_name_plural: len(objs)}, forbidden, protected


@admin.register(Group)
class StaffGroupAdmin(DeletedAlone, GroupAdmin):
    list_display = ("named",)

    @admin.display(description=_("name"), ordering="name")
    def named(self, group: Group) -> str:
        return str(group)


@admin.register(User)
class StaffUserAdmin(DeletedAlone, UserAdmin):
    form = StaffUserForm
    change_password_form = StaffPasswordForm
    actions = None  # of deleting many; see has_delete_permission
    fieldsets = (
        *UserAdmin.fieldsets[:1],  # type: ignore[index]  # Django's own admin of users has some
        (_("WeChat"), {"fields": ("wechat_person",)}),
        *UserAdmin.fieldsets[1:],  # type: ignore[index]
    )

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.code = request.GET.get("code", "")  # type: ignore[attr-defined]  # the class is made for this request
        return form

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever has done something here is made inactive, not deleted: the history of it would go as well."""
        has_history = obj is not None and LogEntry.objects.filter(user=obj).exists()
        return super().has_delete_permission(request, obj) and not has_history

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "wechat_person" not in form.changed_data:
            return
        if person := form.cleaned_data["wechat_person"]:
            Person.objects.link_staff(person.openid_hash, obj)
        else:
            Person.objects.unlink_staff(obj)
