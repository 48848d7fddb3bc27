"""On what was measured: without it, no number means anything."""

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

from bench.data import connect
from bench.sites import APPLICATION, Site, php_fpm
from callme_site.settings import BASE_DIR
from callme_site.testing.nginx import NGINX
from callme_site.testing.processes import command_line, tree


def facts(site: Site) -> dict[str, Any]:
    """Return the machine, the versions, and how the server was started."""
    database = connect(site.database)
    with database.cursor() as cursor:
        cursor.execute("SELECT VERSION(), @@datadir")
        version, folder = cursor.fetchone()
    database.close()
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    served = [line for pid in tree(site.server) if APPLICATION in (line := command_line(pid))]
    return {
        "commit": said(["git", "-C", str(BASE_DIR), "describe", "--always", "--dirty"]),
        "processors": os.cpu_count(),
        "model": model[1] if model else platform.machine(),
        "memory MiB": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "kernel": platform.release(),
        # On a tmpfs a commit costs nothing.
        "filesystem of MariaDB's data": said(["stat", "--file-system", "--format=%T", folder]),
        "MariaDB": version,
        "MARIADB_OPTIONS": os.environ.get("MARIADB_OPTIONS", ""),
        "nginx": said([NGINX, "-v"]).rpartition("/")[2],
        "PHP": said([php_fpm(), "-v"]).partition("(")[0].strip(),
        "Python": platform.python_version(),
        "server": " ".join(Path(word).name if word.startswith("/") else word for word in served[0]),
    }


def said(command: list[str]) -> str:
    """Return what a command prints, "" where it cannot be run."""
    try:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
