"""Whether messages are sent at all, who wants one, and what one that a student gets is made of."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import services, wechat
from accounts.models import Person, Session
from queueing.states import Message

NONE_WANTED = {"openid": "", "message": Message.NONE.value}
PAGE = "pages/wait/wait"  # of the students' mini-program


def wanted(buyer: Person) -> dict[str, str]:
    """Return what an order is set to whose student wants to be told of the call; NONE_WANTED where nobody can be."""
    openid = Session.objects.openid_of(buyer, "buyer") if services.message_templates() else ""
    return {"openid": openid, "message": Message.WANTED.value} if openid else NONE_WANTED


def fingerprint() -> str:
    """Return what is another one when the settings are that messages are made by."""
    made_by = [settings.WECHAT_BUYER_APPID, settings.MESSAGE_TEMPLATE_ID, sorted(settings.MESSAGE_FIELDS.items())]
    return hashlib.sha256(json.dumps(made_by).encode()).hexdigest()


class Call(NamedTuple):
    """What a message tells."""

    seller: int
    seller_name: str
    number: int
    note: str
    called_at: datetime


def plain(text: str) -> str:
    """Return the text in one line, without control characters."""
    return " ".join("".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text).split())


def cut(text: str, most: int) -> str:
    """Return as much of the text as fits into so many characters; one beyond U+FFFF counts as two."""
    if width(text) <= most:
        return text
    while width(text) >= most:
        text = text[:-1]
    return f"{text.rstrip()}…"


def width(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def han(text: str) -> str:
    """Return the first five Han characters of the text, and nothing else."""
    return "".join(re.findall("[\u4e00-\u9fff]", text))[:5]


def as_it_is(text: str) -> str:
    return text


class Kind(NamedTuple):
    """A type of the fields of WeChat's templates: what it can hold, and how a text is made to fit."""

    holds: frozenset[str]
    fit: Callable[[str], str]


# WeChat's document of the message: thing has 20 characters of any kind, name 10 and no digits, phrase 5 of Han,
# character_string and number have 32 without Han. The types that are not here (letter, symbol,
# amount, phone_number, car_number, enum) hold nothing that an order has.
KINDS = {
    "thing": Kind(frozenset({"stall", "number", "note", "called"}), lambda text: cut(text, 20)),
    "character_string": Kind(frozenset({"number"}), as_it_is),
    "number": Kind(frozenset({"number"}), as_it_is),
    "phrase": Kind(frozenset({"stall", "note"}), han),
    "name": Kind(frozenset({"stall"}), lambda text: re.sub(r"\d", "", text).strip()[:10]),
    "time": Kind(frozenset({"called"}), as_it_is),
    "date": Kind(frozenset({"called"}), as_it_is),
}


def kind_of(field: str) -> str:
    """Return the type of a template's field, whose name is type and number, as in thing1; "" of any other name."""
    found = re.fullmatch("([a-z_]+)[1-9][0-9]?", field)
    return found[1] if found and found[1] in KINDS else ""


def can_hold(field: str, value: str) -> bool:
    """Return whether the template's field may tell that value, one of stall, number, note and called."""
    kind = kind_of(field)
    return kind != "" and value in KINDS[kind].holds


def data(call: Call) -> dict[str, dict[str, str]]:
    """Return what the message says in each field of its template; none is empty."""
    values = {
        "stall": plain(call.seller_name),
        "number": str(call.number),
        "note": plain(call.note),
        "called": f"{timezone.localtime(call.called_at):%Y-%m-%d %H:%M}",
    }
    said = {}
    for field, value in settings.MESSAGE_FIELDS.items():
        kind = kind_of(field)
        # WeChat's phrase is Chinese whatever the language.
        said[field] = KINDS[kind].fit(values[value]) or (
            "请取餐" if kind in ("phrase", "name") else _("Please collect it")
        )
    return {field: {"value": text} for field, text in said.items()}


def body(call: Call, openid: str) -> dict[str, Any]:
    """Return the message as WeChat wants it."""
    with translation.override(settings.LANGUAGE_CODE):
        told = data(call)
    return {
        "touser": openid,
        "template_id": settings.MESSAGE_TEMPLATE_ID,
        "page": f"{PAGE}?sellerId={call.seller}&marchSn={call.number}",
        "miniprogram_state": "developer" if settings.WECHAT_SANDBOX else "formal",
        "lang": "zh_CN" if settings.LANGUAGE_CODE.startswith("zh") else "en_US",
        "data": told,
    }


def app() -> wechat.App:
    """Return the mini-program that the messages are of."""
    return wechat.app("buyer")
