"""A setting that cannot work stops the start in one clear line."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from callme_site import settings as project
from callme_site.settings import database

SANDBOX = {
    "WECHAT_SANDBOX": True,
    "DEBUG": True,
    "WECHAT_BUYER_APPID": "sandbox-buyer",
    "WECHAT_SELLER_APPID": "sandbox-seller",
}


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
        ({"MEMORY": "elephant"}, "callme.E009"),
    ],
)
def test_it_tells_what_is_wrong(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == [expected]


@pytest.mark.parametrize(("engine", "expected"), [("sqlite3", ["callme.E008"]), ("mysql", [])])
def test_a_cluster_is_no_sqlite(settings, monkeypatch, engine, expected):
    settings.GALERA = True
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    assert ids() == expected


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
    "DATABASE_URL": "sqlite:////nonexistent/callme.sqlite3",
}


def test_production_settings_pass_the_deployment_check():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (result.returncode, result.stdout) == (0, "System check identified no issues (3 silenced).\n"), result.stderr


def test_a_start_without_a_key_ends_in_a_clear_line(tmp_path):
    result = manage("migrate", **{**PRODUCTION, "SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"})
    assert result.returncode == 1
    assert "(callme.E001) SECRET_KEY is not set, and DEBUG is off." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_that_is_not_there_ends_in_a_clear_line():
    result = manage("migrate", **PRODUCTION)
    assert (result.returncode, result.stderr) == (
        1,
        "callme: the database does not answer as it should: unable to open database file\n",
    )
