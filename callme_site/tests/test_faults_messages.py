"""WeChat away during the lunch: no call waits for it, and no message that is still wanted is lost or sent twice."""

import time

import pytest
import requests

from callme_site.testing.serving import machine_on

pytestmark = pytest.mark.faults

STUDENTS = 12
TARGET = 0.5  # seconds that a call takes at most, on a busy machine
TIMEOUT = 60  # seconds
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def lunch(tmp_path):
    """bin/serve, and a stall's numbers that as many students have bound and want to be told of."""
    with machine_on(tmp_path, f"sqlite:///{tmp_path / 'callme.sqlite3'}") as machine:
        yield Lunch(machine.start(), machine.settings["WECHAT_API_URL"])


class Lunch:
    def __init__(self, server, wechat):
        self.server, self.wechat = server, wechat
        self.stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        self.students = {f"s{place}": server.ask("login", code=f"sandbox-s{place}") for place in range(STUDENTS)}
        for name, login in self.students.items():
            self.tell("subscribe", name=name, template_id=login["templateIds"][0])
            order = {"sellerId": 1, "marchSn": server.ask("fetch", self.stall)["marchSn"]}
            pushed = server.ask("push", login["sessionKey"], **order, noteContent="牛肉面", subscribe="yes")
            assert pushed == {"pushSuccess": "success"}

    def tell(self, what, **sent):
        answer = requests.post(f"{self.wechat}/sandbox/{what}", json=sent, timeout=10)
        assert answer.json()["errcode"] == 0

    def call(self, number):
        """Call a number; return how many seconds that took."""
        began = time.monotonic()
        assert self.server.ask("call", self.stall, marchSn=number) == {"callSuccess": "success"}
        return time.monotonic() - began

    def collect(self, number):
        """Let the student of a number, who has looked at its page, fetch the meal."""
        login = self.students[f"s{number - 1}"]
        collected = self.server.ask("done", login["sessionKey"], sellerId=1, marchSn=number)
        assert collected == {"doneSuccess": "success"}

    def come(self):
        """Return how many messages have come to each student."""
        url = f"{self.wechat}/sandbox/messages"
        answers = [requests.get(url, params={"name": name}, timeout=10).json() for name in self.students]
        return [len(answer["messages"]) for answer in answers]

    def all_come(self, but=0):
        """Wait until each student has one message, but for so many first ones, and a moment longer for one too many."""
        until, expected = time.monotonic() + TIMEOUT, [0] * but + [1] * (STUDENTS - but)
        while self.come() != expected:
            assert time.monotonic() < until, self.come()
            time.sleep(0.1)
        time.sleep(2)
        assert self.come() == expected


@pytest.mark.parametrize("away", [{"status": 503}, {"errcode": -1}, {"errcode": 45009}], ids=str)
def test_wechat_is_away_for_the_whole_lunch(lunch, away):
    lunch.tell("mood", path=SEND, **away)
    assert max(lunch.call(number) for number in range(1, STUDENTS)) < TARGET
    time.sleep(8)  # several tries of each, the next ones in up to 8 seconds
    assert lunch.come() == [0] * STUDENTS
    lunch.collect(1)  # who wants no message any more
    lunch.tell("mood", path=SEND)
    lunch.call(STUDENTS)
    lunch.all_come(but=1)


def test_wechat_takes_its_time(lunch):
    lunch.tell("mood", path=SEND, seconds=2)
    assert max(lunch.call(number) for number in range(1, STUDENTS + 1)) < TARGET
    lunch.all_come()
