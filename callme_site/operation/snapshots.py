"""The database as one file: taken while the server goes on writing, and put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.utils.translation import gettext as _


class Refused(Exception):
    """A backup that cannot be made or restored; the text is for people."""


class SQLite:
    """A SQLite file."""

    member = "database.sqlite3"

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])

    def take(self, copy: Path) -> None:
        """Write the database as of one moment; raises sqlite3.Error."""
        with (
            closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(copy)) as target,
        ):
            live.backup(target)  # in one step: in WAL mode nobody waits for it, and no writer makes it start again

    def put(self, snapshot: IO[bytes]) -> None:
        """Put the snapshot in the database's place, whole or not at all; raises OSError."""
        connection.close()
        new = self.path.with_name(f"{self.path.name}-restored")
        try:
            with new.open("wb") as file:
                shutil.copyfileobj(snapshot, file)
                file.flush()
                os.fsync(file.fileno())
            # What the old database left there would be taken for the new one's.
            for ending in ("-wal", "-shm"):
                Path(f"{self.path}{ending}").unlink(missing_ok=True)
            new.replace(self.path)
        finally:
            new.unlink(missing_ok=True)


class MariaDB:
    """A MariaDB or MySQL database, by the tools of Debian's mariadb-client."""

    member = "database.sql"

    def take(self, copy: Path) -> None:
        """Write the database as of one moment; raises Refused."""
        # No LOCK TABLES and no ALTER TABLE in it, and nothing that asks for more rights than deploy/mariadb.sql grants.
        options = ["--single-transaction", "--quick", "--hex-blob", "--skip-add-locks", "--skip-disable-keys"]
        with copy.open("wb") as file:
            self.run("mariadb-dump", *options, "--skip-triggers", "--no-tablespaces", "--skip-comments", stdout=file)

    def put(self, snapshot: IO[bytes]) -> None:
        """Empty the database and fill it; raises Refused, and then leaves it empty."""
        self.empty()
        try:
            # binary-mode: what is in the file is for the server, and cannot make the client run anything.
            self.run("mariadb", "--binary-mode", stdin=snapshot)
        except BaseException:
            self.empty()
            raise

    def empty(self) -> None:
        """Drop all tables."""
        if tables := connection.introspection.table_names():
            with connection.constraint_checks_disabled(), connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {', '.join(map(connection.ops.quote_name, tables))}")

    def run(self, program: str, *options: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        """Run one of the tools on the database; raises Refused with what it said."""
        if not shutil.which(program):
            raise Refused(_("%(program)s is missing; as root: apt-get install mariadb-client") % {"program": program})
        given = connection.get_connection_params()
        connection.close()  # it may take longer than the server lets a connection idle
        names = {"user": "user", "host": "host", "port": "port", "unix_socket": "socket"}
        address = [f"--{option}={given[name]}" for name, option in names.items() if name in given]
        # A command line can be read by everybody on the machine, an environment by its owner alone.
        environment = {**os.environ, "MYSQL_PWD": given.get("password", "")}
        command = [program, "--no-defaults", *address, "--default-character-set=utf8mb4", *options, given["database"]]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": stdout, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, **pipes) as process:  # noqa: S603
            try:
                if stdin and process.stdin:
                    with suppress(BrokenPipeError):
                        shutil.copyfileobj(stdin, process.stdin)
                said = process.communicate()[1].decode(errors="replace").strip()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            # In the last line; those before it may quote the statement, with what people wrote.
            raise Refused(f"{program}: {said.splitlines()[-1] if said else process.returncode}")


# By Django's name for it, which MariaDB shares with MySQL.
KINDS: dict[str, type[SQLite] | type[MariaDB]] = {"sqlite": SQLite, "mysql": MariaDB}
