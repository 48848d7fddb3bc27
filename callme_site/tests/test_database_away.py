"""MariaDB dies under a running server and comes back: phones are told to wait, and then everything goes on."""

import getpass
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import MySQLdb
import pytest
import requests

from callme_site.tests.serving import Machine

# Where Debian keeps servers, which an ordinary user's PATH lacks.
PATH = f"{os.environ['PATH']}:/usr/sbin"


class PrivateMariaDB:
    """A MariaDB in a folder, on a socket, that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        user = getpass.getuser()
        self.options = ["--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}", f"--user={user}"]
        self.log = (folder / "log").open("w")
        install = ["mariadb-install-db", *self.options, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, env={"PATH": PATH}, stdout=self.log, stderr=self.log, check=True)
        self.start()
        connection = MySQLdb.connect(unix_socket=str(self.socket), user="root")
        connection.query("CREATE DATABASE callme CHARACTER SET utf8mb4")
        connection.close()

    def start(self) -> None:
        """Start it and return when it takes connections."""
        server = [shutil.which("mariadbd", path=PATH), *self.options, f"--socket={self.socket}", "--skip-networking"]
        self.process = subprocess.Popen(server, stdout=self.log, stderr=self.log)
        until = time.monotonic() + 60
        while True:
            try:
                MySQLdb.connect(unix_socket=str(self.socket), user="root").close()
                return
            except MySQLdb.OperationalError:
                assert time.monotonic() < until
                assert self.process.poll() is None
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def mariadb(tmp_path_factory):
    mariadb = PrivateMariaDB(tmp_path_factory.mktemp("m"))
    yield mariadb
    mariadb.kill()
    mariadb.log.close()


@pytest.mark.mariadb
def test_phones_wait_while_it_is_away_and_go_on_when_it_is_back(mariadb, tmp_path):
    machine = Machine(tmp_path, f"mysql://root@localhost/callme?unix_socket={mariadb.socket}")
    machine.settings["POLL_MEMORY_SECONDS"] = "0"  # from memory, polls are answered all the while
    server = machine.start()
    try:
        stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        poll = {"query": "hungry", "sessionKey": stall, "sellerId": 1, "marchSn": 1}
        assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": 1}

        def ask_many():
            """Poll from many phones at once, so that every worker and thread uses its connection."""
            with ThreadPoolExecutor(40) as phones:
                return list(phones.map(lambda _: requests.post(server.url, poll, timeout=10), range(80)))

        not_ready = [{"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}] * 80
        assert [response.json() for response in ask_many()] == not_ready
        mariadb.kill()
        mariadb.start()
        assert [response.json() for response in ask_many()] == not_ready
        mariadb.kill()
        for response in ask_many():
            assert (response.status_code, response.json()) == (503, {"queryErr": "Server Error"})
            assert response.headers["Retry-After"] == "3"
        assert requests.get(f"{server.url}/health", timeout=10).status_code == 503
        mariadb.start()
        assert [response.json() for response in ask_many()] == not_ready
        assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": 2}
    finally:
        server.stop()
