"""What the forms of the console share."""

from typing import Any

from django import forms

from callme_site.wire.fields import without_directions


class PlainText(forms.CharField):
    """A text from a browser, which drops text-direction controls as the phones' texts do."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(without_directions(value) if isinstance(value, str) else value)
