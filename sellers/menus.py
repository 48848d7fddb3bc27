"""A menu: a list of the names of dishes, by one rule wherever it comes from."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callme_site.wire.fields import Text

MENU_NAMES = 60


class DishName(Text):
    """The name of a dish: any run of white space in it, line breaks too, is one blank."""

    def to_python(self, value: Any) -> str:
        return " ".join(super().to_python(value).split())


MENU_NAME = DishName(max_length=40, required=False)


def clean_menu(menu: Any) -> list[str]:
    """Return the names of a menu as they are stored, without empty ones; raises ValidationError."""
    try:
        if not isinstance(menu, list) or None in menu:
            raise ValidationError("not a list of names")
        names = [name for name in map(MENU_NAME.clean, menu) if name]
        if len(names) > MENU_NAMES:
            raise ValidationError("too long")
    except ValidationError:
        raise ValidationError(_("A menu is a list of at most 60 names of 1 to 40 characters.")) from None
    return names
