"""The loop of a process that does what is due: its jobs, its threads, its end, and a database that is away."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, ProgrammingError

from callme_site.operation import worker
from callme_site.operation.worker import Worker

TIMEOUT = 10  # seconds


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(worker, "PAUSE", 0.01)
    monkeypatch.setattr(worker, "AWAY_PAUSE", 0.01)


class Source:
    """Jobs that are claimed from a list; each notes that it is done."""

    def __init__(self, *names):
        self.waiting, self.asked, self.done = list(names), [], []
        self.empty = threading.Event()

    def __call__(self, limit):
        self.asked.append(limit)
        claimed, self.waiting = self.waiting[:limit], self.waiting[limit:]
        if not claimed:
            self.empty.set()
        return [lambda name=name: self.do(name) for name in claimed]

    def do(self, name):
        self.done.append(name)


class run:
    """A worker that runs in a thread until the context ends."""

    def __init__(self, *sources, jobs=4):
        self.worker = Worker(sources, jobs)

    def __enter__(self):
        self.threads = ThreadPoolExecutor(1)
        self.running = self.threads.submit(self.worker.run)
        return self.worker

    def __exit__(self, *_):
        self.worker.stop()
        self.running.result(TIMEOUT)
        self.threads.shutdown()


def test_it_does_what_is_due_and_looks_again():
    source = Source("a", "b")
    with run(source):
        assert source.empty.wait(TIMEOUT)
        source.empty.clear()
        source.waiting.append("c")
        assert source.empty.wait(TIMEOUT)
    assert sorted(source.done) == ["a", "b", "c"]


def test_once_does_all_that_is_due_and_ends():
    source = Source(*range(20))
    assert Worker([source], jobs=3).run_once() == 20
    assert sorted(source.done) == list(range(20))
    assert max(source.asked) == 3


def test_it_claims_no_more_than_it_has_threads_for():
    go_on, begun = threading.Event(), threading.Semaphore(0)
    source = Source(*range(5))

    def do(name):
        begun.release()
        go_on.wait(TIMEOUT)
        source.done.append(name)

    source.do = do
    with run(source, jobs=2):
        for _ in range(2):
            assert begun.acquire(timeout=TIMEOUT)
        assert not begun.acquire(timeout=0.1)
        assert source.waiting == [2, 3, 4]
        go_on.set()
        assert source.empty.wait(TIMEOUT)
    assert sorted(source.done) == list(range(5))


def test_the_first_source_goes_first():
    first, second, go_on = Source("a", "b"), Source("c"), threading.Event()
    first.do = lambda name: go_on.wait(TIMEOUT)
    worker = Worker([first, second], jobs=2)
    assert worker.look() == 2
    assert second.asked == []
    go_on.set()
    while worker.free < 2:
        worker.freed.wait(0.01)
    assert worker.run_once() == 1
    assert second.done == ["c"]


def test_what_is_claimed_is_done_before_it_ends():
    go_on, begun = threading.Event(), threading.Event()
    source = Source("a")

    def do(name):
        begun.set()
        go_on.wait(TIMEOUT)
        source.done.append(name)

    source.do = do
    with run(source) as worker:
        assert begun.wait(TIMEOUT)
        worker.stop()
        go_on.set()
    assert source.done == ["a"]


def test_a_job_that_fails_is_logged_and_ends_nothing(caplog):
    source = Source("bad", "good")
    good = source.do

    def do(name):
        if name == "bad":
            raise RuntimeError("a bad job")
        good(name)

    source.do = do
    with run(source, jobs=1):
        assert source.empty.wait(TIMEOUT)
    assert source.done == ["good"]
    assert [record.getMessage() for record in caplog.records] == ["job_failed"]


def test_a_database_that_is_away_is_logged_once_and_waited_for(caplog):
    caplog.set_level("INFO")
    source, errors = Source("a"), iter([OperationalError(2002, "away")] * 3)

    def claim(limit):
        for error in errors:
            raise error
        return source(limit)

    with run(claim):
        assert source.empty.wait(TIMEOUT)
    assert source.done == ["a"]
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["worker_database_away error=OperationalError", "worker_database_back"]


def test_a_database_without_our_tables_ends_it():
    def claim(limit):
        raise ProgrammingError(1146, "no such table")

    with pytest.raises(ProgrammingError):
        Worker([claim]).run()
