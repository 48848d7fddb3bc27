"""The client of WeChat's API, against a server that answers whatever a test wants, and against the sandbox."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from accounts import login_errors, wechat
from accounts.tests.whimsical import APP, says
from callme_site import capacity


def test_it_reads_json_that_is_sent_as_text(server):
    server.answer = says({"openid": "o1", "session_key": "k1"})
    assert wechat.exchange("the code", APP) == ("o1", "k1")
    assert server.paths == [
        "/sns/jscode2session?appid=appid&secret=secret-of-the-app&js_code=the+code&grant_type=authorization_code"
    ]


@pytest.mark.parametrize("errcode", [40029, 40163, 41008])
def test_wechat_refuses_the_code(server, errcode):
    server.answer = says({"errcode": errcode, "errmsg": "…"})
    with pytest.raises(wechat.CodeRefused):
        wechat.exchange("code", APP)


@pytest.mark.parametrize(
    "answer",
    [
        *(says({"errcode": errcode, "errmsg": "…"}) for errcode in (-1, 45011, 40226, 40013, 40125)),
        says({}),
        says({"openid": "", "session_key": "k"}),
        says({"openid": "o"}),
        says({"openid": 1, "session_key": "k"}),
        says(["openid"]),
        says(None),
        (200, "text/html", b"<html>maintenance</html>"),
        (200, "text/plain", b""),
        (500, "text/plain", b'{"openid": "o", "session_key": "k"}'),
        (302, "text/plain", b""),
        None,
    ],
)
def test_anything_else_is_no_answer_and_the_code_was_sent_once(server, answer, caplog):
    server.answer = answer
    with caplog.at_level(logging.INFO), pytest.raises(wechat.Unavailable) as caught:
        wechat.exchange("code", APP)
    assert len(server.paths) == 1
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "secret-of-the-app" not in caplog.text


def test_it_does_not_wait_for_ever(server, monkeypatch):
    monkeypatch.setattr(wechat, "TIMEOUTS", (2, 0.1))
    server.go_on.clear()
    with pytest.raises(wechat.Unavailable):
        wechat.exchange("code", APP)
    assert len(server.paths) == 1


@pytest.fixture
def all_turns(monkeypatch):
    """As many queries under way as there may be."""
    with ExitStack() as turns:
        for _ in range(wechat.QUERIES):
            turns.enter_context(wechat.limit("login"))
        yield turns


def test_a_query_waits_for_its_turn(all_turns):
    threading.Timer(0.1, all_turns.close).start()
    with wechat.limit("login"):
        pass


def test_it_does_not_wait_longer_than_a_phone_would(all_turns, monkeypatch, caplog):
    assert wechat.PATIENCE + wechat.TIMEOUTS[1] < 8
    monkeypatch.setattr(wechat, "PATIENCE", 0.05)
    with pytest.raises(wechat.Unavailable), wechat.limit("qrcode"):
        pass
    assert [record.getMessage() for record in caplog.records] == ["wechat_busy query=qrcode"]


def test_so_many_may_wait_and_the_next_one_is_told_at_once(all_turns):
    with ThreadPoolExecutor(wechat.QUEUE) as others:
        waiting = [others.submit(wait_for_a_turn) for _ in range(wechat.QUEUE)]
        until = time.monotonic() + 2
        while wechat.queue.acquire(blocking=False):
            wechat.queue.release()
            assert time.monotonic() < until
            time.sleep(0.001)
        with pytest.raises(wechat.Unavailable), wechat.limit("login"):
            pass
        all_turns.close()
        assert [future.result() for future in waiting] == [True] * wechat.QUEUE


def wait_for_a_turn():
    with wechat.limit("login"):
        return True


def test_those_who_wait_leave_threads_to_the_polls():
    assert wechat.QUERIES + wechat.QUEUE + login_errors.LANES < 0.95 * capacity.WAITING_THREADS
