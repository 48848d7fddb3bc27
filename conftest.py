"""Fixtures that tests of all apps share. Three people have a story: Ma runs a noodle stall, Li and Wang eat there."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import deactivate

from accounts import sandbox
from accounts.models import Person, Session, SessionManager
from callme_site import changes
from callme_site.tests.leaks import SANDBOX_SECRETS, Watch, find_leak
from callme_site.tests.serving import Machine, PrivateMariaDB, in_thread, machine_in
from sellers.models import Seller

pytest.register_assert_rewrite("callme_site.tests.rush")

MA_TELEPHONE = "13800000001"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on SQLite what is about MariaDB's locks."""
    if connection.vendor == "mysql":
        return
    for item in items:
        if item.get_closest_marker("mariadb"):
            item.add_marker(pytest.mark.skip(reason="needs MariaDB; this run is on SQLite"))


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test may have left: the cache, the memory, and the language of the last browser."""
    cache.clear()
    changes.tally().forget()
    # A change takes effect at once in a test, whose own transaction never has a COMMIT.
    monkeypatch.setattr(changes, "on_commit", lambda function: function())
    deactivate()


@pytest.fixture(autouse=True)
def leaks(fresh_process: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Fail the test in which a log line or an answer holds a session's key, an openid, a secret or SQL."""
    watch = Watch()
    monkeypatch.setattr(SessionManager, "start", watch.notice_start(SessionManager.start))
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
    wechat_server.used_codes.clear()
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
    def of(cls, name: str) -> "Phone":
        """Return the phone of somebody who has logged in."""
        return cls(*Session.objects.start(f"openid-of-{name}", f"session-key-of-{name}"))

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
    phone = Phone.of("ma")
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
def noodles(ma: Phone) -> Seller:
    """Ma's noodle stall."""
    return ma.person.seller


def make_seller(
    telephone: str = MA_TELEPHONE, *, months: int = 3, person: Person | None = None, **profile: Any
) -> Seller:
    """Return a stall with so many months, bound to the person if one is given; its name is 拉面 unless told."""
    seller = Seller.objects.renew(telephone, months, None) if months else Seller.objects.create(telephone=telephone)
    seller.person, seller.menu = person, ["牛肉面", "刀削面"]
    seller.name, seller.person_name = "拉面", "马师傅"
    for name, value in profile.items():
        setattr(seller, name, value)
    with changes.changing(changes.EVERYTHING):
        seller.save()
    return seller


def make_staff(phone: Phone, *, permission: bool = True) -> User:
    """Return an active staff user linked to the phone's person, with the permission to renew unless told otherwise."""
    user = User.objects.create_user("clerk", password="x", is_staff=True)
    if permission:
        user.user_permissions.add(Permission.objects.get(codename="renew_seller"))
    phone.person = Person.objects.link_staff(phone.person.openid_hash, user)
    return user
