"""What is kept on over changes of this process: no other change may be overlooked."""

import threading
import time

import pytest

from callme_site.storage.caches import FollowedCache
from callme_site.storage.versions import EVERYTHING, PERIOD, current, version_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache():
    cache = FollowedCache(most=10)
    cache.set("stall", current(7), 1)
    return cache


def begin(cache, then=lambda value: value + 1):
    return version_file().begin(7, follow=lambda number, ended: cache.follow("stall", number, then if ended else None))


def test_it_is_kept_on_while_a_change_is_under_way_and_after_it(cache):
    change = begin(cache)
    assert cache.followed("stall")[1] == 1
    assert cache.get("stall", current(7)) is None
    change.end()
    assert cache.followed("stall") == (current(7), 2)
    assert cache.get("stall", current(7)) == 2


def test_a_change_that_lasts_and_is_renewed_is_followed(cache, monkeypatch):
    change, began = begin(cache), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + PERIOD)
    change.renew()
    assert cache.followed("stall")[1] == 1
    change.end()
    assert cache.followed("stall") == (current(7), 2)


@pytest.mark.parametrize("version", [7, EVERYTHING])
@pytest.mark.parametrize("ended", [True, False])
def test_a_change_that_nobody_follows_ends_it_for_good(cache, version, ended):
    change = version_file().begin(version)
    if ended:
        change.end()
    assert cache.followed("stall") is None
    for _ in range(3):
        begin(cache).end()
        assert cache.followed("stall") is None


def test_a_change_whose_outcome_is_not_known_ends_it(cache):
    begin(cache, lambda value: None).end()
    assert cache.followed("stall") is None


def test_what_is_read_after_the_move_has_the_change_already(cache):
    follow = cache.follow

    def late(number, ended):
        if ended:
            cache.set("stall", ((7,), (version_file().number(EVERYTHING), number)), 100)
        follow("stall", number, (lambda value: value + 1) if ended else None)

    version_file().begin(7, follow=late).end()
    assert cache.followed("stall") == (current(7), 100)


def test_it_is_forgotten_when_no_change_is_about_to_keep_it_on(cache):
    forgetting = threading.Thread(target=cache.forget, args=["stall"])
    with version_file().lock:
        forgetting.start()
        forgetting.join(0.2)
        assert cache.followed("stall")[1] == 1
    forgetting.join()
    assert cache.followed("stall") is None


def test_where_several_hosts_serve_polls_alone_are_told(cache, settings):
    settings.MEMORY = "several-hosts"
    assert cache.followed("stall") is None
    assert cache.followed("stall", polled=True) == (current(7, polled=True), 1)
    settings.MEMORY = "off"
    assert cache.followed("stall", polled=True) is None


def test_it_is_kept_on_for_a_minute_in_all(cache, monkeypatch):
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 50)
    begin(cache).end()
    assert cache.followed("stall") == (current(7), 2)
    monkeypatch.setattr(time, "monotonic", lambda: began + 61)
    assert cache.followed("stall") is None
