"""Q00–Q02: logging in."""

from typing import Any

from accounts import wechat
from accounts.models import Session
from callme_site.protocol import Caller, Fail, Fields, Text, Who, Yes, query


class LoginFields(Fields):
    code = Text(fail="Login Error", max_length=256, strip=True)
    isseller = Yes()


@query("login", fields=LoginFields, who=Who.ANYBODY)
def login(caller: Caller, data: dict[str, Any]) -> dict[str, Any]:
    """Q01, Q02: exchange the code at WeChat and begin a session; a seller also learns the months left."""
    try:
        with wechat.turn("login"):
            openid, session_key = wechat.exchange(data["code"], wechat.app("seller" if data["isseller"] else "buyer"))
            key, person = Session.objects.start(openid, session_key)
    except wechat.CodeRefused:
        raise Fail("Login Error") from None
    except wechat.Unavailable:
        raise Fail("API Error") from None
    if not data["isseller"]:
        return {"sessionKey": key}
    if person.bound_seller is None:
        # Without a session that person could never sign up.
        raise Fail("Seller Openid Error", sessionKey=key)
    return {"sessionKey": key, "balanceMon": person.bound_seller.months}
