"""What no log line and no answer may hold, looked for in all of them while a test runs."""

import html
import json
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse

# A session's key or an openid's hash; a session's digest; an openid as WeChat makes them; SQL; a column of ours.
SHAPES = re.compile(
    r"\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b"
    r"|\bo(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{27}(?![\w-])"
    r'|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) \\?[`"]'
    r"|\b(accounts_session|accounts_person|queueing_order|sellers_seller)\.[a-z]"
)

SANDBOX_SECRETS = {"sandbox-buyer-secret", "sandbox-seller-secret"}


def find_leak(text: str, secrets: set[str]) -> str | None:
    """Return what the text holds and must not, or None."""
    if shape := SHAPES.search(text):
        return shape[0]
    return next((secret for secret in secrets if secret in text), None)


class Watch(logging.Handler):
    """Hears all that is logged, as production would write it, by all threads; is shown answers and secrets too."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        (production,) = (handler for handler in logging.getLogger().handlers if handler.name == "stderr")
        self.setFormatter(production.formatter)
        self.heard: list[str] = []
        self.secrets = {settings.SECRET_KEY, settings.WECHAT_BUYER_SECRET, settings.WECHAT_SELLER_SECRET}

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))

    def notice_start(self, start: Callable) -> Callable:
        """Wrap Session.objects.start so that what it is given and returns is known as secret."""

        @wraps(start)
        def noticed(manager: Any, openid: str, session_key: str, app: str) -> Any:
            self.secrets |= {openid, session_key}
            key, person = start(manager, openid, session_key, app)
            self.secrets.add(key)
            return key, person

        return noticed

    def notice_token(self, stable_token: Callable) -> Callable:
        """Wrap wechat.stable_token so that the tokens which it brings are known as secret."""

        @wraps(stable_token)
        def noticed(app: Any) -> Any:
            token, seconds = stable_token(app)
            self.secrets.add(token)
            return token, seconds

        return noticed

    def notice_answers(self, request: Callable) -> Callable:
        """Wrap the test client's request so that its answers are heard, but for the key that a login asks for."""

        @wraps(request)
        def noticed(client: Any, **kwargs: Any) -> HttpResponse:
            response = request(client, **kwargs)
            text = "" if response.streaming else response.content.decode(errors="replace")
            if response.get("Content-Type") == "application/json":
                answer = json.loads(text or "{}")
                text = text.replace(answer.get("sessionKey", "") if "loginSuccess" in answer else "", "")
            self.heard += [html.unescape(text), *(f"{name}: {value}" for name, value in response.items())]
            return response

        return noticed

    def check(self) -> None:
        """Forget what was heard; raises AssertionError where something in it was not to be heard."""
        heard, self.heard = self.heard, []
        for text in heard:
            leak = find_leak(text, self.secrets)
            assert leak is None, f"{leak!r} has leaked:\n{text}"
