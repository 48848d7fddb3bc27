"""What the sandbox WeChat does with messages, texts and telephone numbers; its people, and what they allow."""

import base64
import hashlib
import json
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OPENID = re.compile(r"o[\w-]{27}")
# The one template of the sandbox: its fields, and what WeChat's document of the message allows in each.
TEMPLATE = "sandbox-template"
FIELDS = {
    "thing1": re.compile(r"[^\x00-\x1f\x7f]{1,20}"),
    "character_string2": re.compile(r"[\x21-\x7e]{1,32}"),
    "thing3": re.compile(r"[^\x00-\x1f\x7f]{1,20}"),
    "time4": re.compile(r"(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}(:\d{2})?"),
}
STATES = ("developer", "trial", "formal")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")
# Words that it finds risky, or wants a person to look at; the first ones are in no message either.
RISKY = ("赌博", "枪支", "gambling")
DOUBTFUL = ("加微信", "代写")
SCENES = (1, 2, 3, 4)
TEXT_LENGTH = 2500
PAGES = settings.BASE_DIR / "miniprogram" / "student" / "app.json"


class Refusal(Exception):
    """An answer with an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.answer = {"errcode": errcode, "errmsg": errmsg}


def openid(appid: str, name: str) -> str:
    """Return the openid of the person NAME in the mini-program of that appid: 28 characters, as WeChat's."""
    digest = hashlib.sha256(f"{appid} {name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


class Services:
    """The endpoints that want an access token, and what people do in WeChat itself."""

    lock: threading.Lock

    def check_token(self, sent: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def use_up(self, code: str, errcode: int) -> None:
        raise NotImplementedError

    def forget_people(self) -> None:
        """Be as if nobody had come yet."""
        self.visitors: set[str] = set()  # openids that have logged in, who count as here for two hours
        self.allowed: Counter[tuple[str, str]] = Counter()  # messages by openid and template
        self.messages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)  # that have come, by openid
        self.arrivals: defaultdict[str, list[float]] = defaultdict(list)  # when, as time.monotonic() says
        self.under_way: set[str] = set()  # openids to whom a message is being sent

    @contextmanager
    def alone_with(self, touser: Any) -> Iterator[None]:
        """Send nobody two messages at once; raises Refusal."""
        if touser is None:
            yield
            return
        with self.lock:
            if touser in self.under_way:
                raise Refusal(43108, "concurrent sends to one user")
            self.under_way.add(touser)
        try:
            yield
        finally:
            self.under_way.discard(touser)

    def person(self, sent: Mapping[str, Any]) -> str:
        """Return the openid of the person NAME in the students' mini-program, whose phone it is that asks."""
        return openid(settings.WECHAT_BUYER_APPID, str(sent.get("name", "")))

    def subscribe(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /sandbox/subscribe: the person `name` allows one message of that `template_id` more."""
        if sent.get("template_id") != TEMPLATE:
            raise Refusal(20001, "no such template")
        with self.lock:
            self.allowed[self.person(sent), TEMPLATE] += 1
        return OK

    def messages_of(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """GET /sandbox/messages?name=NAME: the messages that have come to that person, the oldest first.

        `ages` are the seconds since each of them came.
        """
        person, now = self.person(sent), time.monotonic()
        with self.lock:
            ages = [now - arrival for arrival in self.arrivals.get(person, [])]
            return {**OK, "messages": self.messages.get(person, [])[:], "ages": ages}

    def send_message(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /cgi-bin/message/subscribe/send"""
        self.check_token(sent)
        touser, values = str(sent.get("touser", "")), message_values(sent)
        if not OPENID.fullmatch(touser):
            raise Refusal(40003, "invalid openid")
        if any(word in value for value in values.values() for word in RISKY):
            raise Refusal(45168, "hit sensitive words")
        with self.lock:
            if not self.allowed[touser, TEMPLATE]:
                raise Refusal(43101, "user refuse to accept the msg")
            self.allowed[touser, TEMPLATE] -= 1
            self.messages[touser].append({"page": sent.get("page", ""), "values": values})
            self.arrivals[touser].append(time.monotonic())
        return OK

    def check_text(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /wxa/msg_sec_check, version 2"""
        self.check_token(sent)
        content = sent.get("content")
        if not isinstance(content, str) or not 0 < len(content) <= TEXT_LENGTH or sent.get("version") != 2:
            raise Refusal(47001, "data format error")
        if sent.get("scene") not in SCENES:
            raise Refusal(40129, "invalid scene")
        if not OPENID.fullmatch(str(sent.get("openid", ""))):
            raise Refusal(40003, "invalid openid")
        if sent["openid"] not in self.visitors:
            raise Refusal(61010, "user has not visited for two hours")
        suggest, label = "pass", 100
        if any(word in content for word in DOUBTFUL):
            suggest, label = "review", 10001
        if any(word in content for word in RISKY):
            suggest, label = "risky", 20006
        return {**OK, "result": {"suggest": suggest, "label": label}, "detail": [], "trace_id": "sandbox"}

    def telephone(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /wxa/business/getuserphonenumber: `sandbox-TELEPHONE` and `sandbox-TELEPHONE-ANYTHING` are codes."""
        appid, code = self.check_token(sent), str(sent.get("code", ""))
        number = re.fullmatch(r"sandbox-(\d{5,15})(-.*)?", code)
        if not number:
            raise Refusal(40029, "invalid code")
        if "openid" in sent and sent["openid"] not in self.visitors:
            raise Refusal(40003, "openid is not the code's")
        self.use_up(code, 40029)
        info = {"phoneNumber": number[1], "purePhoneNumber": number[1], "countryCode": "86"}
        return {**OK, "phone_info": {**info, "watermark": {"timestamp": 0, "appid": appid}}}


def message_values(sent: Mapping[str, Any]) -> dict[str, str]:
    """Return what the message says in each field of the template; raises Refusal where WeChat would not take it."""
    if sent.get("template_id") != TEMPLATE:
        raise Refusal(40037, "invalid template_id")
    data = sent.get("data")
    values = {name: str(value.get("value")) for name, value in data.items()} if isinstance(data, dict) else {}
    for name, pattern in FIELDS.items():
        if not pattern.fullmatch(values.get(name, "")):
            raise Refusal(47003, f"argument invalid! data.{name}.value is invalid")
    if sent.get("miniprogram_state") not in STATES or sent.get("lang") not in LANGUAGES:
        raise Refusal(47003, "argument invalid! miniprogram_state or lang")
    if str(sent.get("page", "")).partition("?")[0] not in json.loads(PAGES.read_text())["pages"]:
        raise Refusal(41030, "invalid page")
    return values
