"""Logging in: a code becomes a person and a session."""

from typing import Literal

from accounts import wechat
from accounts.login_errors import login_errors
from accounts.models import Person, Session


def log_in(code: str, app: Literal["buyer", "seller"], address: str) -> tuple[str, Person]:
    """Exchange a code of that mini-program at WeChat; return the 3rd_session and its person.

    Raises CodeRefused, Unavailable. `address`: the client's, by which refused codes are counted.
    """
    with login_errors().limit(address):
        openid, session_key = wechat.exchange(code, wechat.app(app))
    return Session.objects.start(openid, session_key, app)
