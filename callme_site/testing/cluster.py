"""A Galera cluster of three MariaDBs, all on this machine: `python -m callme_site.testing.cluster` runs one to try."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import MySQLdb

from callme_site.testing.processes import free_ports

# Where Debian keeps servers, which an ordinary user's PATH lacks.
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
PROVIDERS = ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera/libgalera_smm.so"]
START_SECONDS = 90

OPTIONS = [
    "--wsrep-on=ON",
    "--wsrep-cluster-name=callme",
    "--wsrep-sst-method=rsync",
    "--wsrep-slave-threads=4",
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
    "--character-set-server=utf8mb4",
    "--skip-networking",
    "--max-connections=300",
    # Small, and quick to go.
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-doublewrite=0",
    "--innodb-flush-log-at-trx-commit=0",
]


def missing() -> str:
    """Return the Debian packages that a cluster lacks here, or ""."""
    needed = {"mariadb-server": "wsrep_sst_rsync", "rsync": "rsync", "iproute2": "ss"}
    packages = [package for package, command in needed.items() if not shutil.which(command, path=PATH)]
    if not any(map(os.path.exists, PROVIDERS)):
        packages.append("galera-4")
    return " ".join(packages)


class Node:
    """One MariaDB of the cluster, in a folder, on a socket; it can be killed and started again."""

    def __init__(self, folder: Path, place: int, peers: list[int]) -> None:
        transfer_port, increment_port = free_ports(2)
        self.folder, self.socket = folder, folder / "s"
        provider = {
            "gmcast.listen_addr": f"tcp://127.0.0.1:{peers[place]}",
            "ist.recv_addr": f"127.0.0.1:{increment_port}",
            "gcache.size": "16M",
        }
        self.options = [
            *OPTIONS,
            f"--socket={self.socket}",
            f"--pid-file={folder / 'pid'}",
            f"--wsrep-provider={next(filter(os.path.exists, PROVIDERS))}",
            # As before MariaDB 11: with it, the options below are variables, and isolating a node is none of them.
            "--loose-plugin-wsrep-provider=OFF",
            f"--wsrep-provider-options={';'.join(f'{name}={value}' for name, value in provider.items())}",
            f"--wsrep-cluster-address=gcomm://{','.join(f'127.0.0.1:{port}' for port in peers)}",
            "--wsrep-node-address=127.0.0.1",
            f"--wsrep-sst-receive-address=127.0.0.1:{transfer_port}",
        ]
        self.process: subprocess.Popen | None = None

    def run(self, program: str, *options: str) -> subprocess.Popen:
        """Start one of MariaDB's programs; it ends with us, and in a process group of its own."""
        # Run by root, the transfer between nodes would write as nobody.
        user = ["--reuid=mysql", "--regid=mysql", "--clear-groups"] if os.geteuid() == 0 else []
        command = ["setpriv", "--pdeathsig=KILL", *user, shutil.which(program, path=PATH), "--no-defaults"]
        folders = [f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}"]
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(
                [*command, *folders, *options], env={"PATH": PATH}, stdout=log, stderr=log, start_new_session=True
            )

    def install(self) -> None:
        """Make the data folder of the first node; the others fetch theirs from it."""
        installing = self.run("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db")
        assert installing.wait(START_SECONDS) == 0, self.said

    def start(self, *options: str) -> None:
        self.process = self.run("mariadbd", *self.options, *options)

    def wait_until_ready(self) -> None:
        """Return when it takes queries, having all that the others have."""
        self.wait_until_reached("ON")

    def wait_until_reached(self, ready: str = "OFF") -> None:
        """Return when it takes connections, and is part of a cluster or (OFF) of none."""
        until = time.monotonic() + START_SECONDS
        while self.ready() != ready:
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def kill(self) -> None:
        """End it, and what it runs to fetch or give data, by SIGKILL."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def said(self) -> str:
        """The end of its log."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def url(self, database: str = "callme") -> str:
        return f"mysql://root@localhost/{database}?unix_socket={self.socket}"

    def connect(self) -> MySQLdb.Connection:
        return MySQLdb.connect(unix_socket=str(self.socket), user="root", autocommit=True)

    def ask(self, sql: str) -> tuple[tuple, ...]:
        """Run one statement on a connection of its own and return the rows."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def ready(self) -> str | None:
        """Return ON or OFF, as the node says whether it takes queries as part of a cluster; None if it is away."""
        try:
            return self.status("wsrep_ready")
        except MySQLdb.OperationalError:
            return None

    def status(self, name: str) -> str:
        """Return one of MariaDB's status variables."""
        return self.ask(f"SHOW GLOBAL STATUS LIKE '{name}'")[0][1]

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """Keep the node from applying what the others write, until the context ends; it still answers what it has."""
        with closing(self.connect()) as connection:
            connection.query("FLUSH TABLES WITH READ LOCK")
            try:
                yield
            finally:
                connection.query("UNLOCK TABLES")

    def keeps_waiting(self) -> bool:
        """Return whether a statement has been under way for a second."""
        process = "SELECT 1 FROM information_schema.processlist"
        return bool(self.ask(f"{process} WHERE db = 'callme' AND command IN ('Query', 'Execute') AND time_ms > 1000"))

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """Cut the node off from the others, as a broken cable would; it may not go on alone."""
        self.ask("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
        try:
            yield
        finally:
            self.ask("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")
            self.wait_until_ready()


class GaleraCluster:
    """Three nodes with an empty database callme; all gone when the block ends."""

    def __enter__(self) -> "GaleraCluster":
        # Not in pytest's folder, which nobody else may enter; and a socket's path has to be short.
        self.folder = Path(tempfile.mkdtemp(prefix="callme-galera-", dir="/tmp"))
        self.nodes: list[Node] = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self) -> None:
        peers = free_ports(3)
        for place in range(3):
            folder = self.folder / str(place)
            (folder / "data").mkdir(parents=True)
            self.nodes.append(Node(folder, place, peers))
        if os.geteuid() == 0:
            for path in [self.folder, *self.folder.rglob("*")]:
                shutil.chown(path, "mysql", "mysql")
        first, *others = self.nodes
        first.install()
        first.start("--wsrep-new-cluster")
        first.wait_until_ready()
        first.ask("CREATE DATABASE callme CHARACTER SET utf8mb4")
        for node in others:
            node.start()
        for node in others:
            node.wait_until_ready()

    def __exit__(self, *_exception: object) -> None:
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    if lacking := missing():
        raise SystemExit(f"callme: a cluster needs: apt-get install {lacking}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with GaleraCluster() as cluster:
        print(*(f"DATABASE_URL={node.url()}" for node in cluster.nodes), "Ctrl-C ends them.", sep="\n", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Ending.")
