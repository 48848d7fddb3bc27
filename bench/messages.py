"""The load `messages`: students who want to be told by WeChat, and when each of them was.

Their site is one of its own: the other loads are measured without what sends messages beside them.
"""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from bench.data import SETS, DataSet, connect
from bench.measured import summary
from bench.sites import Site, serve_callme
from callme_site.settings import BASE_DIR
from callme_site.testing.processes import free_ports, listens, running

FIELDS = "thing1=stall,character_string2=number,thing3=note,time4=called"
ENDED = "SELECT message, TIMESTAMPDIFF(MICROSECOND, called_at, message_at) FROM queueing_order WHERE called_at >= %s"


def serve(stack: ExitStack, folder: Path, url: str) -> Site:
    """Start a WeChat, and callme with what sends messages, on data set S."""
    (port,) = free_ports(1)
    wechat = [sys.executable, "-m", "bench.wechat", str(port)]
    log = folder.with_suffix(".log")
    settings = {"DJANGO_SETTINGS_MODULE": "callme_site.testing.settings"}
    stack.enter_context(running(wechat, BASE_DIR, log, lambda: listens(port), **settings))
    key = Fernet.generate_key()
    site = serve_callme(
        stack,
        folder,
        url,
        SETS["S"],
        name="callme_messages",
        WECHAT_API_URL=f"http://127.0.0.1:{port}",
        OPENID_KEYS=key.decode(),
        MESSAGE_TEMPLATE_ID="sandbox-template",
        MESSAGE_FIELDS=FIELDS,
    )
    give_openids(site.database, SETS["S"], Fernet(key))
    return site


def give_openids(url: str, data: DataSet, cipher: Fernet) -> None:
    """Let the sessions of all who eat have an openid each."""
    database = connect(url)
    kept = [(cipher.encrypt(f"o{person:027}".encode()).decode(), person) for person in data.eaters()]
    database.cursor().executemany("UPDATE accounts_session SET openid = %s WHERE person_id = %s", kept)
    database.close()


def now() -> datetime:
    """Return the time as the database keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def told(url: str, since: datetime, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """Return how long those who were called since then waited to be told, and how the others' messages ended."""
    database = connect(url)
    with database.cursor() as cursor:
        cursor.execute(ENDED, [since])
        rows = cursor.fetchall()
    database.close()
    waited = [microseconds / 1e6 for message, microseconds in rows if message == "sent"]
    return summary(waited, seconds), [message or "none" for message, _ in rows if message != "sent"]
