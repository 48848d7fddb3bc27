"""Fixtures that tests of all apps share. Three people have a story: Ma runs a noodle stall, Li and Wang eat there."""

import json
import logging
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.translation import deactivate

from accounts import wechat
from accounts.models import Person, Session, SessionManager
from callme_site.storage import versions
from callme_site.testing.announced import guard
from callme_site.testing.leaks import SANDBOX_SECRETS, Watch, find_leak
from callme_site.testing.nginx import NGINX
from callme_site.testing.serving import Machine, PrivateMariaDB, in_thread, machine_in
from callme_site.trial import sandbox
from queueing import waiting
from queueing.models import Order
from sellers.models import Seller

pytest.register_assert_rewrite("callme_site.testing.rush")

MA_TELEPHONE = "13800000001"
ENCODINGS = ["form", "json", "multipart"]  # in which a Phone sends

needs_nginx = pytest.mark.skipif(not NGINX, reason="there is no nginx here")

# Whoever starts the tests in the background of a script has had SIGINT ignored, for all children to come.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail a test that needs what is missing here")


def is_for_the_other_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker({"sqlite": "mariadb", "mysql": "sqlite"}[connection.vendor]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on SQLite what is about MariaDB's locks, and on MariaDB what is the same there."""
    for item in items:
        if is_for_the_other_database(item):
            item.add_marker(pytest.mark.skip(reason=f"this run is on {connection.vendor}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """With --no-skips, let no test be missing because of what is missing: nginx, Chromium, a right of root's."""
    report = yield
    if report.skipped and item.config.getoption("no_skips") and not is_for_the_other_database(item):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was skipped: {report.longrepr[2]}"
    return report


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test may have left: the memory, and the language of the last browser."""
    forget()
    monkeypatch.setattr(versions, "on_commit", on_commit)
    deactivate()


def forget() -> None:
    """Let nothing be known that was kept in memory, and nothing be under way."""
    Path(django_settings.VERSIONS_FILE).unlink(missing_ok=True)
    versions.opened_once.cache_clear()
    waiting.lines_read.clear()


def on_commit(function: Callable[[], None]) -> None:
    """Do it on COMMIT, as Django does; at once within the transaction of a test, which never has one."""
    if connection.atomic_blocks[0]._from_testcase:
        function()
    else:
        transaction.on_commit(function)


@pytest.fixture(autouse=True)
def announced(fresh_process: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test in which something that is kept in memory is written without an announcement."""
    monkeypatch.setattr(versions.VersionFile, "begin", guard.notice(versions.VersionFile.begin))
    guard.start()
    yield
    guard.check()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    guard.stop()


@pytest.fixture(autouse=True)
def leaks(fresh_process: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Fail the test in which a log line or an answer holds a session's key, an openid, a secret or SQL."""
    watch = Watch()
    monkeypatch.setattr(SessionManager, "start", watch.notice_start(SessionManager.start))
    monkeypatch.setattr(wechat, "stable_token", watch.notice_token(wechat.stable_token))
    monkeypatch.setattr(Client, "request", watch.notice_answers(Client.request))
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)
    watch.check()


@pytest.fixture(scope="session")
def wechat_server() -> Iterator[sandbox.SandboxWeChat]:
    apps = {
        django_settings.WECHAT_BUYER_APPID: django_settings.WECHAT_BUYER_SECRET,
        django_settings.WECHAT_SELLER_APPID: django_settings.WECHAT_SELLER_SECRET,
    }
    with in_thread(sandbox.SandboxWeChat(("127.0.0.1", 0), apps)) as server:
        yield server


@pytest.fixture
def sandbox_wechat(wechat_server: sandbox.SandboxWeChat, settings: Any) -> sandbox.SandboxWeChat:
    """The sandbox WeChat, reached by real HTTP, as if just started."""
    wechat_server.forget()
    settings.WECHAT_API_URL = f"http://127.0.0.1:{wechat_server.server_port}"
    return wechat_server


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which bin/serve can be started as a process; what it printed is looked through at the end."""
    with machine_in(tmp_path) as machine:
        yield machine
    for run in machine.runs:
        key = (machine.checkout / ".env").read_text().partition("SECRET_KEY=")[2].split()[0]
        assert find_leak(run.said, {key, *SANDBOX_SECRETS}) is None, run.said


@pytest.fixture
def checking(sandbox_wechat: sandbox.SandboxWeChat, settings: Any) -> sandbox.SandboxWeChat:
    """The sandbox WeChat, which is asked about texts."""
    settings.OPENID_KEYS, settings.CONTENT_CHECK = ["dGhlLWtleS1vZi10aGUtdGVzdHMtb2YtdGV4dHMtMSE="], True
    return sandbox_wechat


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateMariaDB]:
    """A MariaDB to be killed and started again, for tests that do not run on the common database."""
    if not PrivateMariaDB.is_installed():
        pytest.skip("needs MariaDB: apt-get install mariadb-server-core")
    # A socket's path has at most 107 characters.
    mariadb = PrivateMariaDB(tmp_path_factory.mktemp("m"))
    yield mariadb
    mariadb.kill()
    mariadb.log.close()


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    """The folder of uploaded pictures, empty."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


class Phone:
    """A mini-program in somebody's hand: it sends queries under its session and returns the whole answers."""

    def __init__(self, session_key: str | None = None, person: Person | None = None) -> None:
        self.client = Client()
        self.session_key = session_key
        self.person = person

    @classmethod
    def of(cls, name: str, app: str = "buyer") -> "Phone":
        """Return the phone of somebody who has logged in to that mini-program."""
        return cls(*Session.objects.start(f"openid-of-{name}", f"session-key-of-{name}", app))

    def __call__(self, query: str, *, encoding: str = "form", **fields: Any) -> dict[str, Any]:
        """Send a query as a form, as the deployed clients do, or as json or multipart; return the answer."""
        response = self.send({"query": query, **fields}, encoding)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert response["Content-Length"] == str(len(response.content))  # else it would come in chunks
        return json.loads(response.content)

    def send(self, fields: dict[str, Any], encoding: str = "form") -> HttpResponse:
        """Post the fields, the session's key among them, and return the response as it is."""
        if self.session_key is not None:
            fields = {"sessionKey": self.session_key, **fields}
        if encoding == "json":
            return self.client.post("/", json.dumps(fields), content_type="application/json")
        if encoding == "multipart":
            return self.client.post("/", fields)
        return self.client.post("/", urlencode(fields), content_type="application/x-www-form-urlencoded")


@pytest.fixture
def stranger() -> Phone:
    """A phone that has not logged in."""
    return Phone()


@pytest.fixture
def ma(db: None) -> Phone:
    """Ma's phone, bound to the noodle stall, which has three months left."""
    phone = Phone.of("ma", "seller")
    make_seller(person=phone.person)
    phone.person.refresh_from_db()
    return phone


@pytest.fixture
def li(db: None) -> Phone:
    return Phone.of("li")


@pytest.fixture
def wang(db: None) -> Phone:
    return Phone.of("wang")


@pytest.fixture
def hu(db: None) -> Phone:
    """The phone of Hu, who has logged in to the sellers' mini-program and has no stall yet."""
    return Phone.of("hu", "seller")


@pytest.fixture
def noodles(ma: Phone) -> Seller:
    """Ma's noodle stall."""
    return ma.person.seller


def noted(seller: Seller | int, number: int, note: str | None) -> dict[str, Any]:
    """Return what note tells of a live number, with its times as they are."""
    order = Order.objects.get(seller=seller, live_number=number)
    called = order.called_at and int(order.called_at.timestamp())
    times = {"called": called is not None, "takenAt": int(order.taken_at.timestamp()), "calledAt": called}
    uncollected = order.called_at is not None and timezone.now() - order.called_at >= timedelta(minutes=15)
    return {"marchSn": number, "noteContent": note, **times, "uncollected": uncollected}


def make_seller(
    telephone: str = MA_TELEPHONE, *, months: int = 3, person: Person | None = None, **profile: Any
) -> Seller:
    """Return a stall with so many months, bound to the person if one is given; its name is 拉面 unless told."""
    with versions.changing(versions.EVERYTHING):
        seller = Seller.objects.renew(telephone, months, None) if months else Seller.objects.create(telephone=telephone)
        seller.person, seller.menu = person, ["牛肉面", "刀削面"]
        seller.name, seller.person_name = "拉面", "马师傅"
        for name, value in profile.items():
            setattr(seller, name, value)
        seller.save()
    return seller


def make_staff(phone: Phone, *, permission: bool = True) -> User:
    """Return an active staff user linked to the phone's person, with the permission to renew unless told otherwise."""
    user = User.objects.create_user("clerk", password="x", is_staff=True)
    if permission:
        user.user_permissions.add(Permission.objects.get(codename="renew_seller"))
    phone.person = Person.objects.link_staff(phone.person.openid_hash, user)
    return user
