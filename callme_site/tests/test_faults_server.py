"""The server dies during the rush: nothing that was acknowledged is lost."""

import os
import signal
import time

import pytest

from callme_site.tests.rush import Rush
from callme_site.tests.serving import Machine, PrivateMariaDB, machine_on

pytestmark = pytest.mark.faults


@pytest.fixture(params=["sqlite", "mariadb"])
def machine(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'callme.sqlite3'}"
    else:
        mariadb: PrivateMariaDB = request.getfixturevalue("mariadb")
        url = mariadb.url
    with machine_on(tmp_path, url) as machine:
        yield machine


def test_it_is_killed_with_everything_and_started_again(machine: Machine):
    server = machine.start()
    with Rush(server.url) as rush:
        for _ in range(2):
            rush.goes_on()
            server.kill()
            server = machine.start()
        rush.goes_on()
    assert rush.unanswered
    rush.check(machine.settings["DATABASE_URL"])


def test_a_worker_is_killed_and_another_takes_its_place(machine: Machine):
    server = machine.start()
    with Rush(server.url) as rush:
        rush.goes_on()
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)
        until = time.monotonic() + 30
        while len(server.workers()) < len(before) or before[0] in server.workers():
            assert time.monotonic() < until, server.said
            time.sleep(0.05)
        rush.goes_on()
        assert server.process.poll() is None
    rush.check(machine.settings["DATABASE_URL"])
