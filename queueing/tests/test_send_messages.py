"""manage.py send_messages as a process: it sends by itself, ends when told, and may be killed in the middle."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from callme_site.testing.announced import unannounced
from callme_site.testing.processes import ENDS_WITH_US
from queueing import outbox
from queueing.models import Order
from queueing.tests.messaging import FIELDS, KEY, SEND, TEMPLATE, columns, come_to, message_of, order_of, student

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

TIMEOUT = 30  # seconds


@pytest.fixture
def called(messages, ma, wei, noodles):
    """Number 1 of Wei is called."""
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    return noodles


@contextmanager
def sending(messages, *arguments):
    """The command as a process of its own, on the tests' database, until the context ends."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "callme_site.settings",
        "DEBUG": "on",
        "DATABASE_URL": url_of(connection.settings_dict),
        "WECHAT_SANDBOX": "off",
        "WECHAT_API_URL": django_settings.WECHAT_API_URL,
        "WECHAT_BUYER_APPID": django_settings.WECHAT_BUYER_APPID,
        "WECHAT_BUYER_SECRET": django_settings.WECHAT_BUYER_SECRET,
        "WECHAT_SELLER_APPID": django_settings.WECHAT_SELLER_APPID,
        "WECHAT_SELLER_SECRET": django_settings.WECHAT_SELLER_SECRET,
        "OPENID_KEYS": KEY,
        "MESSAGE_TEMPLATE_ID": TEMPLATE,
        "MESSAGE_FIELDS": ",".join(f"{field}={value}" for field, value in FIELDS.items()),
    }
    process = subprocess.Popen(
        [*ENDS_WITH_US, sys.executable, "manage.py", "send_messages", *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def url_of(database):
    """Return the URL of the tests' database, which is MariaDB's, as reached by a socket or a port."""
    user, password = database["USER"], database["PASSWORD"]
    place = f"{user}:{password}@{database['HOST'] or 'localhost'}:{database['PORT'] or ''}".rstrip(":")
    socket = database["OPTIONS"].get("unix_socket")
    return f"mysql://{place}/{database['NAME']}" + (f"?unix_socket={socket}" if socket else "")


def until(condition):
    """Wait until the condition holds; fail if it never does."""
    give_up = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_it_sends_by_itself_and_ends_when_told(messages, ma, called):
    with sending(messages) as process:
        until(lambda: message_of(1) == "sent")
        order_of(ma, student(messages, "bo"), called)
        ma("call", marchSn=2)
        until(lambda: message_of(2) == "sent")
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
        assert process.stdout.read() == ""
    assert [len(come_to(messages, name)) for name in ("wei", "bo")] == [1, 1]


def test_once_sends_what_is_due_and_ends(messages, called):
    with sending(messages, "--once") as process:
        assert process.wait(TIMEOUT) == 0
    assert message_of(1) == "sent"


def test_it_finishes_what_it_has_begun(messages, called):
    messages.set_mood({"path": SEND, "seconds": 1})
    with sending(messages) as process:
        until(lambda: messages.under_way)
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
    assert message_of(1) == "sent"
    assert len(come_to(messages, "wei")) == 1


def test_one_that_is_killed_in_the_middle_sends_nothing_twice(messages, called):
    """WeChat has the message, and nobody has written that down: nobody sends it again, and the console tells."""
    messages.set_mood({"path": SEND, "seconds": 1.5})
    with sending(messages) as process:
        until(lambda: messages.under_way)
        process.send_signal(signal.SIGKILL)
        process.wait(TIMEOUT)
    until(lambda: come_to(messages, "wei"))
    messages.set_mood({"path": SEND})
    assert message_of(1) == "sending"
    claimed_at = columns(1)["message_at"]
    call_command("send_messages", "--once")
    assert columns(1)["message_at"] == claimed_at
    with unannounced():
        Order.objects.update(message_at=timezone.now() - timedelta(seconds=61))
    call_command("send_messages", "--once")
    assert columns(1).items() >= {"message": "uncertain", "message_to": None, "openid": ""}.items()
    assert len(come_to(messages, "wei")) == 1


def test_if_it_were_sent_again_it_would_come_twice(messages, ma, wei, noodles, monkeypatch):
    """The control of the test above: with what was left lying due again, a student is told twice."""
    messages.subscribe({"name": "wei", "template_id": TEMPLATE})
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    messages.set_mood({"path": SEND, "seconds": 1.5})
    with sending(messages) as process:
        until(lambda: messages.under_way)
        process.send_signal(signal.SIGKILL)
        process.wait(TIMEOUT)
    until(lambda: come_to(messages, "wei"))
    messages.set_mood({"path": SEND})
    (order,) = Order.objects.filter(message="sending")
    known = {"order": order.pk, "claimed_at": order.message_at}
    outbox.TRY_AGAIN.run(**known, next=timezone.now(), tries=1)
    call_command("send_messages", "--once")
    assert len(come_to(messages, "wei")) == 2
