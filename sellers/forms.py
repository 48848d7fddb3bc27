"""The forms of the console."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sellers.models import TERMS, BalanceEntry, Seller, clean_menu

USUAL_TERMS = (1, 3, 6, 12)
OTHER = "other"
MEMO_LENGTH = BalanceEntry._meta.get_field("memo").max_length


class RenewForm(forms.Form):
    """How many months are sold, and against which receipt."""

    term = forms.ChoiceField(
        label=_("months"),
        choices=[*((str(term), str(term)) for term in USUAL_TERMS), (OTHER, _("another number"))],
        initial="1",
        widget=forms.RadioSelect,
    )
    other = forms.IntegerField(
        label=_("another number"), required=False, min_value=TERMS[0], max_value=TERMS[-1], help_text=_("1 to 36")
    )
    memo = forms.CharField(
        label=_("memo"), required=False, max_length=MEMO_LENGTH, help_text=_("For instance the receipt's number.")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("term") == OTHER and data.get("other") is None and "other" not in self.errors:
            self.add_error("other", ValidationError(_("Say how many months.")))
        data["months"] = data.get("other") if data.get("term") == OTHER else int(data.get("term") or 0)
        return data


class CorrectionForm(forms.Form):
    """By how many months a wrong entry is put right, and why."""

    months = forms.IntegerField(
        label=_("months"),
        min_value=-TERMS[-1],
        max_value=TERMS[-1],
        help_text=_("Months to add; with a minus, months to take away."),
    )
    memo = forms.CharField(label=_("reason"), max_length=MEMO_LENGTH)

    def clean_months(self) -> int:
        months = self.cleaned_data["months"]
        if not months:
            raise ValidationError(_("A correction by 0 months changes nothing."))
        return months


class UnbindForm(forms.Form):
    """Nothing to fill in: that the page was sent is the confirmation."""


class RegistrationForm(forms.ModelForm):
    """A new seller: a telephone number and months, nothing else."""

    months = forms.IntegerField(label=_("months"), min_value=TERMS[0], max_value=TERMS[-1], initial=1)
    memo = forms.CharField(label=_("memo"), required=False, max_length=MEMO_LENGTH)

    class Meta:
        model = Seller
        fields = ("telephone",)


class ProfileForm(forms.ModelForm):
    """What staff may set right in a seller's profile; the menu is a name a line."""

    menu = forms.CharField(
        label=_("menu"), required=False, widget=forms.Textarea(attrs={"rows": 8}), help_text=_("A name a line.")
    )

    class Meta:
        model = Seller
        fields = ("name", "person_name", "telephone", "menu", "switched_off")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["menu"] = "\n".join(self.instance.menu)

    def clean_menu(self) -> list[str]:
        return clean_menu(self.cleaned_data["menu"].splitlines())
