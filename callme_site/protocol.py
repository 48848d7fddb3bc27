"""The ground of the wire protocol: the registry of queries, what they may demand, their fields, and how they fail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

NUMBERS = range(1, 100)  # a stall's pool


class Fail(Exception):
    """A query that cannot do what was asked: the page's failMsg, and fields to send beside it."""

    def __init__(self, reason: str, **beside: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.beside = beside


class Who(Enum):
    """Whom a query answers; the value is the failMsg for everybody else."""

    ANYBODY = None  # even without a session: login alone
    PERSON = ""
    SELLER = "Invalid Session Error"
    STAFF = "Not Admin Error"


@dataclass(frozen=True)
class Caller:
    """Who asks: the person of the session (None at login), and the files that came along, by field name."""

    person: Any = None
    files: Mapping[str, UploadedFile] = field(default_factory=dict)

    @property
    def seller(self) -> Any:
        """The seller whom the person is bound to, or None; at first no more than its id is there."""
        return self.person.bound_seller


class Fields(forms.Form):
    """The fields of a query, in the order in which their faults are told."""

    @property
    def failure(self) -> str:
        """The failMsg of the first bad field; there is one."""
        return next(self.fields[name].fail for name in self.fields if name in self.errors)


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

    def to_python(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not one value")
        return value


class Text(Scalar):
    """Text without NUL and lone surrogates, which not every database can store.

    `strip` trims the blanks around it; `blank` takes an empty one, though the field itself has to be sent.
    """

    def __init__(self, *, max_length: int, strip: bool = False, blank: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.strip = strip
        if blank:
            self.empty_values = [None]

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return text.strip() if self.strip else text

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.max_length or "\0" in value or re.search("[\ud800-\udfff]", value):
            raise ValidationError("not a text that can be stored")


class Number(Scalar):
    """A whole number from `least` to `most`, in plain digits."""

    def __init__(self, *, least: int = 1, most: int = 10**18, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allowed = range(least, most + 1)

    def to_python(self, value: Any) -> int | None:
        text = super().to_python(value).strip()
        if not text:
            return None
        if not re.fullmatch("[0-9]{1,19}", text) or int(text) not in self.allowed:
            raise ValidationError("not a number of this range")
        return int(text)


class MarchSn(Number):
    """A number of a stall's pool; by default whatever is not one fails as `Invalid Sn Error`."""

    def __init__(self, *, fail: str = "Invalid Sn Error", **kwargs: Any) -> None:
        super().__init__(fail=fail, least=NUMBERS[0], most=NUMBERS[-1], **kwargs)


class Yes(forms.Field):
    """`isseller`: "yes" is True, anything else or nothing False."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> bool:
        return value == "yes"


@dataclass(frozen=True)
class Query:
    """One query of the protocol, as its app declared it."""

    name: str
    answer: Callable[[Caller, dict[str, Any]], dict[str, Any] | None]
    fields: type[Fields]
    who: Who
    refusal: str | None
    shortcut: Callable[[dict[str, Any]], Any] | None
    common: int | None


registry: dict[str, Query] = {}


def query(
    name: str,
    *,
    fields: type[Fields] = Fields,
    who: Who = Who.PERSON,
    refusal: str | None = None,
    shortcut: Callable[[dict[str, Any]], Any] | None = None,
    common: int | None = None,
) -> Callable[[Callable], Callable]:
    """Declare the function that answers a query; it returns the fields of success, or raises Fail.

    `refusal` is the failMsg for a caller who is not `who`, where the page has another than the usual one. `shortcut`
    answers in the same way from the body alone, session included, or returns NotImplemented where it takes more than
    it can do. `common`: the answer is the same for everybody, until that room of callme_site.changes has changed.
    """

    def declare(function: Callable) -> Callable:
        if name in registry:
            raise ValueError(f"two queries are called {name}")
        registry[name] = Query(name, function, fields, who, refusal or who.value, shortcut, common)
        return function

    return declare
