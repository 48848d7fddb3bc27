"""deploy/nginx.conf as it is shipped, in a real nginx: only the paths, the ports and TLS are this machine's."""

import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from callme_site.tests.serving import free_ports

# Where Debian keeps servers, which an ordinary user's PATH lacks.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
START_SECONDS = 30

needs_nginx = pytest.mark.skipif(not NGINX, reason="there is no nginx here")


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its port, and the folder of its logs."""

    port: int
    folder: Path

    @property
    def said(self) -> str:
        """All that it has logged."""
        return "".join(log.read_text() for log in self.folder.glob("*.log"))


def configuration(folder: Path, port: int, upstream: int, media: Path) -> str:
    """Return the shipped file on plain http, as its own comments say, for those ports and folders."""
    site = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    site = site[: site.rindex("\nserver {")]  # the redirect to https
    site = re.sub(r"\n +(listen|ssl_)[^\n]*", "", site).replace("server {", f"server {{ listen 127.0.0.1:{port};", 1)
    for shipped, ours in {
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "/var/log/nginx/": f"{folder}/",
        "/srv/callme/media/": f"{media}/",
    }.items():
        assert shipped in site
        site = site.replace(shipped, ours)
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;"
    return f"{main}\nevents {{ worker_connections 4096; }}\nhttp {{\n{temporary}access_log off;\n{site}\n}}\n"


@contextmanager
def nginx_in(folder: Path, upstream: int, media: Path) -> Iterator[Nginx]:
    """nginx with the shipped file in front of the upstream port of this machine; the folder is its own."""
    folder.mkdir()
    (port,) = free_ports(1)
    (folder / "nginx.conf").write_text(configuration(folder, port, upstream, media))
    process = subprocess.Popen(
        [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"], stdin=subprocess.DEVNULL
    )
    try:
        wait_for(port, process, folder)
        yield Nginx(port, folder)
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen, folder: Path) -> None:
    """Return when the port takes connections."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.02)
