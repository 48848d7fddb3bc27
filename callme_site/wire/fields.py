"""The fields of queries: what a value has to be like, whatever the encoding that brought it."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from callme_site.wire.answers import Fail

# Unicode's Bidi_Control: they turn the direction of what stands beside them, and are not seen themselves.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


DIGITS = re.compile("[0-9]{1,19}")

# Full-width letters, digits and signs, and the blank that is as wide: how Chinese keyboards write them.
HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """Return the text with plain digits, letters and signs in the place of full-width ones."""
    return text.translate(HALF_WIDTH)


def without_directions(text: str) -> str:
    """Return the text without the characters that turn its direction, with which one name passes for another."""
    return DIRECTIONS.sub("", text)


class Fields:
    """The fields of a query, in the order in which their faults are told."""

    declared: Mapping[str, "Scalar | Flag"] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        own = {name: field for name, field in vars(cls).items() if isinstance(field, Scalar | Flag)}
        cls.declared = {**cls.declared, **own}

    @classmethod
    def wanted(cls, body: Mapping[str, Any]) -> Mapping[str, "Scalar | Flag"]:
        """Return the fields that this body has to have right."""
        return cls.declared

    @classmethod
    def clean(cls, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the fields; raises Fail for the first bad one."""
        values = {}
        for name, field in cls.wanted(body).items():
            try:
                values[name] = field.clean(body.get(name))
            except ValidationError:
                raise Fail(field.fail) from None
        return values


class Scalar(forms.Field):
    """A field that is one value: form, multipart and JSON bodies all bring it as text, and nothing else will do.

    `fail` is the failMsg for a bad value.
    """

    def __init__(self, *, fail: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fail = fail

    def clean(self, value: Any) -> Any:
        """Return the value, or None for a field that was not sent; raises ValidationError."""
        if value is None and not self.required:
            return None
        return super().clean(value)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("not one value")
        return value


class Text(Scalar):
    """Text without NUL and lone surrogates, which not every database can store; text-direction controls are dropped.

    `strip` trims the blanks around it; `blank` takes an empty one, though the field itself has to be sent.
    """

    def __init__(self, *, max_length: int, strip: bool = False, blank: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.strip = strip
        if blank:
            self.empty_values = [None]

    def to_python(self, value: Any) -> str:
        text = without_directions(super().to_python(value))
        return text.strip() if self.strip else text

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.max_length or "\0" in value or re.search("[\ud800-\udfff]", value):
            raise ValidationError("not a text that can be stored")


class Number(Scalar):
    """A whole number from `least` to `most`, in plain digits or in full-width ones."""

    def __init__(self, *, least: int = 1, most: int = 10**18, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allowed = range(least, most + 1)

    def to_python(self, value: Any) -> int | None:
        text = half_width(super().to_python(value)).strip()
        if not text:
            return None
        if not DIGITS.fullmatch(text) or int(text) not in self.allowed:
            raise ValidationError("not a number of this range")
        return int(text)


class Flag(forms.Field):
    """`isseller`: "yes" is True, anything else or nothing False."""

    fail = ""  # it is never bad

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> bool:
        return value == "yes"
