"""MariaDB dies, is full or is locked under a running server: phones are told to wait, and then everything goes on."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial

import MySQLdb
import pytest
import requests

from callme_site.testing.phones import NOT_READY
from callme_site.testing.rush import Rush
from callme_site.testing.serving import PrivateMariaDB, Serving, machine_on

pytestmark = pytest.mark.faults

PATIENCE = 5  # seconds within which every phone has an answer
LIMIT = 10  # connections; MariaDB takes no lower limit


@pytest.fixture
def server(mariadb, tmp_path):
    # From memory, polls would be answered all the while.
    with machine_on(tmp_path, mariadb.url, MEMORY="off") as machine:
        yield machine.start()


class Students:
    """So many students at once who wait for a number that nobody calls."""

    def __init__(self, server: Serving) -> None:
        self.server = server
        self.session = server.ask("login", isseller="no", code="sandbox-li")["sessionKey"]

    def poll(self, count: int = 1) -> list[requests.Response]:
        fields = {"query": "hungry", "sessionKey": self.session, "sellerId": 1, "marchSn": 99}
        with ThreadPoolExecutor(40) as phones:
            asked = phones.map(lambda _: requests.post(self.server.url, fields, timeout=2 * PATIENCE), range(count))
            responses = list(asked)
        assert max(response.elapsed.total_seconds() for response in responses) < PATIENCE
        return responses

    def told_to_wait(self, count: int = 1) -> list[bool]:
        """Poll, and return of each answer whether it is a clear 503; fails where one is neither that nor right."""
        return [told_to_wait(response, NOT_READY) for response in self.poll(count)]


def told_to_wait(response: requests.Response, right: dict) -> bool:
    if response.status_code == 503:
        assert (response.json(), response.headers["Retry-After"]) == ({"queryErr": "Server Error"}, "3")
        return True
    assert (response.status_code, response.json()) == (200, right)
    return False


def for_seconds(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield


def fetch_rows(connection: MySQLdb.Connection, query: str) -> tuple:
    with closing(connection.cursor()) as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_it_dies_and_comes_back(mariadb: PrivateMariaDB, server):
    students, workers = Students(server), server.workers()
    assert not any(students.told_to_wait(80))  # every worker and thread has a connection now
    mariadb.kill()
    mariadb.start()
    assert not any(students.told_to_wait(80))
    with Rush(server.url) as rush:
        rush.goes_on()
        mariadb.kill()
        for _ in for_seconds(5):
            assert all(students.told_to_wait(10))
        assert requests.get(f"{server.url}/health", timeout=PATIENCE).status_code == 503
        board = requests.get(f"{server.url}/board/numbers?sellers=1", timeout=PATIENCE)
        assert (board.status_code, board.headers["Retry-After"]) == (503, "3")
        # A screen that is switched on just now gets its page, which asks until there is an answer.
        page = requests.get(f"{server.url}/board/1/", timeout=PATIENCE)
        assert (page.status_code, "board.js" in page.text) == (503, True)
        mariadb.start()
        back = time.monotonic()
        while any(students.told_to_wait(20)):
            assert time.monotonic() < back + 2
        rush.goes_on()
    rush.check(mariadb.url)
    assert (server.process.poll(), server.workers()) == (None, workers)


def test_it_takes_no_more_connections(mariadb: PrivateMariaDB, server):
    students = Students(server)
    with Rush(server.url) as rush, closing(mariadb.connect()) as root:
        rush.goes_on()
        root.query(f"SET GLOBAL max_connections = {LIMIT}")
        others = take_connections(mariadb, root)
        assert all(students.told_to_wait(40))
        for _ in range(LIMIT // 2):
            others.pop().close()
        rush.goes_on(5)
        students.told_to_wait(40)
        root.query("SET GLOBAL max_connections = 300")
        back = time.monotonic()
        while any(students.told_to_wait(40)):
            assert time.monotonic() < back + 2
        rush.goes_on()
    rush.check(mariadb.url)


def take_connections(mariadb: PrivateMariaDB, root: MySQLdb.Connection) -> list[MySQLdb.Connection]:
    """Take every connection that there is, those of the server too."""
    others: list[MySQLdb.Connection] = []
    until = time.monotonic() + 30
    while len(others) < LIMIT - 1:  # root has one
        assert time.monotonic() < until
        ours = {other.thread_id() for other in others}
        for (pid,) in fetch_rows(root, "SELECT id FROM information_schema.processlist WHERE user = 'callme'"):
            if pid not in ours:
                with suppress(MySQLdb.OperationalError):  # it ended by itself
                    root.query(f"KILL {pid}")
        with suppress(MySQLdb.OperationalError):
            while True:
                others.append(mariadb.connect(user="callme"))
    return others


def test_a_locked_order_keeps_no_other_waiting(mariadb: PrivateMariaDB, server):
    students = Students(server)
    with Rush(server.url) as rush, closing(mariadb.connect(db="callme")) as other:
        rush.goes_on()
        locked = rush.stalls[0]
        session = locked.phone.session_key
        number = server.ask("fetch", session)["marchSn"]
        order = f"seller_id = {locked.id} AND live_number = {number}"
        fetch_rows(other, f"SELECT id FROM queueing_order WHERE {order} FOR UPDATE")
        for _ in for_seconds(6):
            called = requests.post(
                server.url, {"query": "call", "sessionKey": session, "marchSn": number}, timeout=2 * PATIENCE
            )
            assert told_to_wait(called, {})
            assert called.elapsed.total_seconds() < PATIENCE
            assert not any(students.told_to_wait(40))
        rush.goes_on()
        other.rollback()
        assert server.ask("call", session, marchSn=number) == {"callSuccess": "success"}
        rush.goes_on()
    rush.check(mariadb.url)
    assert {visit.seller for visit in rush.visits[-30:]} == {stall.id for stall in rush.stalls}


def test_a_locked_stall_still_hands_numbers_out(mariadb: PrivateMariaDB, server):
    """Only hands that have found their number taken wait for their turn at the stall's row."""
    rush = Rush(server.url)
    with closing(mariadb.connect(db="callme")) as other:
        locked = rush.stalls[0]
        fetch_rows(other, f"SELECT id FROM sellers_seller WHERE id = {locked.id} FOR UPDATE")
        # Before the rush's hands are there, which might take the number that it has found.
        assert server.ask("fetch", locked.phone.session_key)["fetchSuccess"] == "success"
        with rush:
            rush.goes_on()
            other.rollback()
            rush.goes_on()
    rush.check(mariadb.url)


def test_a_locked_table_keeps_no_other_waiting(mariadb: PrivateMariaDB, server):
    students = Students(server)
    with Rush(server.url, stalls=2, hands=2) as rush, closing(mariadb.connect(db="callme")) as other:
        rush.goes_on()
        other.query("LOCK TABLES queueing_order WRITE")
        for _ in for_seconds(6):
            assert all(students.told_to_wait(8))
            began = time.monotonic()
            assert server.ask("info", rush.stalls[0].phone.session_key)["infoSuccess"] == "success"
            assert time.monotonic() < began + PATIENCE
        other.query("UNLOCK TABLES")
        rush.goes_on()
    rush.check(mariadb.url)


BACK = ("migrate", "queueing", "0001")


@pytest.mark.parametrize(
    "command",
    [BACK, ("shell", "-v0", "-c", f"from django.core.management import *; call_command(*{BACK}, no_color=True)")],
    ids=["by itself", "within another command, as in a restore"],
)
def test_a_migration_waits_for_whoever_reads_the_table(mariadb: PrivateMariaDB, tmp_path, command):
    with machine_on(tmp_path, mariadb.url) as machine, closing(mariadb.connect(db="callme")) as other:
        machine.start().stop()
        fetch_rows(other, "SELECT id FROM queueing_order LIMIT 1")
        with ThreadPoolExecutor(1) as operator:
            migration = operator.submit(partial(machine.manage, *command))
            waiting = (
                "SELECT id FROM information_schema.processlist WHERE state LIKE '%metadata lock%' AND time_ms > 2000"
            )
            with closing(mariadb.connect()) as root:
                while not fetch_rows(root, waiting):
                    assert not migration.done()
                    time.sleep(0.05)
            other.rollback()
            assert "OK" in migration.result()
