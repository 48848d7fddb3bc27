"""The sandbox WeChat: a small HTTP server with the endpoints that callme calls, for machines with no appid.

It follows WeChat's documents of these endpoints: their errcodes, JSON as text/plain, codes that work once.
`sandbox-NAME` is the code of the person NAME, and so is `sandbox-NAME-ANYTHING`. What a person does in WeChat itself is
done at addresses under /sandbox/, and so is what WeChat is told to do wrong (see Mood).
"""

import base64
import contextlib
import hmac
import io
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from PIL import Image, ImageDraw

from callme_site.trial.sandbox_services import OK, Refusal, Services, openid

TOKEN_SECONDS = 7200
SCENE = r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]{1,32}"  # WeChat's document of getwxacodeunlimit


@dataclass
class Mood:
    """How an endpoint behaves for a while, of its own accord or told so at POST /sandbox/mood."""

    seconds: float = 0  # that it takes for each answer
    errcode: int = 0  # that it answers, whatever was asked
    status: int = 200  # of HTTP; another one comes with no answer
    hangs_up: str = ""  # "before" doing what was asked, or "after" it, instead of answering
    rubbish: bool = False  # answers what is no JSON
    times: int = -1  # for so many requests; below 0, for all that come


class SandboxWeChat(Services, ThreadingHTTPServer):
    """WeChat, as far as callme needs it, for the given secrets by appid; remembers used codes until it stops."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], secret_by_appid: Mapping[str, str]) -> None:
        super().__init__(address, Handler)
        self.secret_by_appid = secret_by_appid
        self.lock = threading.Lock()
        self.used_codes: set[str] = set()
        self.token_by_appid: dict[str, str] = {}
        self.moods: dict[str, Mood] = {}
        self.forget()

    def forget(self) -> None:
        """Be as if just started, but for the tokens."""
        self.used_codes.clear()
        self.moods.clear()
        self.forget_people()

    def mood(self, path: str) -> Mood:
        """Return how to answer a request for that path; one of the `times` is used up."""
        with self.lock:
            mood = self.moods.get(path)
            if mood is None or mood.times == 0:
                return Mood()
            mood.times -= 1
            return mood

    def set_mood(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /sandbox/mood: `path`, and the fields of a Mood; none of them: as ever."""
        self.moods[str(sent.get("path"))] = Mood(**{name: value for name, value in sent.items() if name != "path"})
        return OK

    def check_app(self, sent: Mapping[str, Any]) -> str:
        """Return the appid if the secret is its own; raises Refusal."""
        appid = str(sent.get("appid", ""))
        if appid not in self.secret_by_appid:
            raise Refusal(40013, "invalid appid")
        if not hmac.compare_digest(str(sent.get("secret", "")).encode(), self.secret_by_appid[appid].encode()):
            raise Refusal(40125, "invalid appsecret")
        return appid

    def session(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """GET /sns/jscode2session"""
        appid = self.check_app(sent)
        code = sent.get("js_code", "")
        if not code:
            raise Refusal(41008, "missing code")
        person = re.fullmatch(r"sandbox-([^-]+)(-.*)?", code)
        if not person:
            raise Refusal(40029, "invalid code")
        self.use_up(code, 40163)
        visitor = openid(appid, person[1])
        self.visitors.add(visitor)
        return {"session_key": base64.b64encode(secrets.token_bytes(16)).decode(), "openid": visitor}

    def use_up(self, code: str, errcode: int) -> None:
        """Let a code be used once; raises Refusal."""
        with self.lock:
            if code in self.used_codes:
                raise Refusal(errcode, "code been used")
            self.used_codes.add(code)

    def check_token(self, sent: Mapping[str, Any]) -> str:
        """Return the appid whose access token was sent; raises Refusal."""
        for appid, token in self.token_by_appid.items():
            if sent.get("access_token") == token:
                return appid
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")

    def token(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """POST /cgi-bin/stable_token"""
        if sent.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        appid = self.check_app(sent)
        with self.lock:
            token = self.token_by_appid.setdefault(appid, secrets.token_urlsafe(64))
        return {"access_token": token, "expires_in": TOKEN_SECONDS}

    def code_picture(self, sent: Mapping[str, Any]) -> bytes:
        """POST /wxa/getwxacodeunlimit"""
        self.check_token(sent)
        if not re.fullmatch(SCENE, str(sent.get("scene", ""))):
            raise Refusal(40169, "invalid length for scene, or the data is not json string")
        picture = Image.new("RGB", (430, 430), "white")
        drawing = ImageDraw.Draw(picture)
        drawing.ellipse((15, 15, 415, 415), outline="black", width=8)
        drawing.text(
            (215, 215),
            f"{sent['scene']}\n{sent.get('page', '')}",
            fill="black",
            anchor="mm",
            align="center",
            font_size=32,
        )
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG")
        return jpeg.getvalue()


class Handler(BaseHTTPRequestHandler):
    """One request to the sandbox."""

    server: SandboxWeChat
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: the second would wait for the first to be acknowledged

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # whoever asked hung up
            super().handle()

    def do_GET(self) -> None:
        server = self.server
        self.respond({"/sns/jscode2session": server.session, "/sandbox/messages": server.messages_of}, {})

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            body = None
        server = self.server
        endpoints = {
            "/cgi-bin/stable_token": server.token,
            "/cgi-bin/message/subscribe/send": server.send_message,
            "/wxa/getwxacodeunlimit": server.code_picture,
            "/wxa/msg_sec_check": server.check_text,
            "/wxa/business/getuserphonenumber": server.telephone,
            "/sandbox/subscribe": server.subscribe,
            "/sandbox/mood": server.set_mood,
        }
        self.respond(endpoints, body if isinstance(body, dict) else {})

    def respond(self, endpoints: Mapping[str, Any], body: dict[str, Any]) -> None:
        url = urlsplit(self.path)
        endpoint = endpoints.get(url.path)
        if endpoint is None:
            self.send(404, "text/plain", b"404 page not found")
            return
        mood = self.server.mood(url.path)
        answer: bytes | dict[str, Any] = OK
        if mood.hangs_up != "before":
            try:
                answer = self.answer(endpoint, {**body, **dict(parse_qsl(url.query))}, mood)
            except Refusal as refusal:
                answer = refusal.answer
        if mood.hangs_up:
            self.close_connection = True
        elif isinstance(answer, bytes):
            self.send(mood.status, "image/jpeg", answer)
        else:
            self.send(mood.status, "text/plain", b"<html>busy" if mood.rubbish else json.dumps(answer).encode())

    def answer(self, endpoint: Callable, sent: dict[str, Any], mood: Mood) -> bytes | dict[str, Any]:
        """Do what was asked, as slowly as the mood wants it, unless it forbids it; raises Refusal."""
        with self.server.alone_with(sent.get("touser")):
            if mood.seconds:
                time.sleep(mood.seconds)
            if mood.errcode or mood.status != HTTPStatus.OK:
                raise Refusal(mood.errcode, "told so")
            return endpoint(sent)

    def send(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the URLs hold secrets, as WeChat's do."""
