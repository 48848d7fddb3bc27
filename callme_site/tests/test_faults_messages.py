"""WeChat is away while students are called: no call waits for it, and who still wants a message gets it later, once."""

import time

import pytest
import requests

from callme_site.testing.serving import Machine, Serving

pytestmark = pytest.mark.faults

AWAY = {"/cgi-bin/stable_token": {"status": 503}, "/cgi-bin/message/subscribe/send": {"status": 503}}
STUDENTS = 8
QUICK = 1  # second that a call takes at most
COMES_BACK = (
    100  # seconds after which all must have been told: it was away for less, and is asked again less and less often
)
MORE = 3  # seconds in which nobody is told twice


class Student:
    """A student of the sandbox, who allows one message and enters a number of stall 1."""

    def __init__(self, server: Serving, wechat: str, name: str) -> None:
        self.server, self.wechat, self.name = server, wechat, name
        self.number = 0
        answer = server.ask("login", code=f"sandbox-{name}")
        self.key, (self.template,) = answer["sessionKey"], answer["templateIds"]

    def wants(self, number: int) -> None:
        self.number = number
        allowed = {"name": self.name, "template_id": self.template}
        assert requests.post(f"{self.wechat}/sandbox/subscribe", json=allowed, timeout=5).json()["errcode"] == 0
        bound = self.server.ask("push", self.key, sellerId=1, marchSn=number, noteContent="牛肉面", subscribe="yes")
        assert bound == {"pushSuccess": "success"}

    def collects(self) -> None:
        assert self.server.ask("done", self.key, sellerId=1, marchSn=self.number) == {"doneSuccess": "success"}

    def messages(self) -> list[dict]:
        url = f"{self.wechat}/sandbox/messages"
        return requests.get(url, params={"name": self.name}, timeout=5).json()["messages"]


def set_moods(wechat: str, moods: dict[str, dict]) -> None:
    for path, mood in moods.items():
        assert requests.post(f"{wechat}/sandbox/mood", json={"path": path, **mood}, timeout=5).json()["errcode"] == 0


@pytest.mark.parametrize("away", [AWAY, {path: {"errcode": -1} for path in AWAY}], ids=["away", "busy"])
def test_it_is_away_for_the_whole_lunch(machine: Machine, away: dict):
    server, wechat = machine.start(), machine.settings["WECHAT_API_URL"]
    stall = server.ask("login", isseller="yes", code="sandbox-stall1-messages")["sessionKey"]
    students = [Student(server, wechat, f"student{place}") for place in range(STUDENTS)]
    for student in students:
        student.wants(server.ask("fetch", stall)["marchSn"])
    set_moods(wechat, away)
    for student in students:
        began = time.monotonic()
        assert server.ask("call", stall, marchSn=student.number) == {"callSuccess": "success"}
        assert time.monotonic() - began < QUICK
    gone, waiting = students[::2], students[1::2]
    for student in gone:
        student.collects()
    time.sleep(10)  # the lunch: it is tried several times meanwhile
    assert not any(student.messages() for student in students)
    set_moods(wechat, {path: {} for path in away})
    until = time.monotonic() + COMES_BACK
    while not all(student.messages() for student in waiting):
        assert time.monotonic() < until, [len(student.messages()) for student in waiting]
        time.sleep(0.2)
    time.sleep(MORE)
    for student in waiting:
        (message,) = student.messages()
        assert message["page"] == f"pages/wait/wait?sellerId=1&marchSn={student.number}"
        assert str(student.number) in message["values"].values()
    assert not any(student.messages() for student in gone), "who has collected needs no message"
