"""deploy/nginx.conf as it is shipped, in a real nginx: only the paths, the ports and TLS are this machine's."""

import getpass
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callme_site.settings import BASE_DIR
from callme_site.testing.processes import free_ports, listens, running

# Where Debian keeps servers, which an ordinary user's PATH lacks.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")

# How the shipped file hands requests on.
PROXY = "proxy_pass http://callme;"

# What belongs around deploy/nginx.conf: Debian's nginx.conf, with paths of our own and room for 3,000 phones.
AROUND = """
daemon off; {user}
worker_processes auto;
worker_rlimit_nofile 16384;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    sendfile on;
    tcp_nopush on;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    gzip on;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its port, its pid, and the folder of its logs."""

    port: int
    pid: int
    folder: Path

    @property
    def access_log(self) -> Path:
        return self.folder / "callme.log"

    @property
    def said(self) -> str:
        """All that it has logged."""
        return "".join(log.read_text() for log in self.folder.glob("*.log"))


def configuration(folder: Path, port: int, upstream: int | str, media: Path, hand_on: str) -> str:
    """Return the shipped file on plain http, as its own comments say, for those ports and folders."""
    server = f"127.0.0.1:{upstream}" if isinstance(upstream, int) else upstream
    site = (BASE_DIR / "deploy" / "nginx.conf").read_text()
    site = site[: site.rindex("\nserver {")]  # the redirect to https
    site = re.sub(r"\n +(listen|ssl_)[^\n]*", "", site).replace("server {", f"server {{ listen 127.0.0.1:{port};", 1)
    for shipped, ours in {
        "127.0.0.1:8000": server,
        PROXY: hand_on,
        "/var/log/nginx/": f"{folder}/",
        "/srv/callme/media/": f"{media}/",
    }.items():
        assert shipped in site, f"deploy/nginx.conf has no {shipped}"
        site = site.replace(shipped, ours)
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    return AROUND.format(user=user, folder=folder, site=site)


@contextmanager
def nginx_in(folder: Path, upstream: int | str, media: Path, hand_on: str = PROXY) -> Iterator[Nginx]:
    """nginx with the shipped file in front of a port of this machine, or an address; the folder is its own."""
    folder.mkdir()
    (port,) = free_ports(1)
    (folder / "nginx.conf").write_text(configuration(folder, port, upstream, media, hand_on))
    command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    with running(command, folder, folder / "printed.log", lambda: listens(port)) as process:
        yield Nginx(port, process.pid, folder)
