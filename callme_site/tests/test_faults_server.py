"""The server dies or ends during the rush: nothing that was acknowledged is lost. And what it takes of its database."""

import json
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from callme_site import capacity
from callme_site.testing.nginx import nginx_in
from callme_site.testing.rush import Rush, manage
from callme_site.testing.serving import Machine, PrivateMariaDB, Serving, machine_on
from conftest import needs_nginx

pytestmark = pytest.mark.faults

SELLERS = 8


@pytest.fixture(params=["sqlite", "mariadb"])
def machine(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'callme.sqlite3'}"
    else:
        mariadb: PrivateMariaDB = request.getfixturevalue("mariadb")
        url = mariadb.url
    with machine_on(tmp_path, url, WORKERS="2") as machine:
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


@needs_nginx
def test_a_restart_under_load_loses_nothing_that_was_accepted(machine: Machine, tmp_path):
    """Clerks sell months through nginx while the server ends and starts again: each answer tells what was done."""
    server = machine.start()
    key = server.ask("login", isseller="yes", code="sandbox-staff")["sessionKey"]
    sold: Counter[str] = Counter()
    away = threading.Event()
    over = threading.Event()

    with nginx_in(tmp_path / "nginx", machine.port, machine.checkout / "media") as nginx:

        def sell(telephone: str) -> None:
            with requests.Session() as phone:
                while not over.is_set():
                    fields = {"query": "renew", "sessionKey": key, "telNum": telephone, "term": 1}
                    response = phone.post(f"http://127.0.0.1:{nginx.port}/", fields, timeout=30)
                    if response.status_code == 503:
                        assert response.json() == {"queryErr": "Server Error"}
                        away.set()
                        time.sleep(0.1)
                    else:
                        assert (response.status_code, response.json()) == (200, {"renewSuccess": "success"})
                        sold[telephone] += 1

        telephones = [f"139000000{place:02}" for place in range(SELLERS)]
        with ThreadPoolExecutor(len(telephones)) as clerks:
            selling = [clerks.submit(sell, telephone) for telephone in telephones]
            try:
                go_on(sold)
                assert server.stop() == 0
                assert away.wait(5)
                server = machine.start()
                go_on(sold)
            finally:
                over.set()
        for clerk in selling:
            clerk.result()
    server.stop()
    stored = json.loads(manage(machine.settings["DATABASE_URL"], "dumpdata", "sellers.seller"))
    months = {row["fields"]["telephone"]: row["fields"]["months"] for row in stored}
    assert {telephone: months[telephone] for telephone in telephones} == dict(sold)


def go_on(sold: Counter[str]) -> None:
    """Wait until each has sold some more."""
    before, until = Counter(sold), time.monotonic() + 60
    while len(sold) < SELLERS or any(sold[telephone] < before[telephone] + 2 for telephone in sold):
        assert time.monotonic() < until, sold
        time.sleep(0.01)


def test_connections_do_not_outlive_threads(mariadb: PrivateMariaDB, tmp_path):
    """Bursts, and silence in which the threads end: the connections are so many at most, and the same ones."""
    with machine_on(tmp_path, mariadb.url, MEMORY="off", WORKERS="2") as machine:
        server = machine.start()
        counts, idle = [], threads(server)
        with closing(mariadb.connect()) as root:
            for _ in range(3):
                burst(server)
                root.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'callme'")
                counts.append(int(root.store_result().fetch_row()[0][0]))
                most, until = threads(server), time.monotonic() + 60
                assert most > idle + 4
                while threads(server) > (most + idle) / 2:
                    assert time.monotonic() < until, "the threads do not end"
                    time.sleep(0.2)
        assert max(counts) <= 2 * capacity.CONNECTIONS


def burst(server: Serving) -> None:
    """Send 64 polls at once, a few times."""
    fields = {"query": "hungry", "sessionKey": server.ask("login", code=f"sandbox-li-{time.time()}")["sessionKey"]}
    with ThreadPoolExecutor(64) as phones:
        polls = phones.map(lambda _: requests.post(server.url, {**fields, "sellerId": 1, "marchSn": 1}), range(640))
        assert {poll.status_code for poll in polls} == {200}


def threads(server: Serving) -> int:
    return sum(len(list(Path(f"/proc/{worker}/task").iterdir())) for worker in server.workers())
