"""Having texts checked by WeChat, and hiding what it finds wrong: what the worker does, and where the texts are."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from accounts import openids, services, wechat
from accounts.services import Verdict
from accounts.texts import TextCheck

Kind = TextCheck.Kind


@dataclass(frozen=True)
class Place:
    """Where texts of a kind are: what a higher app knows of the rows that have them."""

    app: Literal["buyer", "seller"]  # the mini-program that they are written in
    scene: int  # WeChat's: 1 for what somebody says of themselves, 2 for a comment
    hide: Callable[[int, str], bool]  # from all but the writer, if the row (by id) still has that text
    rows: Callable[[Collection[int]], Mapping[int, Any]]  # those that there are, by their ids
    named: Callable[[Any], str]  # what staff call a row


# By kind; filled by the `text_checks.py` of the higher apps.
places: dict[str, Place] = {}


def claim_due(limit: int) -> list[Callable[[], None]]:
    """Return jobs, so many at most: each asks WeChat about a text that is due, and records what it says.

    Any number of workers may do so at once. A job that is not done within a minute is handed out again.
    """
    return [partial(check, text) for text in TextCheck.objects.claim(limit)]


def check(text: TextCheck) -> None:
    """Ask WeChat about a text that was claimed, and do what its verdict says."""
    place, openid = places[text.kind], openids.decrypted(text.openid)
    if openid is None:  # kept under a key that is there no longer
        text.leave()
        return
    try:
        verdict = services.check_text(wechat.app(place.app), openid, text.text, place.scene)
    except services.NotVisited:
        text.leave()
    except wechat.Unavailable:
        text.postpone()
    else:
        record(text, verdict)


def record(text: TextCheck, verdict: Verdict) -> None:
    """Hide a risky text where it still stands, leave a doubtful one for a clerk, and forget what is decided."""
    if verdict is Verdict.REVIEW:
        text.leave(TextCheck.State.REVIEW)
        return
    if verdict is Verdict.RISKY:
        places[text.kind].hide(text.subject, text.text)
    text.settle()
