"""The sandbox WeChat: a small HTTP server with the endpoints that callme calls, for machines with no appid.

It follows WeChat's documents of jscode2session, stable_token and getwxacodeunlimit: their errcodes, JSON as
text/plain, codes that work once. `sandbox-NAME` is the code of the person NAME, and so is `sandbox-NAME-ANYTHING`.
"""

import base64
import contextlib
import hashlib
import hmac
import io
import json
import re
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from PIL import Image, ImageDraw

TOKEN_SECONDS = 7200
SCENE = r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]{1,32}"  # WeChat's document of getwxacodeunlimit


def openid(appid: str, name: str) -> str:
    """Return the openid of the person NAME in the mini-program of that appid: 28 characters, as WeChat's."""
    digest = hashlib.sha256(f"{appid} {name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


class Refusal(Exception):
    """An answer with an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.answer = {"errcode": errcode, "errmsg": errmsg}


class SandboxWeChat(ThreadingHTTPServer):
    """WeChat, as far as callme needs it, for the given secrets by appid; remembers used codes until it stops."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], secret_by_appid: Mapping[str, str]) -> None:
        super().__init__(address, Handler)
        self.secret_by_appid = secret_by_appid
        self.lock = threading.Lock()
        self.used_codes: set[str] = set()
        self.token_by_appid: dict[str, str] = {}

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
        with self.lock:
            if code in self.used_codes:
                raise Refusal(40163, "code been used")
            self.used_codes.add(code)
        return {"session_key": base64.b64encode(secrets.token_bytes(16)).decode(), "openid": openid(appid, person[1])}

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
        if sent.get("access_token") not in self.token_by_appid.values():
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
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
        self.respond({"/sns/jscode2session": self.server.session}, {})

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            body = {}
        endpoints = {"/cgi-bin/stable_token": self.server.token, "/wxa/getwxacodeunlimit": self.server.code_picture}
        self.respond(endpoints, body)

    def respond(self, endpoints: Mapping[str, Any], body: dict[str, Any]) -> None:
        url = urlsplit(self.path)
        endpoint = endpoints.get(url.path)
        if endpoint is None:
            self.send(404, "text/plain", b"404 page not found")
            return
        try:
            answer = endpoint({**body, **dict(parse_qsl(url.query))})
        except Refusal as refusal:
            answer = refusal.answer
        if isinstance(answer, bytes):
            self.send(200, "image/jpeg", answer)
        else:
            self.send(200, "text/plain", json.dumps(answer).encode())

    def send(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the URLs hold secrets, as WeChat's do."""
