"""Passwords are checked one at a time, and those who wait take few of the server's threads."""

import subprocess
import sys
import threading
from contextlib import ExitStack, suppress

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from accounts import hashing

LOGIN = reverse("admin:login")
ELSEWHERE = """
import sys, fcntl
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_files(monkeypatch, tmp_path):
    """Locks of the test's own: other tests run beside it in this checkout."""
    for name in ("TURN", "QUEUE"):
        (tmp_path / name).touch()
        monkeypatch.setattr(hashing, name, tmp_path / name)


@pytest.fixture
def elsewhere(own_files):
    """Another process, in which a password is being checked until it is told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, hashing.TURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(hashing, "PATIENCE", {True: 0, False: 0})


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "您的密码尚未核对"), ("en", "was not looked at")])
def test_whoever_finds_no_turn_is_told_to_come_back(client, db, elsewhere, impatient, language, words):
    User.objects.create_superuser("boss", password="right")
    fields = {"username": "boss", "password": "right"}
    response = client.post(LOGIN, fields, headers={"Accept-Language": language})
    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert words in response.text
    assert client.get(LOGIN).status_code == 200
    elsewhere.communicate()
    assert client.post(LOGIN, fields).status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_it_waits_for_a_turn_in_another_process(elsewhere, known):
    threading.Timer(0.1, elsewhere.stdin.close).start()
    with hashing.one_at_a_time(known):
        assert elsewhere.wait(10) == 0


def test_no_two_have_their_turn_at_once(monkeypatch):
    monkeypatch.setattr(hashing, "PATIENCE", {True: 30, False: 30})
    under_way, most, barrier = [], [], threading.Barrier(4)

    def check(known):
        barrier.wait(10)
        for _ in range(5):
            with hashing.one_at_a_time(known):
                under_way.append(1)
                most.append(len(under_way))
                threading.Event().wait(0.005)
                under_way.pop()

    threads = [threading.Thread(target=check, args=(known,)) for known in (True, True, False, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 20


def test_strangers_do_not_take_the_places_of_known_browsers(impatient):
    with ExitStack() as strangers:
        for place in [hashing.places[False]] * hashing.AT_ONCE:
            place.acquire()
            strangers.callback(place.release)
        with suppress(hashing.Busy), hashing.one_at_a_time(False):
            raise AssertionError("a third stranger")
        with hashing.one_at_a_time(True):
            pass


def test_a_known_browser_waits_with_the_known(client, db, impatient):
    User.objects.create_superuser("boss", password="right")
    fields = {"username": "boss", "password": "right"}
    assert client.post(LOGIN, fields).status_code == 302
    client.post(reverse("admin:logout"))
    with ExitStack() as strangers:
        for place in [hashing.places[False]] * hashing.AT_ONCE:
            place.acquire()
            strangers.callback(place.release)
        assert Client().post(LOGIN, fields).status_code == 503
        assert client.post(LOGIN, {**fields, "username": "a b"}).status_code == 503
        assert client.post(LOGIN, fields).status_code == 302
