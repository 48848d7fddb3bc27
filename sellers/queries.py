"""Q03 and Q11–Q15: the list of sellers, signing up, the profile, and renewals by staff; and the mini-program code."""

import json
import re
from typing import Any

from django.core.exceptions import ValidationError

from accounts import wechat
from callme_site.changes import SELLERS
from callme_site.protocol import Caller, Fail, Fields, Number, Scalar, Text, Who, query
from sellers import pictures
from sellers.models import NAME_LENGTH, TELEPHONE, TERMS, Seller, clean_menu


class Telephone(Scalar):
    """A mainland mobile number."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).strip()
        if text and not re.fullmatch(TELEPHONE, text):
            raise ValidationError("not a telephone number")
        return text


class Name(Text):
    """The name of a stall or a person."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fail="Invalid Name Error", max_length=NAME_LENGTH, strip=True, **kwargs)


class Menu(Scalar):
    """The menu: a JSON array, or its text, or names separated by commas; becomes a list of trimmed names."""

    def to_python(self, value: Any) -> list[str]:
        return clean_menu(self.split(value.strip()) if isinstance(value, str) else value)

    @staticmethod
    def split(text: str) -> Any:
        if not text.startswith(("[", "{")):
            return re.split("[,，]", text)
        try:
            return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            raise ValidationError("not JSON") from None


class SignupFields(Fields):
    telNum = Telephone(fail="Invalid Tel Error")
    sellerName = Name(required=False)
    personName = Name(required=False)


class RenewFields(Fields):
    telNum = Telephone(fail="Invalid Tel Error")
    term = Number(fail="Invalid Term Error", least=TERMS[0], most=TERMS[-1])


class UpdateFields(Fields):
    """Only what is sent is changed, so a field that is not there is not even checked."""

    sellerName = Name()
    personName = Name()
    menuList = Menu(fail="Invalid Menu Error", required=False)
    imageName = Text(fail="Invalid Name Error", max_length=255, required=False)

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.fields = {name: field for name, field in self.fields.items() if name in data}


@query("seller_list", common=SELLERS)
def seller_list(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q03: the stalls on duty, keyed "1", "2" … in order of id."""
    sellers = Seller.objects.on_duty().order_by("pk").only("name", "picture")
    if not sellers:
        raise Fail("Null List Error")
    listed = [{"id": seller.pk, "name": seller.name, "imageURL": seller.picture_url} for seller in sellers]
    return {"count": len(listed), "list": {str(place): entry for place, entry in enumerate(listed, start=1)}}


@query("signup", fields=SignupFields)
def signup(caller: Caller, data: dict[str, Any]) -> None:
    """Q11: bind the caller to the seller that staff registered."""
    names = {"name": data["sellerName"], "person_name": data["personName"]}
    Seller.objects.sign_up(caller.person, data["telNum"], {column: name for column, name in names.items() if name})


@query("info", who=Who.SELLER)
def info(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q12: the seller's own profile."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    return {
        "sellerName": seller.name,
        "imageUrl": seller.picture_url,
        "menuList": seller.menu,
        "balanceMon": seller.months,
        "personName": seller.person_name,
    }


@query("admin", who=Who.STAFF)
def admin(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q13: all sellers, for staff."""
    sellers = Seller.objects.order_by("pk").values_list("name", "person_name", "telephone", "months")
    names = ("sellerName", "personName", "telNum", "balanceMon")
    return {"sellerList": [{**dict(zip(names, row, strict=True)), "open": False} for row in sellers]}


@query("renew", who=Who.STAFF, fields=RenewFields)
def renew(caller: Caller, data: dict[str, Any]) -> None:
    """Q14: sell months to the seller of a telephone number."""
    Seller.objects.renew(data["telNum"], data["term"], caller.person.staff_user)


@query("update", who=Who.SELLER, refusal="Need Signup Error", fields=UpdateFields)
def update(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q15: change what is sent; a picture that cannot be taken leaves the rest of the change standing."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    if not seller.months:
        raise Fail("Need Renew Error")
    columns = {"sellerName": "name", "personName": "person_name", "menuList": "menu"}
    seller.update_profile({columns[name]: value for name, value in data.items() if name in columns})
    upload = caller.files.get(data.get("imageName")) or caller.files.get("sellerImage")
    try:
        seller.replace_picture(pictures.as_jpeg(upload))
    except pictures.Refused as refused:
        return {"updateImageSuccess": "fail", "failMsg": str(refused)}
    except OSError:
        return {"updateImageSuccess": "fail", "failMsg": "Save Error"}
    return {"updateImageSuccess": "success"}


@query("qrcode", who=Who.SELLER)
def qrcode(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Answer the address of the code that opens this stall in the student's mini-program."""
    seller = Seller.objects.get(pk=caller.seller.pk)
    if not seller.qrcode:
        try:
            with wechat.turn("qrcode"):
                picture = wechat.mini_program_code(f"sellerId={seller.pk}", "pages/qu/qu", wechat.app("buyer"))
                seller.keep_qrcode(picture)
        except (wechat.Unavailable, OSError):
            raise Fail("API Error") from None
    return {"qrcodeImageUrl": seller.qrcode_url}
