"""Q00–Q02, Q11–Q15: logging in, signing up, the profile, renewals by staff; the code to scan."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts import services, wechat
from accounts.logins import log_in
from callme_site.storage.statements import Select
from callme_site.storage.versions import SELLERS
from callme_site.wire.answers import Fail
from callme_site.wire.fields import Fields, Flag, Number, Scalar, Text, without_directions
from callme_site.wire.registry import Caller, Identity, Who, query
from sellers import pictures
from sellers.codes import have_code
from sellers.files import absolute_url
from sellers.menus import clean_menu
from sellers.models import (
    NAME_LENGTH,
    TERMS,
    NoMonthsLeft,
    Seller,
    is_paused,
)
from sellers.sessions import PersonCaller, SellerCaller
from sellers.signing_up import HasAnotherSeller, NeedsProof, NoOpenid, NotOpenForSignUp, proven_telephone
from sellers.telephones import TELEPHONE, plain_telephone
from sellers.texts import shown


class Telephone(Scalar):
    """A mainland mobile number."""

    def to_python(self, value: Any) -> str:
        text = plain_telephone(super().to_python(value))
        if text and not re.fullmatch(TELEPHONE, text):
            raise ValidationError("not a telephone number")
        return text


class Name(Text):
    """The name of a stall or a person."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fail="Invalid Name Error", max_length=NAME_LENGTH, strip=True, **kwargs)


class Menu(Scalar):
    """The menu: a JSON array, or its text, or names separated by commas; becomes a list of names."""

    def to_python(self, value: Any) -> list[str]:
        return clean_menu(self.split(without_directions(value).strip()) if isinstance(value, str) else value)

    @staticmethod
    def split(text: str) -> Any:
        if not text.startswith(("[", "{")):
            return re.split("[,，]", text)
        try:
            return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            raise ValidationError("not JSON") from None


class YesNo(Scalar):
    """ "yes" or "no", and nothing else: what is misspelt must not turn a protection off."""

    def to_python(self, value: Any) -> bool:
        text = super().to_python(value)
        if text not in ("yes", "no"):
            raise ValidationError("neither yes nor no")
        return text == "yes"

    def validate(self, value: bool) -> None:
        """Take every truth value: False is no empty one."""


class LoginFields(Fields):
    code = Text(fail="Login Error", max_length=256, strip=True)
    isseller = Flag()


class SignupFields(Fields):
    """With a `phoneCode`, whatever `telNum` is does not count, so it is not even checked."""

    phoneCode = Text(fail="Login Error", max_length=256, strip=True, required=False)
    telNum = Telephone(fail="Invalid Tel Error")
    sellerName = Name(required=False)
    personName = Name(required=False)

    @classmethod
    def wanted(cls, body: Mapping[str, Any]) -> dict[str, Scalar | Flag]:
        code = body.get("phoneCode") or ""
        typed = isinstance(code, str) and not without_directions(code).strip()
        return {name: field for name, field in cls.declared.items() if typed or name != "telNum"}


class RenewFields(Fields):
    telNum = Telephone(fail="Invalid Tel Error")
    term = Number(fail="Invalid Term Error", least=TERMS[0], most=TERMS[-1])


class UpdateFields(Fields):
    """Only what is sent is changed, so a field that is not there is not even checked."""

    sellerName = Name()
    personName = Name()
    menuList = Menu(fail="Invalid Menu Error", required=False)
    imageName = Text(fail="Invalid Name Error", max_length=255, required=False)
    proof = YesNo(fail="Invalid Proof Error", required=False)

    @classmethod
    def wanted(cls, body: Mapping[str, Any]) -> dict[str, Scalar | Flag]:
        return {name: field for name, field in cls.declared.items() if name in body}


def all_sellers(session: Identity, values: Mapping[str, Any]) -> tuple[None, tuple[int, ...]]:
    """What depends on the sellers: their names, pictures and menus, and whether they are open."""
    return None, (SELLERS,)


@query(
    "login",
    fields=LoginFields,
    who=Who.ANYBODY,
    fails={wechat.CodeRefused: "Login Error", wechat.Unavailable: "API Error"},
    waits=True,
)
def login(caller: Caller[None, None], data: dict[str, Any]) -> dict[str, Any]:
    """Q01, Q02: exchange the code at WeChat and begin a session.

    A seller also learns the months left, a student of which templates this server sends messages.
    """
    if not data["isseller"]:
        key, _person = log_in(data["code"], "buyer", caller.address)
        templates = services.message_templates()
        return {"sessionKey": key, **({"templateIds": templates} if templates else {})}
    key, person = log_in(data["code"], "seller", caller.address)
    months = Seller.objects.filter(person=person).values_list("months", flat=True).first()
    if months is None:
        # Without a session that person could never sign up.
        raise Fail("Seller Openid Error", sessionKey=key)
    return {"sessionKey": key, "balanceMon": months}


LISTED = Select(
    lambda: Seller.objects.listed().order_by("pk").values_list("pk", shown("name"), "picture", "paused_until")
)


def listed() -> tuple[list[dict[str, Any]], datetime | None]:
    """Return what seller_list tells of the listed stalls, in order of id, but for their lines, which are queueing's.

    Beside it, when the first of their pauses is over; None where none is paused.
    """
    sellers = LISTED.rows()
    pauses = {pk: paused_until for pk, _, _, paused_until in sellers if is_paused(paused_until)}
    entries = [
        {"id": pk, "name": name, "imageURL": absolute_url(picture), "open": pk not in pauses}
        for pk, name, picture, _ in sellers
    ]
    return entries, min(pauses.values(), default=None)


@query(
    "signup",
    who=Who.SELLERS_APP,
    refusal=Who.SELLER.value,
    fields=SignupFields,
    fails={
        NotOpenForSignUp: "Invalid Tel Error",
        NoMonthsLeft: "Need Renew Error",
        HasAnotherSeller: "Seller Openid Error",
        NeedsProof: "Need Proof Error",
        NoOpenid: "Login Error",
        wechat.CodeRefused: "Login Error",
        wechat.Unavailable: "API Error",
    },
    waits=True,
)
def signup(caller: PersonCaller, data: dict[str, Any]) -> None:
    """Q11: bind the caller to the seller that staff registered."""
    code, columns = data["phoneCode"], {"sellerName": "name", "personName": "person_name"}
    telephone = proven_telephone(caller.person, code, caller.address) if code else data["telNum"]
    names = {columns[field]: name for field, name in data.items() if field in columns and name}
    Seller.objects.sign_up(caller.person, telephone, names, proven=bool(code))


@query("info", who=Who.SELLER)
def info(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Q12: the seller's own profile."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    return {
        "sellerName": seller.name,
        "imageUrl": seller.picture_url,
        "menuList": seller.menu,
        "balanceMon": seller.months,
        "paidUntil": seller.paid_until.isoformat() if seller.paid_until else "",
        "personName": seller.person_name,
        "open": seller.hands_out,
        "proof": seller.proof,
    }


@query("pause", who=Who.SELLER)
def pause(caller: SellerCaller, data: dict[str, Any]) -> None:
    """Hand out no more numbers until the next midnight; live orders go on."""
    Seller.objects.pause(caller.seller.pk)


@query("resume", who=Who.SELLER)
def resume(caller: SellerCaller, data: dict[str, Any]) -> None:
    """Hand out numbers again."""
    Seller.objects.resume(caller.seller.pk)


@query("admin", who=Who.STAFF)
def admin(caller: PersonCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Q13: all sellers, for staff."""
    sellers = Seller.objects.order_by("pk").only(
        *("name", "name_hidden", "person_name", "person_name_hidden"),
        *("telephone", "months", "switched_off", "paused_until"),
    )
    entries = [
        {
            "sellerName": seller.shown_name,
            "personName": seller.shown_person_name,
            "telNum": seller.telephone,
            "balanceMon": seller.months,
            "open": seller.hands_out,
        }
        for seller in sellers
    ]
    return {"sellerList": entries}


@query("renew", who=Who.STAFF, fields=RenewFields)
def renew(caller: PersonCaller, data: dict[str, Any]) -> None:
    """Q14: sell months to the seller of a telephone number."""
    Seller.objects.renew(data["telNum"], data["term"], caller.person.staff_user)


@query(
    "update",
    who=Who.SELLER,
    refusal="Need Signup Error",
    fields=UpdateFields,
    fails={NoMonthsLeft: "Need Renew Error"},
    waits=True,  # its pictures take seconds, one after the other
)
def update(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Q15: change what is sent; a picture that cannot be taken leaves the rest of the change standing."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    if not seller.months:
        raise NoMonthsLeft
    columns = {"sellerName": "name", "personName": "person_name", "menuList": "menu", "proof": "proof"}
    seller.update_profile({columns[name]: value for name, value in data.items() if name in columns}, caller.person)
    upload = caller.files.get(data.get("imageName") or "") or caller.files.get("sellerImage")
    try:
        seller.replace_picture(pictures.as_jpeg(upload))
    except pictures.Refused as refused:
        return {"updateImageSuccess": "fail", "failMsg": str(refused)}
    except OSError:
        return {"updateImageSuccess": "fail", "failMsg": "Save Error"}
    return {"updateImageSuccess": "success"}


@query("qrcode", who=Who.SELLER, fails={wechat.Unavailable: "API Error", OSError: "API Error"}, waits=True)
def qrcode(caller: SellerCaller, data: dict[str, Any]) -> dict[str, Any]:
    """Answer the address of the code that opens this stall in the student's mini-program."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    have_code(seller)
    return {"qrcodeImageUrl": seller.qrcode_url}
