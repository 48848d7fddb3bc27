"""The client of WeChat's server API: what a login's code stands for, and a mini-program's codes to scan.

No error that leaves this module and no log line has a URL in it: WeChat wants the secret and the token in there.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import requests
from django.conf import settings
from django.core.cache import cache
from requests.adapters import HTTPAdapter

from callme_site.storage.pool import pool

logger = logging.getLogger(__name__)

TIMEOUTS = (2, 5)  # seconds to connect, and to wait for an answer
# Of the threads of a process (callme_site/capacity.py), so many may wait here; the others are for those who poll.
QUERIES = 192  # that ask WeChat at once, in a process
QUEUE = 64  # that wait for their turn
PATIENCE = 2.5  # seconds that one waits for it: with a WeChat that takes 5, the answer comes within 8
# WeChat's document of jscode2session: the code is invalid, used, or missing.
CODE_ERRORS = {40029, 40163, 41008}
# WeChat's document of getwxacodeunlimit: the token is invalid or expired.
TOKEN_ERRORS = {40001, 40014, 42001}

http = requests.Session()  # keeps its connections; shared by all threads of a process
http.mount("https://", HTTPAdapter(pool_maxsize=QUERIES))
http.mount("http://", HTTPAdapter(pool_maxsize=QUERIES))
asking = threading.BoundedSemaphore(QUERIES)
queue = threading.BoundedSemaphore(QUERIES + QUEUE)


class CodeRefused(Exception):
    """WeChat says that the login's code is invalid, used or missing."""


class Unavailable(Exception):
    """WeChat did not answer, or not with what was asked for."""


@dataclass(frozen=True)
class App:
    """A mini-program's credentials."""

    appid: str
    secret: str


def app(name: Literal["buyer", "seller"]) -> App:
    """Return the credentials of one of the two mini-programs."""
    prefix = f"WECHAT_{name.upper()}"
    return App(getattr(settings, f"{prefix}_APPID"), getattr(settings, f"{prefix}_SECRET"))


@contextmanager
def limit(query: str) -> Iterator[None]:
    """Be one of the queries that ask WeChat, and hold no connection to the database meanwhile.

    Raises Unavailable at once where too many wait already, or after the time that one waits at most.
    """
    pool.give_back()
    if not queue.acquire(blocking=False):
        raise busy(query)
    try:
        if not asking.acquire(timeout=PATIENCE):
            raise busy(query)
        try:
            yield
        finally:
            asking.release()
    finally:
        queue.release()


def busy(query: str) -> Unavailable:
    """Log that a query is turned away, and return the error to raise."""
    logger.warning("wechat_busy query=%s", query)
    return Unavailable()


def exchange(code: str, app: App) -> tuple[str, str]:
    """Return the openid and session_key that a login's code stands for; raises CodeRefused or Unavailable.

    The code is sent once, whatever happens: WeChat would answer a second time that it is used.
    """
    params = {"appid": app.appid, "secret": app.secret, "js_code": code, "grant_type": "authorization_code"}
    answer = as_object(call("GET", "/sns/jscode2session", params=params))
    if answer.get("errcode") in CODE_ERRORS:
        raise CodeRefused
    openid, session_key = answer.get("openid"), answer.get("session_key")
    if not (isinstance(openid, str) and openid and isinstance(session_key, str) and session_key):
        raise failure("jscode2session", answer)
    return openid, session_key


def mini_program_code(scene: str, page: str, app: App) -> bytes:
    """Return the picture of a code that opens the mini-program's page with that scene; raises Unavailable."""
    for _attempt in range(2):
        response = call(
            "POST",
            "/wxa/getwxacodeunlimit",
            params={"access_token": access_token(app)},
            json={"scene": scene, "page": page},
        )
        if response.headers.get("Content-Type", "").startswith("image/"):
            return response.content
        answer = as_object(response)
        if answer.get("errcode") not in TOKEN_ERRORS:
            break
        cache.delete(token_key(app))
    raise failure("getwxacodeunlimit", answer)


def access_token(app: App) -> str:
    """Return the mini-program's access token, asked for once until it expires; raises Unavailable."""
    token = cache.get(token_key(app))
    if token is None:
        body = {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret}
        answer = as_object(call("POST", "/cgi-bin/stable_token", json=body))
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not (isinstance(token, str) and token and isinstance(seconds, int)):
            raise failure("stable_token", answer)
        # WeChat's document of stable_token: it hands out the next one five minutes before this one ends.
        cache.set(token_key(app), token, max(seconds - 300, 1))
    return token


def token_key(app: App) -> str:
    return f"wechat-token-{app.appid}"


def call(method: str, path: str, **kwargs: Any) -> requests.Response:
    """Send one request, once; raises Unavailable, without the URL that the cause has in its text."""
    try:
        response = http.request(
            method, settings.WECHAT_API_URL + path, timeout=TIMEOUTS, allow_redirects=False, **kwargs
        )
    except requests.RequestException as error:
        logger.warning("wechat_unreachable path=%s error=%s", path, type(error).__name__)
        raise Unavailable from None
    if response.status_code != requests.codes.ok:
        logger.warning("wechat_refused path=%s status=%s", path, response.status_code)
        raise Unavailable
    return response


def as_object(response: requests.Response) -> dict[str, Any]:
    """Return the JSON object that WeChat sent (as text/plain); raises Unavailable."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        logger.warning("wechat_answer_unreadable")
        raise Unavailable from None
    return answer


def failure(endpoint: str, answer: dict[str, Any]) -> Unavailable:
    """Log WeChat's errcode (its errmsg may quote what was sent) and return the error to raise."""
    logger.warning("wechat_error endpoint=%s errcode=%s", endpoint, answer.get("errcode"))
    return Unavailable()
