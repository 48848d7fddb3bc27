"""What a process keeps is told by the others that it has changed: real processes, one of which dies at a bad moment."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import time_machine
from django.db import transaction

from callme_site.checks import check_versions_file
from callme_site.storage import versions
from callme_site.storage.versions import SELLERS, changing, current
from callme_site.testing.serving import machine_on, own_database

committing = pytest.mark.django_db(transaction=True)

# A process of its own, whose leases are as short as argv says: it makes so many changes of version 3, then does what it
# is told.
CHANGE = """
import os, sys, time
from callme_site.storage import versions
versions.PERIOD = float(sys.argv[2])
file = versions.VersionFile(sys.argv[1])
for _ in range(int(sys.argv[3])):
    change = file.begin(3)
    if sys.argv[4] == "die":
        os.kill(os.getpid(), 9)
    if sys.argv[4] == "stay":
        print("begun", flush=True)
        sys.stdin.read()
    change.end()
"""


@pytest.fixture
def file(tmp_path):
    return versions.VersionFile(str(tmp_path / "versions"))


def start(tmp_path, times, then="go on", period=versions.PERIOD, **pipes):
    command = [sys.executable, "-c", CHANGE, str(tmp_path / "versions"), str(period), str(times), then]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "callme_site.testing.settings"}
    return subprocess.Popen(command, env=environment, **pipes)


@pytest.fixture
def later(monkeypatch):
    """Let so many seconds pass."""
    now = time.monotonic()

    def wait(seconds):
        nonlocal now
        now += seconds
        monkeypatch.setattr(versions.time, "monotonic", lambda: now)

    wait(0)
    return wait


def test_no_change_of_many_processes_is_lost(file, tmp_path):
    processes = [start(tmp_path, 2000) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert file.version(3) == 16000
    assert file.version(4) == 0


def test_what_a_dead_process_was_changing_is_kept_again_within_a_minute(file, tmp_path, later):
    later(0)
    assert start(tmp_path, 1, "die").wait(60) == -9
    assert (file.version(3), file.version(4)) == (None, 0)
    later(44)
    assert file.version(3) is None
    later(16)
    assert file.version(3) == 1  # another than before: the change may have taken effect


def test_it_is_kept_again_though_others_go_on_changing_it(file, later):
    file.begin(3)  # nobody holds this change
    for second in range(60):
        assert file.version(3) is None or second >= 45
        later(1)
        file.begin(3).end()
    assert file.version(3) == 121


def test_a_change_that_takes_an_hour_is_under_way_for_an_hour(file, later):
    hour, moment = file.begin(3), file.begin(4)
    moment.end()
    for _ in range(720):
        later(5)
        versions.renew_all()
        assert (file.version(3), file.version(4)) == (None, 2)
    hour.end()
    assert file.version(3) is not None


def test_a_process_renews_what_it_has_under_way_as_long_as_it_lives(monkeypatch, file, tmp_path):
    monkeypatch.setattr(versions, "PERIOD", 1.0)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with start(tmp_path, 1, "stay", period=1.0, **pipes) as process:
        assert process.stdout.readline() == b"begun\n"
        until = time.monotonic() + 6  # longer than a lease lasts
        while time.monotonic() < until:
            assert file.version(3) is None
            time.sleep(0.05)
        process.kill()
    until = time.monotonic() + 60
    while file.version(3) is None:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_renewal_does_not_bring_back_what_has_ended(file, later):
    change = file.begin(3)
    change.end()
    later(15)
    change.renew()
    change.end()
    assert file.version(3) == 2


def test_leases_from_before_the_machine_was_started_anew_do_not_count(file, later):
    later(10**6)
    file.begin(3)
    later(-(10**6))
    assert file.version(3) == 1


def is_known(version=SELLERS):
    return current(version) is not None


@committing
def test_a_change_ends_with_the_commit_that_it_is_part_of():
    before = current(SELLERS)
    with transaction.atomic():
        with transaction.atomic(), changing(SELLERS):
            pass
        assert not is_known()
        assert is_known(versions.EVERYTHING)
    assert is_known()
    assert current(SELLERS) != before


@committing
@pytest.mark.parametrize("error", [None, ValueError()], ids=["no error", "an error inside"])
def test_what_is_taken_back_by_somebody_elses_transaction_is_kept_again_within_a_minute(later, error):
    with pytest.raises(RuntimeError), transaction.atomic():
        try:
            with changing(SELLERS):
                if error:
                    raise error
        except ValueError:
            pass
        raise RuntimeError
    assert not is_known()
    for _ in range(12):
        later(5)
        versions.renew_all()
    assert is_known()


@committing
def test_what_is_taken_back_to_a_savepoint_is_kept_again_within_a_minute(later):
    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic(), changing(SELLERS):
            raise RuntimeError
        for _ in range(12):
            later(5)
            versions.renew_all()
        assert is_known()


@committing
def test_a_long_transaction_of_somebody_else_is_waited_for(later):
    with transaction.atomic():
        with changing(SELLERS):
            pass
        for _ in range(60):
            later(5)
            versions.renew_all()
            assert not is_known()
    assert is_known()


@committing
def test_who_looks_first_announces_what_it_then_changes():
    before = current(SELLERS)
    with changing() as announce, transaction.atomic():
        assert current(SELLERS) == before
        announce(SELLERS)
        assert not is_known()
    assert is_known()
    with changing():
        pass
    assert current(SELLERS)[1][1] == before[1][1] + 2


def test_sellers_and_sessions_disturb_each_other_rarely():
    assert len({versions.orders_of(seller) for seller in range(1, 2001)}) == 2000
    orders = {versions.orders_of(seller) for seller in range(10_000)}
    sessions = {versions.session_of(f"{place:08x}") for place in range(10_000)}
    assert len(sessions) == 1024
    assert not (orders & sessions or (orders | sessions) & {versions.EVERYTHING, versions.SELLERS})
    assert max(orders | sessions) < versions.COUNT


@pytest.fixture
def place(settings, tmp_path):
    """Where the shared file is to lie, as if it had not been opened yet."""
    settings.VERSIONS_FILE = tmp_path / "versions"
    versions.opened_once.cache_clear()
    yield settings.VERSIONS_FILE
    versions.opened_once.cache_clear()


def refused(reason, place):
    (error,) = check_versions_file()
    return (error.id, error.msg) == ("callme.E007", f"无法写入 {place}：{reason}。")


def test_a_file_that_cannot_be_written_stops_the_start(settings, place):
    settings.VERSIONS_FILE = place / "not there" / "versions"
    assert refused("No such file or directory", settings.VERSIONS_FILE)


def by_a_link(place):
    (place.parent / "mine").write_text("")
    place.symlink_to("mine")


def by_a_second_name(place):
    (place.parent / "mine").write_text("")
    place.hardlink_to(place.parent / "mine")


def for_everybody_to_write(place):
    place.write_text("")
    place.chmod(0o666)


@pytest.mark.parametrize("laid", [by_a_link, by_a_second_name, for_everybody_to_write], ids=lambda laid: laid.__name__)
def test_what_a_stranger_may_have_laid_there_is_left_alone(place, laid):
    laid(place)
    reason = "Too many levels of symbolic links" if laid is by_a_link else "Operation not permitted"
    assert refused(reason, place)
    assert place.stat().st_size == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away, as root alone can")
@pytest.mark.parametrize(
    ("user", "group", "ours"),
    [
        (1001, 1001, False),  # a stranger's
        (1001, 1000, True),  # of another user of our group
        (1000, 1001, True),
        (0, 1001, True),
    ],
)
def test_it_takes_a_file_of_its_user_its_group_or_root(place, user, group, ours):
    place.write_text("")
    os.chown(place, user, group)
    script = (
        "import os, sys; from callme_site.storage import versions; file = os.stat(sys.argv[1]);"
        " os.setgid(1000); os.setuid(1000); print(versions.is_ours(file))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "callme_site.testing.settings"}
    result = subprocess.run([sys.executable, "-c", script, place], env=environment, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == (f"{ours}\n", "")


def test_group_and_user_may_write_it_whatever_the_umask(place):
    umask = os.umask(0o077)
    try:
        versions.version_file()
    finally:
        os.umask(umask)
    assert place.stat().st_mode & 0o777 == 0o660
    assert place.stat().st_blocks * 512 >= versions.COUNT * versions.SIZE  # no hole for which there is no room later


def test_a_file_that_was_taken_away_is_made_anew_and_nothing_is_known_that_was_kept(place, later):
    before = current(SELLERS)
    place.unlink()
    other = versions.VersionFile(str(place))  # another process was faster
    later(1)
    assert current(SELLERS) != before
    with changing(SELLERS):
        assert other.version(SELLERS) is None
        place.unlink()
    with changing(SELLERS):
        assert versions.VersionFile(str(place)).version(SELLERS) is None


@contextmanager
def two_checkouts(folder: Path) -> Iterator[list]:
    """Two servers of one database, each from a checkout of its own."""
    with own_database(folder) as url:
        for name in ("old", "new"):
            (folder / name).mkdir()
        with machine_on(folder / "old", url) as old, machine_on(folder / "new", url) as new:
            yield [old, new]


def test_a_new_file_is_another_one_though_the_clock_stands_still(place):
    with time_machine.travel(0, tick=False):
        before = versions.VersionFile(str(place)).version(versions.EVERYTHING)
        place.unlink()
        assert versions.VersionFile(str(place)).version(versions.EVERYTHING) != before


def test_two_checkouts_of_one_database_see_each_others_changes_at_once(tmp_path):
    with two_checkouts(tmp_path) as (old, new):
        here, there = old.start(), new.start()
        stall = here.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        student = here.ask("login", code="sandbox-li")["sessionKey"]

        def answers(number):
            return {poll_many(server.url, student, number) for server in (here, there)}

        for number, server in enumerate([here, there, here, there], start=1):
            server.ask("fetch", stall)
            assert answers(number) == {("fail",)}
            server.ask("call", stall, marchSn=number)
            assert answers(number) == {("success",)}
        new.manage("shell", "-v0", "-c", ABANDON)
        new.manage("close_stale_orders")
        assert answers(1) == answers(4) == {("fail",)}


def poll_many(url, student, number):
    """Poll over new connections, which come to all workers; return the different answers."""
    poll = {"query": "hungry", "sessionKey": student, "sellerId": 1, "marchSn": number}
    with ThreadPoolExecutor(8) as phones:
        answers = phones.map(lambda _: requests.post(url, poll, timeout=20).json()["hungrySuccess"], range(40))
    return tuple(sorted(set(answers)))


def test_every_worker_and_command_sees_a_change_at_once(machine):
    """bin/serve has as many workers as the machine has cores, and each has kept "not ready"."""
    server = machine.start()
    stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
    student = server.ask("login", code="sandbox-li")["sessionKey"]
    for number in range(1, 6):
        assert server.ask("fetch", stall) == {"fetchSuccess": "success", "marchSn": number}
        server.ask("push", student, sellerId=1, marchSn=number, noteContent="面")
        assert poll_many(server.url, student, number) == ("fail",)
        server.ask("call", stall, marchSn=number)
        assert poll_many(server.url, student, number) == ("success",)
    machine.manage("shell", "-v0", "-c", ABANDON)
    machine.manage("close_stale_orders")
    assert poll_many(server.url, student, 1) == poll_many(server.url, student, 5) == ("fail",)


ABANDON = """
from datetime import timedelta
from django.utils import timezone
from queueing.models import Order
Order.objects.update(taken_at=timezone.now() - timedelta(hours=13))
"""


@committing
def test_it_is_known_whether_somebody_else_has_announced_a_change_since(settings):
    before = current(7)
    with changing(7):
        assert versions.nobody_else_since(before)
        # Of what is not asked about.
        with changing(8):
            assert versions.nobody_else_since(before)
        assert current(7) is None
        assert not versions.nobody_else_since(current(7))
        with changing(7):
            assert not versions.nobody_else_since(before)
        assert not versions.nobody_else_since(before)
    assert not versions.nobody_else_since(before)
    before = current(7)
    with changing(7), changing(versions.EVERYTHING):
        assert not versions.nobody_else_since(before)
    settings.MEMORY = "several-hosts"
    with changing(7):
        assert not versions.nobody_else_since(current(7))
