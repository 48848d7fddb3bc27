"""WeChat's services that want an access token: codes to scan, messages, the check of texts, telephone numbers."""

import json
from enum import StrEnum
from typing import Any

from django.conf import settings

from accounts import wechat
from accounts.tokens import AccessToken

# WeChat's global table of errcodes: the token is invalid, not the latest, or has ended.
TOKEN_ERRORS = {40001, 40014, 42001}


class NotVisited(Exception):
    """The person has not opened the mini-program for two hours, and WeChat checks no text of theirs."""


class Verdict(StrEnum):
    """What WeChat thinks of a text."""

    PASS = "pass"  # noqa: S105
    REVIEW = "review"
    RISKY = "risky"


def message_templates() -> list[str]:
    """Return the templates of the messages that this server sends; none where it can send none."""
    return [settings.MESSAGE_TEMPLATE_ID] if settings.MESSAGE_TEMPLATE_ID and settings.OPENID_KEYS else []


def ask(app: wechat.App, path: str, body: dict[str, Any]) -> bytes | dict[str, Any]:
    """Send the body to an endpoint and return the picture or object that it answers.

    A token that it does not take is fetched anew, once. Raises wechat.NotSent also where there is none, and
    wechat.Unavailable.
    """
    # As text: some of WeChat's endpoints have shown people the escapes of JSON as they are.
    content = json.dumps(body, ensure_ascii=False).encode()
    for last in (False, True):
        token = token_of(app)
        response = wechat.call(
            "POST",
            path,
            params={"access_token": token},
            data=content,
            headers={"Content-Type": "application/json"},
        )
        if response.headers.get("Content-Type", "").startswith("image/"):
            return response.content
        answer = wechat.as_object(response)
        if last or answer.get("errcode") not in TOKEN_ERRORS:
            break
        AccessToken.objects.forget(app, token)
    return answer


def token_of(app: wechat.App) -> str:
    """Return the mini-program's token; raises wechat.NotSent where there is none: what it is for has not gone."""
    try:
        return AccessToken.objects.of(app)
    except wechat.Unavailable:
        raise wechat.NotSent from None


def answer_of(app: wechat.App, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the object that the endpoint answers; raises wechat.Unavailable."""
    answer = ask(app, path, body)
    if not isinstance(answer, dict):
        raise wechat.failure(path, {})
    return answer


def mini_program_code(scene: str, page: str, app: wechat.App) -> bytes:
    """Return the picture of a code that opens the mini-program's page with that scene; raises wechat.Unavailable."""
    answer = ask(app, "/wxa/getwxacodeunlimit", {"scene": scene, "page": page})
    if isinstance(answer, bytes):
        return answer
    raise wechat.failure("getwxacodeunlimit", answer)


def send_message(app: wechat.App, message: dict[str, Any]) -> int:
    """Send a subscription message; return WeChat's errcode, 0 where it is sent.

    Raises wechat.NotSent where it has not reached WeChat, wechat.Unavailable where nobody knows whether it has.
    """
    answer = answer_of(app, "/cgi-bin/message/subscribe/send", message)
    errcode = answer.get("errcode")
    if not isinstance(errcode, int):
        raise wechat.failure("subscribe/send", answer)
    return errcode


def check_text(app: wechat.App, openid: str, text: str, scene: int) -> Verdict:
    """Return what WeChat thinks of a text of at most 2,500 characters; raises NotVisited, wechat.Unavailable.

    `scene`: 1 for what somebody says of themselves, 2 for a comment (WeChat's document of msg_sec_check, version 2).
    """
    body = {"content": text, "version": 2, "scene": scene, "openid": openid}
    answer = answer_of(app, "/wxa/msg_sec_check", body)
    if answer.get("errcode") == 61010:
        raise NotVisited
    result = answer.get("result")
    suggest = result.get("suggest") if isinstance(result, dict) else None
    if answer.get("errcode") != 0 or suggest not in list(Verdict):
        raise wechat.failure("msg_sec_check", answer)
    return Verdict(suggest)


def telephone(app: wechat.App, code: str, openid: str) -> str:
    """Return the number that the person has proven by its code, with its country's in front where that is not 86.

    Raises wechat.CodeRefused, wechat.Unavailable.
    """
    answer = answer_of(app, "/wxa/business/getuserphonenumber", {"code": code, "openid": openid})
    if answer.get("errcode") in wechat.CODE_ERRORS:
        raise wechat.CodeRefused
    info = answer.get("phone_info")
    info = info if isinstance(info, dict) else {}
    number = info.get("purePhoneNumber" if str(info.get("countryCode")) == "86" else "phoneNumber")
    if answer.get("errcode") != 0 or not (isinstance(number, str) and number):
        raise wechat.failure("getuserphonenumber", answer)
    return number
