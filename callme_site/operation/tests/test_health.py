"""What a monitor asks, and what phones are told while the database is away."""

import pytest
from django.db import connections
from django.db.utils import load_backend

from callme_site.storage import versions
from conftest import Phone

AWAY = {
    "mysql": {"ENGINE": "django.db.backends.mysql", "NAME": "callme", "HOST": "127.0.0.1", "PORT": "9", "OPTIONS": {}},
    "sqlite": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nonexistent/callme.sqlite3", "OPTIONS": {}},
}


@pytest.fixture(params=AWAY)
def database_away(request, db):
    """Until the test ends, the database is one that really cannot be reached."""
    here = connections["default"]
    away = {**here.settings_dict, **AWAY[request.param]}
    connections["default"] = load_backend(away["ENGINE"]).DatabaseWrapper(away, "default")
    yield
    connections["default"] = here


def test_it_is_well(client, db):
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"database": "reached", "memory": "used"})


@pytest.mark.parametrize(
    ("setting", "version", "memory"),
    [
        ("one-host", versions.EVERYTHING, "changing"),
        ("several-hosts", versions.EVERYTHING, "changing"),
        ("one-host", versions.SELLERS, "used"),
        ("off", versions.EVERYTHING, "off"),
    ],
)
def test_it_tells_of_a_memory_that_is_of_no_use(client, transactional_db, settings, setting, version, memory):
    settings.MEMORY = setting
    with versions.changing(version):
        response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"database": "reached", "memory": memory})


def test_it_is_only_read(client, db):
    assert client.post("/health").status_code == 405


def test_it_says_that_the_database_is_away(client, database_away):
    response = client.get("/health")
    assert (response.status_code, response.json()) == (503, {"database": "unreachable"})
    assert response["Retry-After"] == "3"


def test_phones_are_told_to_come_back(database_away, caplog):
    response = Phone("0" * 40).send({"query": "hungry", "sellerId": 1, "marchSn": 1})
    assert (response.status_code, response.json()) == (503, {"queryErr": "Server Error"})
    assert (response["Content-Type"], response["Retry-After"]) == ("application/json", "3")
    assert "database_unavailable error=OperationalError" in caplog.text
    assert "Traceback" not in caplog.text
