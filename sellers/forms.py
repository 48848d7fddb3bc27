"""The forms of the console."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from callme_site.console.days import format_moment
from callme_site.console.forms import PlainText
from sellers.menus import clean_menu
from sellers.models import TERMS, Seller
from sellers.records import BalanceEntry, Unbinding
from sellers.telephones import plain_telephone

USUAL_TERMS = (1, 3, 6, 12)
OTHER = "other"
MEMO_LENGTH = BalanceEntry._meta.get_field("memo").max_length


class RenewForm(forms.Form):
    """How many months are sold, and against which receipt."""

    term = forms.ChoiceField(
        label=capfirst(_("months")),
        choices=[*((str(term), str(term)) for term in USUAL_TERMS), (OTHER, capfirst(_("another number")))],
        initial="1",
        widget=forms.RadioSelect,
    )
    other = forms.IntegerField(
        label=capfirst(_("another number")),
        required=False,
        min_value=TERMS[0],
        max_value=TERMS[-1],
        help_text=_("1 to 36"),
    )
    memo = PlainText(
        label=capfirst(_("memo")),
        required=False,
        max_length=MEMO_LENGTH,
        help_text=_("For instance the receipt's number."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("term") != OTHER:
            self.errors.pop("other", None)  # filled, and left again
            data["months"] = int(data.get("term") or 0)
        elif data.get("other") is None and "other" not in self.errors:
            self.add_error("other", ValidationError(_("Say how many months.")))
        else:
            data["months"] = data.get("other")
        return data


class CorrectionForm(forms.Form):
    """By how many months a wrong entry is put right, and why."""

    months = forms.IntegerField(
        label=capfirst(_("months")),
        min_value=-TERMS[-1],
        max_value=TERMS[-1],
        help_text=_("Months to add; with a minus, months to take away."),
    )
    memo = PlainText(label=capfirst(_("reason")), max_length=MEMO_LENGTH)

    def clean_months(self) -> int:
        months = self.cleaned_data["months"]
        if not months:
            raise ValidationError(_("A correction by 0 months changes nothing."))
        return months


class UnbindForm(forms.Form):
    """Nothing to fill in: that the page was sent is the confirmation."""


class PersonOfUnbinding(forms.ModelMultipleChoiceField):
    """Who was unbound, and when."""

    def label_from_instance(self, unbinding: Unbinding) -> str:
        facts = {"person": unbinding.person, "when": format_moment(unbinding.created_at)}
        return _("%(person)s, unbound %(when)s") % facts


class OpenForm(forms.Form):
    """Which of the people who were unbound may sign up again; nobody, unless staff choose so."""

    again = PersonOfUnbinding(
        label=capfirst(_("may sign up again")),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A phone that was lost stays out. Choose its person if the phone was found, or its WeChat moved."),
    )

    def __init__(self, *args: Any, seller: Seller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        again = cast(PersonOfUnbinding, self.fields["again"])
        again.queryset = seller.unbindings.in_force().select_related("person")
        if not again.queryset:
            del self.fields["again"]


class TelephoneField(PlainText):
    """A telephone number, however it was pasted: longer than it is, for instance."""

    def to_python(self, value: Any) -> Any:
        return plain_telephone(super().to_python(value))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class RegistrationForm(forms.ModelForm):
    """A new seller: a telephone number and months, nothing else."""

    months = forms.IntegerField(label=capfirst(_("months")), min_value=TERMS[0], max_value=TERMS[-1], initial=1)
    memo = PlainText(label=capfirst(_("memo")), required=False, max_length=MEMO_LENGTH)

    class Meta:
        model = Seller
        fields = ("telephone",)
        field_classes = {"telephone": TelephoneField}

    def clean(self) -> dict[str, Any]:
        """Lead whoever registers a known number to renewing its stall by the months that were typed."""
        data = super().clean() or self.cleaned_data
        if known := Seller.objects.filter(telephone=data.get("telephone")).first():
            offered = urlencode({"sellers": known.pk, "months": data.get("months", "")})
            address = f"{reverse('admin:sellers_seller_renew')}?{offered}"
            text = _("%(seller)s has this telephone already.") % {"seller": known}
            link = format_html('{} <a href="{}">{}</a>', text, address, _("Renew it instead"))
            self.add_error("telephone", ValidationError(link))
        return data


class TelephoneForm(forms.ModelForm):
    """The right telephone number of a seller that was registered with another."""

    class Meta:
        model = Seller
        fields = ("telephone",)
        field_classes = {"telephone": PlainText}


class MenuField(forms.Field):
    """A menu, a name a line; whatever a browser makes of the line breaks, the same names are the same menu."""

    widget = forms.Textarea(attrs={"rows": 8})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(clean_menu(value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        return clean_menu((value or "").splitlines())


class ProfileForm(forms.ModelForm):
    """What staff may set right in a seller's profile.

    What counts as changed is told by what the page showed: the stall may change its profile by phone meanwhile.
    """

    menu = MenuField(label=capfirst(_("menu")), required=False, help_text=_("A name a line."))

    class Meta:
        model = Seller
        fields = ("name", "person_name", "telephone", "menu", "proof", "switched_off")
        field_classes = {"name": PlainText, "person_name": PlainText, "telephone": TelephoneField}
        help_texts = {
            "proof": _("For numbers handed out from then on, students have to enter four digits that the stall shows.")
        }
        error_messages = {"telephone": {"unique": _("Another stall has this telephone.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True
