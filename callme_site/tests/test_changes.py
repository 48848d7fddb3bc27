"""What a process keeps is told by the others that it has changed: real processes, one of which dies at a bad moment."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from callme_site import changes
from callme_site.checks import check_changes_file

CHANGE = """
import os, sys
from callme_site.changes import Tally
tally = Tally(sys.argv[1])
for _ in range(int(sys.argv[2])):
    tally.mark((3,), 1)
    if sys.argv[3] == "die":
        os.kill(os.getpid(), 9)
    tally.mark((3,), -1)
"""


@pytest.fixture
def tally(tmp_path):
    return changes.Tally(str(tmp_path / "changes"))


def start(tmp_path, times, then="go on"):
    return subprocess.Popen([sys.executable, "-c", CHANGE, str(tmp_path / "changes"), str(times), then])


def test_no_change_of_many_processes_is_lost(tally, tmp_path):
    processes = [start(tmp_path, 2000) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert tally.version(3) == 16000
    assert tally.version(4) == 0


def test_nothing_is_kept_that_a_dead_process_was_changing(tally, tmp_path):
    assert start(tmp_path, 1, "die").wait(60) == -9
    assert tally.version(3) is None
    assert tally.version(4) == 0
    before = tally.version(4)
    tally.forget()  # as the next server process does
    assert tally.version(3) == 2
    assert tally.version(4) != before


def test_a_change_that_ends_after_all_was_forgotten_counts(tally):
    tally.mark((3,), 1)
    tally.forget()
    before = tally.version(3)
    tally.mark((3,), -1)
    assert tally.version(3) not in (before, None)
    tally.mark((3,), 1)
    assert tally.version(3) is None


def test_a_change_ends_with_the_commit_that_it_is_part_of(monkeypatch, settings):
    waiting = []
    monkeypatch.setattr(changes, "on_commit", waiting.append)
    with changes.changing(changes.SELLERS):
        pass
    assert changes.state(changes.SELLERS) is None
    assert changes.state() is not None
    waiting.pop()()
    assert changes.state(changes.SELLERS) is not None


def test_sellers_disturb_each_other_rarely():
    assert len({changes.orders_of(seller) for seller in range(1, 2001)}) == 2000
    assert not {changes.orders_of(seller) for seller in range(10_000)} & {changes.EVERYTHING, changes.SELLERS}


def test_a_file_that_cannot_be_written_stops_the_start(settings, tmp_path):
    settings.CHANGES_FILE = str(tmp_path / "not there" / "callme.changes")
    changes.tally.cache_clear()
    try:
        (error,) = check_changes_file()
    finally:
        changes.tally.cache_clear()
    assert error.id == "callme.E007"
    assert settings.CHANGES_FILE in error.msg


def test_every_worker_and_command_sees_a_change_at_once(machine):
    """bin/serve has as many workers as the machine has cores, and each has kept "not ready"."""
    server = machine.start()
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    student = server.ask("login", code="sandbox-li")["sessionKey"]

    def poll_many(number):
        """Poll over new connections, which come to all workers."""
        poll = {"query": "hungry", "sessionKey": student, "sellerId": 1, "marchSn": number}
        with ThreadPoolExecutor(8) as phones:
            answers = phones.map(
                lambda _: requests.post(server.url, poll, timeout=20).json()["hungrySuccess"], range(40)
            )
        return set(answers)

    for number in range(1, 6):
        assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": number}
        server.ask("push", student, sellerId=1, marchSn=number, noteContent="面")
        assert poll_many(number) == {"fail"}
        server.ask("call", stall, marchSn=number)
        assert poll_many(number) == {"success"}
    machine.manage("shell", "-v0", "-c", ABANDON)
    machine.manage("close_stale_orders")
    assert poll_many(1) == poll_many(5) == {"fail"}


ABANDON = """
from datetime import timedelta
from django.utils import timezone
from queueing.models import Order
Order.objects.update(taken_at=timezone.now() - timedelta(hours=13))
"""
