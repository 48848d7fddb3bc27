"""callme as it is in production, and the floors in its place: a server each, with its nginx in front."""

import getpass
import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from bench import data
from callme_site.settings import BASE_DIR
from callme_site.testing.nginx import Nginx, nginx_in
from callme_site.testing.processes import free_ports, listens, running
from callme_site.testing.serving import machine_on

APPLICATION = "callme_site.wsgi:application"
CREDENTIAL = "benchmark"
SETTINGS = {
    # No load logs in; the one that sends messages has a WeChat of its own, which takes them.
    **{f"WECHAT_{app}_{part}": CREDENTIAL for app in ("BUYER", "SELLER") for part in ("APPID", "SECRET")},
    # The sessions are from the beginning of the benchmark, which may take hours.
    "SESSION_MINUTES": "1440",
    "MEMORY": os.environ.get("MEMORY", "one-host"),
}
# The floors of Python keep this whatever bin/serve comes to do, so that what is measured against them can be compared.
GRANIAN = [
    *("--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "8"),
    *("--backlog", "2048", "--backpressure", "10000", "--respawn-failed-workers", "--workers-kill-timeout", "20"),
    *("--log-level", "error", "--no-access-log"),
]

SCRIPT = BASE_DIR / "bench" / "floors" / "php" / "index.php"
# Debian's settings of PHP, and a pool of our own.
POOL = """
[global]
daemonize = no
error_log = /proc/self/fd/2
[floor]
user = {user}
listen = {socket}
pm = static
pm.max_children = 8
"""
FASTCGI = f"""
include /etc/nginx/fastcgi_params;
fastcgi_param SCRIPT_FILENAME "{SCRIPT}";
fastcgi_pass callme;
"""


@dataclass(frozen=True)
class Site:
    """A server, the port and the pid of it, and its nginx."""

    port: int
    server: int
    nginx: Nginx
    database: str = ""


def make_database(url: str, name: str) -> str:
    """Make an empty database beside that of the URL, and return its URL."""
    server = data.connect(url)
    server.query(f"CREATE DATABASE {name}")
    server.close()
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def serve_callme(
    stack: ExitStack, folder: Path, url: str, dataset: data.DataSet, name: str = "", **settings: str
) -> Site:
    """Start bin/serve in a copy of the checkout, as production does, and nginx before it; fill its database.

    Raises CalledProcessError if callme could not have written such data.
    """
    database = make_database(url, name or f"callme_{dataset.name}")
    machine = stack.enter_context(machine_on(folder, database, **SETTINGS, **settings))
    nginx = stack.enter_context(nginx_in(folder / "nginx", machine.port, machine.checkout / "media"))
    machine.settings["PUBLIC_URL"] = f"http://127.0.0.1:{nginx.port}"
    server = machine.start().process.pid
    data.fill(database, dataset)
    machine.manage("check_balances")
    return Site(machine.port, server, nginx, database)


def serve_floor(stack: ExitStack, folder: Path, application: str, database: str = "") -> Site:
    """Start a floor of Python, and nginx before it."""
    folder.mkdir()
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "granian", application, "--host", "127.0.0.1", "--port", str(port), *GRANIAN]
    log = folder / "server.log"
    server = stack.enter_context(running(command, BASE_DIR, log, lambda: listens(port), DATABASE_URL=database))
    return Site(port, server.pid, stack.enter_context(nginx_in(folder / "nginx", port, folder)), database)


def serve_php(stack: ExitStack, folder: Path, database: str) -> Site:
    """Start the floor of PHP on that database, and nginx before it; it has no port of its own."""
    folder.mkdir()
    # A socket's path has at most 107 characters.
    socket, file = folder / "s", folder / "php-fpm.conf"
    nginx = stack.enter_context(nginx_in(folder / "nginx", f"unix:{socket}", folder, FASTCGI))
    address = urlsplit(database)
    environment = {
        "DB_USER": address.username,
        "DB_NAME": address.path.strip("/"),
        "DB_SOCKET": dict(parse_qsl(address.query))["unix_socket"],
        "SESSION_MINUTES": SETTINGS["SESSION_MINUTES"],
        "PUBLIC_URL": f"http://127.0.0.1:{nginx.port}",
    }
    pool = POOL.format(user=getpass.getuser(), socket=socket)
    file.write_text(pool + "".join(f'env[{name}] = "{value}"\n' for name, value in environment.items()))
    # -R: root may be the user of a pool.
    command = [php_fpm(), "-F", "-R", "-y", file, "-d", "opcache.enable=1"]
    server = stack.enter_context(running(command, folder, folder / "server.log", socket.exists))
    return Site(0, server.pid, nginx, database)


def php_fpm() -> str:
    """Return where Debian's php-fpm is, the newest of several, or "" where there is none."""
    return max(map(str, Path("/usr/sbin").glob("php-fpm8.*")), default="")


def forget_log(site: Site) -> None:
    """Empty nginx's log, so that the disk does not fill up."""
    os.truncate(site.nginx.access_log, 0)
