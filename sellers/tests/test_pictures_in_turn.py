"""One picture is opened at a time, and few wait for it."""

import fcntl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from callme_site.testing.pictures import encoded
from sellers import pictures

SECONDS = 30  # after which a test fails instead of hanging


@contextmanager
def another_process():
    """Another process of this host has a picture open."""
    with Path(pictures.__file__).open("rb") as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        yield


def upload(_place=0):
    return pictures.as_jpeg(SimpleUploadedFile("stall.jpg", CONTENT))


CONTENT = encoded()


def wait_until_in_line(count):
    """Wait until so many stand in line."""
    for _place in range(SECONDS * 100):
        if pictures.line._value == pictures.LINE - count:
            return
        threading.Event().wait(0.01)
    raise AssertionError("they do not come")


def test_it_opens_one_after_the_other(monkeypatch):
    opened, at_once = pictures.opened, []
    inside = threading.Semaphore(1)

    def counted(content):
        at_once.append(inside.acquire(blocking=False))
        try:
            return opened(content)
        finally:
            inside.release()

    monkeypatch.setattr(pictures, "opened", counted)
    with ThreadPoolExecutor(pictures.LINE) as stalls:
        saved = list(stalls.map(upload, range(pictures.LINE)))
    assert len(set(saved)) == 1
    assert at_once == [True] * pictures.LINE


def test_it_waits_for_the_other_processes_of_the_host():
    with ThreadPoolExecutor(1) as stalls:
        with another_process():
            waiting = stalls.submit(upload)
            wait_until_in_line(1)
            assert not waiting.done()
        assert waiting.result(SECONDS).startswith(b"\xff\xd8")


def test_it_turns_away_whom_it_would_keep_waiting_for_long():
    with ThreadPoolExecutor(pictures.LINE) as stalls:
        with another_process():
            waiting = [stalls.submit(upload) for _place in range(pictures.LINE)]
            wait_until_in_line(pictures.LINE)
            with pytest.raises(pictures.Refused, match="Save Error"):
                upload()
        assert all(picture.result(SECONDS).startswith(b"\xff\xd8") for picture in waiting)
    assert upload().startswith(b"\xff\xd8")


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    with ThreadPoolExecutor(1) as stalls:
        with another_process():
            first = stalls.submit(upload)
            wait_until_in_line(1)
            while not pictures.opening.locked():
                threading.Event().wait(0.01)
            with pytest.raises(pictures.Refused, match="Save Error"):
                upload()
        assert first.result(SECONDS)


def test_a_picture_that_is_none_gives_its_turn_back():
    for _place in range(pictures.LINE + 1):
        with pytest.raises(pictures.Refused, match="Type Error"):
            pictures.as_jpeg(SimpleUploadedFile("stall.jpg", CONTENT[:200]))
    assert upload()
