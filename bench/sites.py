"""callme as it is in production, and the floors in its place: a server each, with its nginx in front."""

import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench import data
from bench.processes import Programs, command_line, tree
from callme_site.tests.serving import free_ports

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = "callme_site.wsgi:application"

# What belongs around deploy/nginx.conf: Debian's nginx.conf, with paths of our own and room for 3,000 phones.
NGINX = """
daemon off;
worker_processes auto;
worker_rlimit_nofile 16384;
pid {folder}/pid;
error_log {folder}/main.log;
events {{ worker_connections 4096; }}
http {{
    sendfile on;
    tcp_nopush on;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """A server with its nginx: where they listen, what their processes are, and the nginx's log."""

    port: int
    nginx_port: int
    server: int
    nginx: int
    access_log: Path
    database: str = ""


def listens(port: int) -> bool:
    """Return whether somebody answers on the port."""
    with socket.socket() as phone:
        return phone.connect_ex(("127.0.0.1", port)) == 0


def copy_checkout(folder: Path) -> Path:
    """Copy what a clone would hold, beside the installed .venv: the developer's .env is nothing to us."""
    patterns = shutil.ignore_patterns(
        ".env", ".git", ".venv", ".*cache*", ".hypothesis", "*.sqlite3*", "media", "bench"
    )

    def ignored(directory: str, names: list[str]) -> set[str]:
        # The temporary folder may lie in the checkout.
        return {*patterns(directory, names), *(name for name in names if folder.is_relative_to(Path(directory, name)))}

    shutil.copytree(ROOT, folder / "checkout", ignore=ignored)
    (folder / "checkout" / ".venv").symlink_to((ROOT / ".venv").resolve())
    return folder / "checkout"


def make_database(url: str, name: str) -> str:
    """Make an empty database beside that of the URL, and return its URL."""
    server = data.connect(url)
    server.query(f"CREATE DATABASE {name}")
    server.close()
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def serve_callme(programs: Programs, folder: Path, database: str) -> Site:
    """Start bin/serve in a copy of the checkout, as production does, and nginx before it."""
    folder.mkdir()
    checkout = copy_checkout(folder)
    port, nginx_port = free_ports(2)
    settings = {
        "DATABASE_URL": database,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{nginx_port}",
        # No load logs in, so nobody is asked whether these are right.
        **{f"WECHAT_{app}_{part}": "benchmark" for app in ("BUYER", "SELLER") for part in ("APPID", "SECRET")},
        # The sessions are from the beginning of the benchmark, which may take hours.
        "SESSION_MINUTES": "1440",
        "MEMORY": os.environ.get("MEMORY", "one-host"),
        "MEDIA_ROOT": str(folder / "media"),
    }
    log = folder / "server.log"
    server = programs.start(["bin/serve"], checkout, log, lambda: "callme is up" in log.read_text(), **settings)
    nginx = start_nginx(programs, folder, port, nginx_port)
    return Site(port, nginx_port, server, nginx, folder / "callme.log", database)


def serve_floor(programs: Programs, folder: Path, like: Site, application: str, database: str = "") -> Site:
    """Start another application under the very command that serves callme, and nginx before it."""
    folder.mkdir()
    port, nginx_port = free_ports(2)
    served = next(line for pid in tree(like.server) if APPLICATION in (line := command_line(pid)))
    command = [{APPLICATION: application, str(like.port): str(port)}.get(word, word) for word in served]
    server = programs.start(command, ROOT, folder / "server.log", lambda: listens(port), DATABASE_URL=database)
    nginx = start_nginx(programs, folder, port, nginx_port)
    return Site(port, nginx_port, server, nginx, folder / "callme.log", database)


def start_nginx(programs: Programs, folder: Path, port: int, nginx_port: int) -> int:
    """Start nginx with deploy/nginx.conf, and return its pid."""
    (folder / "site.conf").write_text(site_conf(folder, port, nginx_port))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = ["nginx", "-c", folder / "nginx.conf", "-e", folder / "main.log"]
    return programs.start(command, folder, folder / "nginx.log", lambda: listens(nginx_port))


def site_conf(folder: Path, port: int, nginx_port: int) -> str:
    """Return deploy/nginx.conf for plain http, as its comment says, with our ports and paths; raises ValueError."""
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    changes = [
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{port};"),
        (r"    listen 443 ssl;\n(    (#|listen|ssl_).*\n)+", f"    listen 127.0.0.1:{nginx_port};\n"),
        (r"\nserver \{\n    listen 80;\n(.+\n)+", ""),
        (r"/var/log/nginx/callme\.log", str(folder / "callme.log")),
        (r"/var/log/nginx/callme-error\.log", str(folder / "callme-error.log")),
        (r"/srv/callme/media/", f"{folder}/media/"),
    ]
    for pattern, replacement in changes:
        conf, count = re.subn(pattern, replacement, conf)
        if count != 1:
            raise ValueError(f"deploy/nginx.conf has {count} places like {pattern}; bench/sites.py has to follow it")
    return conf


def forget_log(site: Site) -> None:
    """Empty nginx's log, so that the disk does not fill up."""
    os.truncate(site.access_log, 0)
