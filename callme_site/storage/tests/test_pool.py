"""The server's connections to the database: bounded, whatever the threads do, and with whoever works."""

import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.http import StreamingHttpResponse

from callme_site import wsgi
from callme_site.storage import pool as pools
from callme_site.storage import versions
from callme_site.storage.pool import MustWait, Pool
from callme_site.testing.racing import TIMEOUT
from conftest import Phone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool(monkeypatch):
    """Two connections for this process's threads, and for the application."""
    monkeypatch.setattr(connections, "create_connection", type(connections).create_connection.__get__(connections))
    pool = Pool(2, quick=1)
    monkeypatch.setattr(wsgi, "pool", pool)
    monkeypatch.setattr(pools, "pool", pool)
    yield pool
    for opened in filter(None, connections_of(pool)):
        opened.close()


def connections_of(pool):
    return [opened for opened, _used in pool.idle]


def in_thread(job):
    """Run the job in a thread of its own, which ends; return what it returned, or raise what it raised."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(job).result(TIMEOUT)


def ask():
    """Ask the database; return the connection by which it was asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connections["default"]


def test_threads_come_and_go_and_the_connection_stays(pool):
    def answer():
        with pool.answering():
            used = ask()
        return used, used.connection

    (first, socket), *others = [in_thread(answer) for _ in range(20)]
    assert others == [(first, socket)] * 19
    assert first.connection is socket
    assert connections_of(pool) == [None, first]


def test_a_thread_that_answers_nobody_has_a_connection_of_its_own(pool):
    def work():
        used = ask()
        used.close()
        return used

    assert in_thread(work) is not in_thread(work)
    assert connections_of(pool) == [None, None]


def test_there_are_so_many_and_the_next_one_waits(pool):
    taken, go_on = threading.Barrier(3), threading.Event()

    def hold():
        with pool.answering():
            used = ask()
            taken.wait(TIMEOUT)
            assert go_on.wait(TIMEOUT)
        return used

    def take():
        with pool.answering():
            return ask()

    with ThreadPoolExecutor(3) as threads:
        holding = [threads.submit(hold) for _ in range(2)]
        taken.wait(TIMEOUT)
        waiting = threads.submit(take)
        assert not waiting.done()
        go_on.set()
        assert waiting.result(TIMEOUT) in {future.result(TIMEOUT) for future in holding}


def test_who_waits_too_long_is_told_to_come_back(pool, monkeypatch, client):
    monkeypatch.setattr(pools, "PATIENCE", 0.05)

    def take():
        with pool.answering():
            ask()

    for _ in range(2):
        pool.permits.get()
    with pytest.raises(OperationalError, match="all connections are in use"):
        in_thread(take)
    asked = in_thread(lambda: called(client, Phone("0" * 40)))
    assert asked == ("503 Service Unavailable", b'{"queryErr": "Server Error"}')
    for _ in range(2):
        pool.permits.put(None)
    in_thread(take)


def called(client, phone):
    """Ask the application for a seller's info, as the server would."""
    body = f"query=info&sessionKey={phone.session_key}".encode()
    request = client._base_environ(REQUEST_METHOD="POST", CONTENT_LENGTH=str(len(body)))
    request |= {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    statuses = []
    response = wsgi.application(request, lambda status, headers: statuses.append(status))
    return statuses[0], b"".join(response)


def test_who_waits_for_somebody_elses_server_holds_none(pool):
    def answer():
        with pool.answering():
            first = ask()
            pool.give_back()
            assert connections_of(pool) == [None, first]
            return first, ask()

    first, second = in_thread(answer)
    assert first is second
    assert connections_of(pool) == [None, first]


@pytest.mark.mariadb
def test_a_connection_that_broke_is_opened_anew(pool, monkeypatch):
    def answer():
        with pool.answering():
            return ask()

    monkeypatch.setattr(pools, "FRESH", 0)  # it has rested long enough to be asked
    used = in_thread(answer)
    socket = used.connection
    with connection.cursor() as cursor:
        cursor.execute(f"KILL {socket.thread_id()}")
    assert in_thread(answer) is used
    assert used.connection is not socket


def test_a_thread_takes_a_connection_anew_for_each_request(pool):
    """What Django knew of the last one is somebody else's by then."""

    def answer_twice():
        left = []
        for _ in range(2):
            with pool.answering():
                ask()
                left.append(pool.permits.qsize())
        return left

    assert in_thread(answer_twice) == [1, 1]


@pytest.mark.parametrize("django_first", [False, True])
def test_compiled_statements_and_django_share_a_threads_connection(pool, django_first):
    def answer():
        with pool.answering():
            if django_first:
                ask()
            own = pools.own_connection()
            with transaction.atomic():
                return own, own.in_atomic_block, ask(), pools.own_connection()

    own, in_atomic_block, *others = in_thread(answer)
    assert in_atomic_block
    assert others == [own, own]
    assert connections_of(pool) == [None, own]
    assert in_thread(answer)[0] is own
    assert pool.permits.qsize() == 2


def test_nothing_of_a_transaction_is_left_to_the_next_one(pool):
    def fail():
        with pool.answering(), transaction.atomic():
            ask()
            raise ValueError("sold out")

    def answer():
        with pool.answering():
            return ask().in_atomic_block

    with pytest.raises(ValueError, match="sold out"):
        in_thread(fail)
    assert not in_thread(answer)


def test_a_file_is_made_with_a_connection_that_is_given_back_at_its_end(pool):
    def rows():
        for _ in range(3):
            yield str(id(ask()))

    def read(parts):
        response = wsgi.streamed(StreamingHttpResponse(rows()))
        used = {next(response) for _ in range(parts)}
        held = connections_of(pool).count(None)
        response.close()
        return len(used), held

    assert connections_of(pool) == [None, None]
    for parts in (3, 1):  # to the end; and as far as somebody who hangs up
        assert in_thread(lambda parts=parts: read(parts)) == (1, 1)
        assert pool.permits.qsize() == len(pool.idle) == 2


def test_threads_that_may_not_wait_leave_the_others_to_do_so(pool):
    """One of them has a connection, and the next is told to hand its request over before it has begun anything."""
    asked, go_on = threading.Event(), threading.Event()

    def hold():
        with pool.answering(may_wait=False):
            ask()
            asked.set()
            go_on.wait(TIMEOUT)

    def answer(may_wait):
        with pool.answering(may_wait=may_wait):
            return ask()

    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(hold)
        asked.wait(TIMEOUT)
        with pytest.raises(MustWait):
            in_thread(lambda: answer(may_wait=False))
        assert in_thread(lambda: answer(may_wait=True))
        go_on.set()
        held.result(TIMEOUT)
    assert in_thread(lambda: answer(may_wait=False))
    assert pool.permits.qsize() == len(pool.idle) == 2


def test_a_query_that_has_to_wait_for_a_connection_is_answered_by_a_thread_that_may(pool, ma, noodles):
    """It leaves nothing behind where it was asked first."""
    body = urlencode({"query": "fetch", "sessionKey": ma.session_key}).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    handed_over = []

    def later(make):
        handed_over.append(make)
        return []

    ma("note")  # the session is known
    pool.quick.get()  # as if another thread had it
    in_thread(lambda: wsgi.application({**environ, "callme.later": later}, lambda status, headers: None))
    (make,) = handed_over
    (answer,) = in_thread(make)
    assert json.loads(answer) == {"fetchSuccess": "success", "marchSn": 1}
    assert pool.permits.qsize() == 2
    assert versions.current(versions.orders_of(noodles.pk))  # no change is left under way
