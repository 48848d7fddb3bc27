"""bin/serve as a process: in a copy of the checkout, with real sockets; and a MariaDB that can die under it."""

import getpass
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.server import HTTPServer
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import MySQLdb
import requests
from django.db import connection

from callme_site.settings import BASE_DIR, database, versions_file
from callme_site.testing.phones import query_fields
from callme_site.testing.processes import ENDS_WITH_US, START_SECONDS, free_ports, tree, workers_of

# Where Debian keeps servers, which an ordinary user's PATH lacks.
SERVERS_PATH = f"{os.environ['PATH']}:/usr/sbin"


@contextmanager
def in_thread(server: HTTPServer) -> Iterator[HTTPServer]:
    """A server of this process, which answers in a thread of its own until the context ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def copy_checkout(folder: Path) -> Path:
    """Copy what a clone would hold, beside the installed .venv; return where it is."""
    patterns = shutil.ignore_patterns(
        *(".env", ".git", ".venv", ".*cache*", ".hypothesis", "*.sqlite3*", "__pycache__", "media", "results"),
        "node_modules",
    )

    def ignored(directory: str, names: list[str]) -> set[str]:
        # The folder may lie in the checkout.
        return {*patterns(directory, names), *(name for name in names if folder.is_relative_to(Path(directory, name)))}

    shutil.copytree(BASE_DIR, folder / "checkout", ignore=ignored)
    (folder / "checkout" / ".venv").symlink_to(sys.prefix)
    return folder / "checkout"


def manage(checkout: Path, arguments: Sequence[str], **environment: str) -> str:
    """Run manage.py of the checkout with those settings and return what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The URL of a new, empty database of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'callme.sqlite3'}"
        return
    name = f"served_{os.getpid()}_{os.urandom(3).hex()}"
    with closing(MySQLdb.connect(**{**connection.get_connection_params(), "db": ""})) as server:
        server.query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        server.query(f"DROP DATABASE {name}")


class PrivateMariaDB:
    """A MariaDB in a folder, on a socket, that can be killed and started again; `url` is of its database."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        self.url = f"mysql://callme@localhost/callme?unix_socket={self.socket}"
        user = getpass.getuser()
        self.options = ["--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}", f"--user={user}"]
        self.log = (folder / "log").open("w")
        install = ["mariadb-install-db", *self.options, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, env={"PATH": SERVERS_PATH}, stdout=self.log, stderr=self.log, check=True)
        self.start()
        with closing(self.connect()) as root:
            root.query("CREATE DATABASE callme CHARACTER SET utf8mb4")
            root.query("CREATE USER callme@localhost")
            root.query("GRANT ALL ON callme.* TO callme@localhost")

    @staticmethod
    def is_installed() -> bool:
        return all(shutil.which(program, path=SERVERS_PATH) for program in ("mariadbd", "mariadb-install-db"))

    def start(self) -> None:
        """Start it and return when it takes connections."""
        mariadbd = shutil.which("mariadbd", path=SERVERS_PATH)
        server = [mariadbd, *self.options, f"--socket={self.socket}", "--skip-networking", "--max-connections=300"]
        self.process = subprocess.Popen(server, stdout=self.log, stderr=self.log)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except MySQLdb.OperationalError:
                assert time.monotonic() < until
                assert self.process.poll() is None
                time.sleep(0.05)

    def connect(self, user: str = "root", **options: object) -> MySQLdb.Connection:
        return MySQLdb.connect(unix_socket=str(self.socket), user=user, **options)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Machine:
    """A machine with a fresh copy of the checkout, where bin/serve starts again and again on one database."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.checkout = copy_checkout(folder)
        self.port, wechat_port = free_ports(2)
        wechat_url = f"http://127.0.0.1:{wechat_port}"
        self.settings = {"DATABASE_URL": database_url, "WECHAT_API_URL": wechat_url, **environment}
        self.runs: list[Serving] = []

    def start(self) -> "Serving":
        """Start bin/serve and return when it is up."""
        self.runs.append(Serving(self.checkout, self.port, **self.settings))
        return self.runs[-1]

    def manage(self, *arguments: str) -> str:
        """Run manage.py there and return what it prints."""
        return manage(self.checkout, arguments, **self.settings)

    def stop(self) -> None:
        """Stop what still runs, and leave nothing behind in the machine's memory."""
        for run in self.runs:
            if run.process.poll() is None:
                run.stop()
        versions_file(database(self.settings["DATABASE_URL"])).unlink(missing_ok=True)


@contextmanager
def machine_on(folder: Path, database_url: str, **environment: str) -> Iterator[Machine]:
    """A machine on that database, which stops with the context."""
    machine = Machine(folder, database_url, **environment)
    try:
        yield machine
    finally:
        machine.stop()


@contextmanager
def machine_in(folder: Path) -> Iterator[Machine]:
    """A machine whose database is of the kind that the tests run on."""
    with own_database(folder) as database_url, machine_on(folder, database_url) as machine:
        yield machine


class Serving:
    """A run of bin/serve: `url` is where it answers, `said` what it printed."""

    def __init__(self, checkout: Path, port: int, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(checkout), "PORT": str(port), **environment}
        self.process = subprocess.Popen(
            [*ENDS_WITH_US, checkout / "bin" / "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self.up = threading.Event()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        if not self.up.wait(START_SECONDS) or "callme is up" not in self.said:
            self.stop()
            raise AssertionError(f"bin/serve did not come up; it said:\n{self.said}")

    def read(self) -> None:
        """Collect what is printed until the last process that could print has ended."""
        for line in self.process.stdout:
            self.said += line
            if "callme is up" in line:
                self.up.set()
        self.up.set()

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Send the signal, wait for the end of it and all its children, and return the exit status."""
        self.process.send_signal(signal_number)
        return self.wait()

    def kill(self) -> None:
        """End it and all its children at once, with no chance to do anything about it."""
        # Parents first: who starts the workers would put another in a dead one's place.
        for pid in tree(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait()

    def workers(self) -> list[int]:
        """Return the pids of the processes that answer: the children of the one that starts them."""
        return workers_of(self.process.pid)

    def wait(self) -> int:
        """Wait for the end of it and all its children, and return the exit status."""
        status = self.process.wait(30)
        self.reader.join(10)  # the pipe closes when no child is left that could write to it
        assert not self.reader.is_alive(), "bin/serve left a process behind"
        self.process.stdout.close()
        return status

    def ask(self, query: str, session_key: str | None = None, files: dict | None = None, **fields: object) -> dict:
        """Send a query over a real socket and return the answer."""
        data = query_fields(query, session_key, **fields)
        response = requests.post(f"{self.url}/?", data=data, files=files, timeout=10)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/json"
        return response.json()

    @property
    def login(self) -> tuple[str, ...] | None:
        """The staff login that was printed, or None."""
        printed = re.search(r"(staff) / (\S+)", self.said)
        return printed and printed.groups()
