"""People whom the sandbox WeChat knows, who write what it passes, doubts or finds risky; and the worker's turn."""

from typing import Literal

from accounts.logins import log_in
from accounts.models import Person
from accounts.text_checks import claim_due

FINE, DOUBTFUL, RISKY = "多放香菜", "加微信送汤", "这里有赌博"
HIDDEN = "（内容未通过审核）"


class LikeAnything(str):
    """A text that whoever compares takes for the one that is there: as if nobody compared."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def visitor(name: str, app: Literal["buyer", "seller"] = "buyer") -> tuple[str, Person]:
    """Return the session's key and the person of somebody who has just come, as WeChat knows."""
    return log_in(f"sandbox-{name}-texts", app, "127.0.0.1")


def work() -> int:
    """Do what a worker does in one turn; return how many texts it has asked about."""
    jobs = claim_due(50)
    for job in jobs:
        job()
    return len(jobs)
