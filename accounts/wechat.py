"""The client of WeChat's server API: how it is asked, what a login's code stands for, and access tokens.

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
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from callme_site.storage.pool import pool

logger = logging.getLogger(__name__)

TIMEOUTS = (2, 5)  # seconds to connect, and to wait for an answer
# Of the threads of a process (callme_site/capacity.py), so many may wait here; the others are for those who poll.
QUERIES = 384  # that ask WeChat at once, in a process
QUEUE = 128  # that wait for their turn
PATIENCE = 2.5  # seconds that one waits for it: with a WeChat that takes 5, the answer comes within 8
# WeChat's document of jscode2session: the code is invalid, used, or missing.
CODE_ERRORS = {40029, 40163, 41008}

http = requests.Session()  # keeps its connections; shared by all threads of a process
http.mount("https://", HTTPAdapter(pool_maxsize=QUERIES))
http.mount("http://", HTTPAdapter(pool_maxsize=QUERIES))
asking = threading.BoundedSemaphore(QUERIES)
queue = threading.BoundedSemaphore(QUERIES + QUEUE)


class CodeRefused(Exception):
    """WeChat says that the login's code is invalid, used or missing."""


class Unavailable(Exception):
    """WeChat did not answer, or not with what was asked for."""


class NotSent(Unavailable):
    """The request has not reached WeChat, or was turned away unread."""


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


def stable_token(app: App) -> tuple[str, int]:
    """Return the mini-program's access token, and for how many seconds it lasts; raises Unavailable."""
    body = {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret}
    answer = as_object(call("POST", "/cgi-bin/stable_token", json=body))
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not (isinstance(token, str) and token and isinstance(seconds, int)):
        raise failure("stable_token", answer)
    return token, seconds


def call(method: str, path: str, **kwargs: Any) -> requests.Response:
    """Send one request, once; raises NotSent or Unavailable, without the URL that the cause has in its text."""
    pool.give_back()  # nobody holds a connection to the database while WeChat is waited for
    try:
        response = http.request(
            method, settings.WECHAT_API_URL + path, timeout=TIMEOUTS, allow_redirects=False, **kwargs
        )
    except requests.RequestException as error:
        logger.warning("wechat_unreachable path=%s error=%s", path, type(error).__name__)
        raise (NotSent if never_left(error) else Unavailable) from None
    if response.status_code != requests.codes.ok:
        logger.warning("wechat_refused path=%s status=%s", path, response.status_code)
        raise NotSent if response.status_code == requests.codes.service_unavailable else Unavailable
    return response


def never_left(error: requests.RequestException) -> bool:
    """Return whether there was no connection over which the request could have gone."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


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
