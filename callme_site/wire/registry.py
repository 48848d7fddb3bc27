"""The registry of queries: what each demands of its caller, which fields it has, and how it fails."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from django.core.files.uploadedfile import UploadedFile

from callme_site.wire.fields import Fields


class Who(Enum):
    """Whom a query answers; the value is the failMsg for everybody else, where the declaration names no other."""

    ANYBODY = None  # even without a session: login alone
    PERSON = ""
    SELLERS_APP = "sellers' mini-program"  # whose failMsg is SELLER's, and an Enum has no value twice
    SELLER = "Invalid Session Error"
    STAFF = "Not Admin Error"


P = TypeVar("P", covariant=True)
S = TypeVar("S", covariant=True)


@dataclass(frozen=True)
class Caller(Generic[P, S]):
    """Who asks, the seller that it is bound to, and the files by field name; at login, only where it asks from.

    Where it asks from is told to other queries that wait, too. What a person and a seller are is known above:
    sellers/sessions.py names the kinds of callers that there are.
    """

    person: P = None  # type: ignore[assignment]  # whoever logs in is a Caller[None, None]
    seller: S = None  # type: ignore[assignment]
    files: Mapping[str, UploadedFile] = field(default_factory=dict)
    address: str = ""


class Until(NamedTuple):
    """The fields of a success that holds no longer than until that moment, whatever happens."""

    success: dict[str, Any]
    moment: datetime


# Any, as the registry holds functions of every kind of caller. Which kind one takes follows from its `who`, which the
# gateway checks at each request; tests/test_registry.py compares the two.
Answer = Callable[[Caller[Any, Any], dict[str, Any]], dict[str, Any] | Until | None]
A = TypeVar("A", bound=Answer)


class Identity(Protocol):
    """Whom a session's key stands for: a person, and the seller that it is bound to, by their ids."""

    @property
    def person_id(self) -> int: ...

    @property
    def seller_id(self) -> int | None: ...


# Of what an answer depends on for one who asks, with the values of the fields: whose that is, and its versions
# (callme_site.storage.versions); None where these are not known yet.
Dependency = Callable[[Identity, Mapping[str, Any]], tuple[Hashable, tuple[int, ...]] | None]


@dataclass(frozen=True)
class Query:
    """One query of the protocol, as its app declared it."""

    name: str
    answer: Answer
    fields: type[Fields]
    who: Who
    refusal: str
    fails: Mapping[type[Exception], str]
    shortcut: Callable[[dict[str, Any]], Any] | None
    kept: Sequence[Dependency]
    waits: bool


registry: dict[str, Query] = {}


def query(
    name: str,
    *,
    fields: type[Fields] = Fields,
    who: Who = Who.PERSON,
    refusal: str | None = None,
    fails: Mapping[type[Exception], str] = MappingProxyType({}),
    shortcut: Callable[[dict[str, Any]], Any] | None = None,
    kept: Sequence[Dependency] = (),
    waits: bool = False,
) -> Callable[[A], A]:
    """Declare the function that answers a query; it returns the fields of success, or raises Fail.

    `refusal` is the failMsg for a caller who is not `who`, where docs/protocol.md has another than the usual; `fails`
    has the failMsg of each exception that the models raise where they cannot do what was asked. `shortcut` answers in
    the same way from the body alone, session included, or returns NotImplemented where it takes more than it can do.
    `kept`: all that the answer depends on beside the fields, with which success is kept as it was sent until a version
    has changed, or until the moment of an Until. `waits`: it asks somebody else's server. Raises ValueError for a
    declaration that cannot hold.
    """
    if kept and who in (Who.ANYBODY, Who.STAFF):
        raise ValueError(f"{name}: what is kept depends on the session, not on what staff may do")

    def declare(function: A) -> A:
        if name in registry:
            raise ValueError(f"two queries are called {name}")
        refused = refusal or who.value or ""
        registry[name] = Query(name, function, fields, who, refused, fails, shortcut, kept, waits)
        return function

    return declare
