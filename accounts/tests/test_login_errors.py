"""Wrong codes: whoever sends too many of them waits in a slow lane, and nobody else does."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import login_errors, wechat
from accounts.login_errors import LoginErrors
from conftest import Phone

pytestmark = pytest.mark.django_db

REFUSED = {"loginSuccess": "fail", "failMsg": "Login Error"}
UNAVAILABLE = {"loginSuccess": "fail", "failMsg": "API Error"}
STRANGER, CAMPUS = "203.0.113.66", "198.51.100.1"


@pytest.fixture(autouse=True)
def errors(monkeypatch, settings):
    """A count of this test alone; three a minute are allowed."""
    settings.LOGIN_ERRORS_A_MINUTE = 3
    errors = LoginErrors()
    monkeypatch.setattr("accounts.logins.login_errors", lambda: errors)
    yield errors
    os.close(errors.file)


@pytest.fixture
def asked(monkeypatch):
    """How often WeChat is asked; in a list that grows."""
    asked, exchange = [], wechat.exchange
    monkeypatch.setattr(wechat, "exchange", lambda *args: asked.append(1) or exchange(*args))
    return asked


def log_in(address, code):
    phone = Phone()
    phone.client.defaults["HTTP_X_FORWARDED_FOR"] = address
    return phone("login", code=code)


def make_slow(errors, address):
    for attempt in range(3):
        assert log_in(address, f"junk {attempt}") == REFUSED
    assert errors.too_many(errors.bucket(address))


def test_a_code_that_was_refused_counts_against_its_address_alone(sandbox_wechat, errors):
    make_slow(errors, STRANGER)
    assert not errors.too_many(errors.bucket(CAMPUS))
    assert log_in(STRANGER, "more junk") == REFUSED  # slowly


def test_logins_that_succeed_or_ask_nobody_count_nothing(sandbox_wechat, errors, settings):
    for attempt in range(5):
        assert log_in(CAMPUS, f"sandbox-li-{attempt}")["loginSuccess"] == "success"
        assert log_in(CAMPUS, "") == REFUSED
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    for _ in range(5):
        assert log_in(CAMPUS, "sandbox-wang") == UNAVAILABLE
    assert errors.counts(errors.bucket(CAMPUS), 0) == (0, 0)
    assert not errors.too_many(errors.bucket(CAMPUS))


def test_a_stranger_names_no_address_in_its_own_words(sandbox_wechat, errors):
    for attempt in range(3):
        assert log_in(f"192.0.2.{attempt}, {STRANGER}", f"junk {attempt}") == REFUSED
    assert errors.too_many(errors.bucket(STRANGER))


@pytest.fixture
def clock(monkeypatch):
    """The seconds of the machine's clock; the test's to set."""
    clock = [0.0]
    monkeypatch.setattr(login_errors, "monotonic", lambda: clock[0])
    return clock


def test_it_is_forgotten_after_a_minute(errors, clock):
    bucket = errors.bucket(STRANGER)
    for _ in range(3):
        errors.add(bucket)
    for clock[0], slow in [(0, True), (59, True), (60, True), (61, False), (121, False), (300, False)]:
        assert errors.too_many(bucket) == slow


def test_two_minutes_are_not_taken_for_one(errors, clock):
    bucket = errors.bucket(STRANGER)
    for _ in range(2):
        errors.add(bucket)
    clock[0] = 60
    errors.add(bucket)
    for clock[0], slow in [(60, True), (90, False)]:  # the first two still count whole, then by half
        assert errors.too_many(bucket) == slow


def test_one_at_a_time_in_the_slow_lane_and_the_others_are_refused_unasked(sandbox_wechat, errors, asked, monkeypatch):
    make_slow(errors, STRANGER)
    asked.clear()
    with errors.slow_lane(errors.bucket(STRANGER)):
        monkeypatch.setattr(login_errors, "PATIENCE", 0.1)
        assert log_in(STRANGER, "junk") == UNAVAILABLE  # after a while
        monkeypatch.setattr(login_errors, "LANE", 1)
        assert log_in(STRANGER, "junk") == UNAVAILABLE  # at once
        assert log_in(CAMPUS, "sandbox-li")["loginSuccess"] == "success"
    assert len(asked) == 1
    assert log_in(STRANGER, "sandbox-wang")["loginSuccess"] == "success"
    assert (errors.lanes, errors.waiting) == ({}, {})


def test_a_wrong_code_is_kept_waiting_when_its_place_is_free_again(sandbox_wechat, errors, monkeypatch):
    """Else whoever sends the next one at once would always be there before the others."""
    make_slow(errors, STRANGER)
    waiting = []
    monkeypatch.setattr(errors, "delay", lambda: waiting.append(errors.waiting.total()))
    assert log_in(STRANGER, "more junk") == REFUSED
    assert waiting == [0]
    assert log_in(STRANGER, "sandbox-li")["loginSuccess"] == "success"
    assert waiting == [0]


def test_honest_students_behind_the_strangers_address_get_through(sandbox_wechat, errors):
    make_slow(errors, CAMPUS)
    active, most, lock = 0, 0, threading.Lock()

    def attend():
        nonlocal active, most
        with errors.slow_lane(errors.bucket(CAMPUS)):
            with lock:
                active += 1
                most = max(active, most)
            threading.Event().wait(0.01)
            with lock:
                active -= 1
        return True

    with ThreadPoolExecutor(login_errors.LANE) as students:
        assert all(students.map(lambda _: attend(), range(login_errors.LANE)))
    assert most == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12: other threads may be running
def test_a_process_that_dies_in_the_lane_leaves_it_free(errors, clock):
    """Workers share the count and the lanes of the process that has started them."""
    bucket = errors.bucket(STRANGER)
    here, ready = os.pipe()
    child = os.fork()
    if not child:
        try:
            errors.add(bucket)
            with errors.slow_lane(bucket):
                os.write(ready, b"x")
                threading.Event().wait()
        finally:
            os._exit(1)
    assert os.read(here, 1) == b"x"
    assert errors.counts(bucket, 0) == (1, 0)
    with pytest.raises(wechat.Unavailable), errors.alone(bucket, until=-1):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with errors.alone(bucket, until=-1):
        pass
    os.close(here)
    os.close(ready)
