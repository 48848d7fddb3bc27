"""A setting that cannot work stops the start in one clear line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import override

from callme_site import capacity
from callme_site import settings as project
from callme_site.settings import database, versions_file

KEY = Fernet.generate_key().decode()
SANDBOX = {
    "WECHAT_SANDBOX": True,
    "DEBUG": True,
    "WECHAT_BUYER_APPID": "sandbox-buyer",
    "WECHAT_SELLER_APPID": "sandbox-seller",
}


KEYS = {"OPENID_KEYS": ["bWVzc2FnZXMtYXJlLWVuY3J5cHRlZC1ieS10aGlzLTE="]}


def messages(**fields):
    """Return the settings of messages with these fields."""
    return {**KEYS, "MESSAGE_TEMPLATE_ID": "the-template", "MESSAGE_FIELDS": fields}


def ids(**kwargs):
    return [message.id for message in run_checks(**kwargs) if message.id.startswith("callme.")]


def test_the_settings_of_the_tests_are_well():
    assert ids() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SECRET_KEY": ""}, "callme.E001"),
        ({**SANDBOX, "DEBUG": False}, "callme.E002"),
        ({"WECHAT_SELLER_SECRET": ""}, "callme.E003"),
        ({**SANDBOX, "WECHAT_BUYER_APPID": "wx0123456789abcdef"}, "callme.E004"),
        ({"PUBLIC_URL": "callme.example.edu.cn"}, "callme.E005"),
        ({"PUBLIC_URL": "https://callme.example.edu.cn/callme"}, "callme.E005"),
        ({"SESSION_MINUTES": 0}, "callme.E006"),
        ({"HISTORY_DAYS": -1}, "callme.E006"),
        ({"LOGIN_ERRORS_A_MINUTE": 0}, "callme.E006"),
        ({"UNCOLLECTED_MINUTES": 60}, "callme.E014"),
        ({"MEMORY": "elephant"}, "callme.E009"),
        ({"PROXIES": ["127.0.0.1", "nginx"]}, "callme.E013"),
        (messages(), "callme.E018"),
        (messages(thing="stall"), "callme.E018"),
        (messages(thing0="stall"), "callme.E018"),
        (messages(thing123="stall"), "callme.E018"),
        (messages(Thing1="stall"), "callme.E018"),
        (messages(thing1=""), "callme.E018"),
        (messages(thing1="dish"), "callme.E018"),
        (messages(phrase1="number"), "callme.E018"),
        (messages(number1="note"), "callme.E018"),
        (messages(character_string1="stall"), "callme.E018"),
        (messages(time1="number"), "callme.E018"),
        (messages(amount1="number"), "callme.E018"),
        (messages(thing1="stall", letter2="note"), "callme.E018"),
        ({"OPENID_KEYS": ["no key"]}, "callme.E015"),
        ({"OPENID_KEYS": [KEY, "钥匙"]}, "callme.E015"),
        ({"OPENID_KEYS": [KEY], "SIGNUP_PROOF": "Required"}, "callme.E016"),
        ({"SIGNUP_PROOF": "required"}, "callme.E017"),
        (messages(thing1="stall") | {"OPENID_KEYS": []}, "callme.W002"),
        ({"CONTENT_CHECK": True}, "callme.W002"),
    ],
)
def test_it_tells_what_is_wrong(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == [expected]


@pytest.mark.parametrize(
    "fields",
    [
        {"thing1": "stall", "character_string2": "number", "thing3": "note", "time4": "called"},
        {"phrase1": "note", "number2": "number", "date3": "called", "name99": "stall"},
        {"thing1": "number", "thing2": "called"},
    ],
)
def test_fields_that_can_hold_what_they_are_to_tell_are_well(settings, fields):
    for name, value in messages(**fields).items():
        setattr(settings, name, value)
    assert ids() == []


def test_a_field_that_cannot_is_named(settings):
    for name, value in messages(thing1="stall", phrase2="number", letter3="note").items():
        setattr(settings, name, value)
    with override("en"):
        (error,) = [message for message in run_checks() if message.id == "callme.E018"]
    assert error.msg == "MESSAGE_FIELDS: WeChat's template cannot have phrase2=number, letter3=note."


@pytest.mark.parametrize(("engine", "expected"), [("sqlite3", ["callme.E008"]), ("mysql", [])])
def test_a_cluster_is_no_sqlite(settings, monkeypatch, engine, expected):
    settings.GALERA = True
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    assert ids() == expected


@pytest.mark.mariadb
@pytest.mark.django_db
@pytest.mark.parametrize(("workers", "expected"), [(1, []), (100, ["callme.E012"])])
def test_the_database_grants_as_many_connections_as_a_rush_may_take(settings, workers, expected):
    settings.WORKERS = workers
    assert ids(databases=["default"]) == expected
    assert ids() == []


def test_the_database_of_the_manual_grants_what_the_largest_machine_may_take():
    (granted,) = re.findall(
        r"^max_connections = (\d+)$", Path(settings.BASE_DIR, "deploy/callme.cnf").read_text(), re.M
    )
    wanted = capacity.MOST_WORKERS * capacity.CONNECTIONS + capacity.SENDER_CONNECTIONS + capacity.OTHERS
    assert int(granted) >= wanted


def test_proven_numbers_alone_are_well_with_a_key(settings):
    settings.OPENID_KEYS, settings.SIGNUP_PROOF = [KEY], "required"
    assert ids() == []


def test_the_sandbox_with_debug_is_well(settings):
    for name, value in SANDBOX.items():
        setattr(settings, name, value)
    assert ids() == []


def test_a_deployment_on_plain_http_is_warned(settings):
    assert "callme.W001" in ids(include_deployment_checks=True)
    settings.HTTPS = True
    assert "callme.W001" not in ids(include_deployment_checks=True)


@pytest.mark.parametrize("url", ["sqlite:///relative.sqlite3", "mariadb://root@localhost/callme", "postgres://h/n"])
def test_a_database_that_we_cannot_serve(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database(url)


def test_a_mysql_url_keeps_its_options():
    config = database("mysql://callme:p%40ss@db/callme?unix_socket=/run/mysqld/mysqld.sock")
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["NAME"]) == ("callme", "p@ss", "db", "callme")
    assert config["OPTIONS"]["unix_socket"] == "/run/mysqld/mysqld.sock"
    assert config["OPTIONS"]["charset"] == "utf8mb4"


def test_every_connection_to_a_cluster_waits_for_the_other_nodes(monkeypatch):
    url = "mysql://callme@localhost/callme"
    assert "wsrep" not in database(url)["OPTIONS"]["init_command"]
    monkeypatch.setattr(project, "GALERA", True)
    assert database(url)["OPTIONS"]["init_command"].endswith(", SESSION wsrep_sync_wait=7")


def shared_by(url):
    return versions_file(database(url))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mysql://callme:x@localhost/callme", "mysql://root:y@127.0.0.1:3306/callme"),
        ("mysql://callme@localhost/callme", "mysql://callme@localhost/callme?unix_socket=/run/mysqld/mysqld.sock"),
        ("mysql://callme@localhost/callme", "mysql://callme@localhost/callme?unix_socket=/var/run/mysqld/mysqld.sock"),
        ("mysql://callme@db/callme", "mysql://callme@db:3306/callme"),
    ],
)
def test_who_uses_one_database_shares_its_versions_however_the_url_is_written(one, other):
    assert shared_by(one) == shared_by(other)
    assert str(shared_by(one)).startswith("/dev/shm/callme-")


def test_who_uses_another_database_is_not_disturbed():
    addresses = ["localhost", "localhost:3307", "db", "localhost/callme?unix_socket=/tmp/s"]
    urls = [f"mysql://{address}" if "/" in address else f"mysql://{address}/callme" for address in addresses]
    assert len({shared_by(url) for url in [*urls, "mysql://localhost/callme2"]}) == 5


def test_the_versions_of_a_sqlite_file_lie_beside_it_by_whatever_way_one_comes(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert shared_by(f"sqlite:///{tmp_path}/callme.sqlite3") == tmp_path / "callme.sqlite3-versions"
    assert shared_by(f"sqlite:///{tmp_path}/link/callme.sqlite3") == tmp_path / "callme.sqlite3-versions"


def manage(*args, **environment):
    """Run manage.py with the project's own settings and nothing but that environment."""
    command = [sys.executable, settings.BASE_DIR / "manage.py", *args]
    environment = {"PATH": os.environ["PATH"], "LANGUAGE_CODE": "en", **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/", check=False)


PRODUCTION = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-0123456789abcdefghijklmnop",
    "PUBLIC_URL": "https://callme.example.edu.cn",
    "DEBUG": "off",
    "WECHAT_SANDBOX": "off",
    "WECHAT_BUYER_APPID": "wx1",
    "WECHAT_BUYER_SECRET": "secret",
    "WECHAT_SELLER_APPID": "wx2",
    "WECHAT_SELLER_SECRET": "secret",
}


@pytest.fixture
def production(tmp_path):
    """The settings of a production whose database does not exist."""
    (tmp_path / "callme.sqlite3").mkdir()
    return {**PRODUCTION, "DATABASE_URL": f"sqlite:///{tmp_path}/callme.sqlite3"}


def test_production_settings_pass_the_deployment_check(production):
    result = manage("check", "--deploy", "--fail-level", "WARNING", **production)
    assert (result.returncode, result.stdout) == (0, "System check identified no issues (3 silenced).\n"), result.stderr


def test_a_start_without_a_key_ends_in_a_clear_line(tmp_path):
    result = manage("migrate", **{**PRODUCTION, "SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"})
    assert result.returncode == 1
    assert "(callme.E001) SECRET_KEY is not set, and DEBUG is off." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_is_not_there_ends_in_a_clear_line(production):
    result = manage("migrate", **production)
    assert (result.returncode, result.stderr) == (
        1,
        "callme: the database does not answer as it should: unable to open database file\n",
    )
