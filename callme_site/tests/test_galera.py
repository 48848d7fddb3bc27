"""Two servers on two nodes of a Galera cluster: its row locks do not reach across nodes, and its nodes lag and die."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import cycle
from uuid import uuid4

import pytest
import requests
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.utils import ConnectionHandler

from accounts.models import Session
from callme_site import settings as project
from callme_site.storage import retries
from callme_site.storage.statements import Insert
from callme_site.testing.announced import unannounced
from callme_site.testing.cluster import GaleraCluster, missing
from callme_site.testing.racing import meet_before, race, read_then_save, unretried, without_constraint
from callme_site.testing.rush import Rush
from callme_site.testing.serving import Machine, Serving
from conftest import make_seller
from queueing import taking
from queueing.models import NoSuchNumber, Order
from sellers.models import Seller, SellerQuerySet
from sellers.records import BalanceEntry

pytestmark = pytest.mark.faults

SECONDS = 60  # after which something that should come about does not
TELEPHONE = "13700000001"


@pytest.fixture(scope="module")
def cluster() -> Iterator[GaleraCluster]:
    if lacking := missing():
        pytest.skip(f"needs a Galera cluster: apt-get install {lacking}")
    with GaleraCluster() as cluster:
        yield cluster


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


# Threads of this process, by turns on the first node and on the second.


@pytest.fixture(scope="module")
def migrated(cluster, django_db_blocker) -> Iterator[list[ConnectionHandler]]:
    """The nodes, on a database of these tests, as Django sees them."""
    cluster.nodes[0].ask("CREATE DATABASE races CHARACTER SET utf8mb4")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(project, "GALERA", True)
        nodes = [ConnectionHandler({"default": project.database(node.url("races"))}) for node in cluster.nodes[:2]]
        before = connections["default"]
        connections["default"] = nodes[0].create_connection("default")
        call_command("migrate", verbosity=0)
        yield nodes
        connection.close()
        connections["default"] = before


@pytest.fixture
def nodes(migrated, monkeypatch) -> None:
    """Give this thread the first node, and each new thread the next one."""
    turns = cycle(migrated)
    monkeypatch.setattr(connections, "create_connection", lambda alias: next(turns).create_connection(alias))


@pytest.fixture
def stall(nodes) -> Iterator[Seller]:
    yield make_seller(TELEPHONE, person=person("ma"))
    with unannounced():
        Order.objects.all().delete()
        BalanceEntry.objects.all().delete()
        Seller.objects.all().delete()


@pytest.fixture
def conflicts(monkeypatch) -> Counter[int]:
    """How often the database chose somebody as the loser, by error code."""
    codes: Counter[int] = Counter()
    is_conflict = retries.is_conflict

    def count(error):
        codes[error.args[0]] += 1
        return is_conflict(error)

    monkeypatch.setattr(retries, "is_conflict", count)
    return codes


def person(name):
    return Session.objects.start(f"openid-of-{name}", "session-key", "buyer")[1]


def test_no_number_is_handed_out_twice(stall, conflicts):
    taken = race(*[partial(taking.take, stall)] * 12)
    assert sorted(one.number for one in taken) == list(range(1, 13))
    assert conflicts[1213]


def test_the_loser_of_a_number_takes_the_next_one(stall, conflicts, monkeypatch):
    meet_before(monkeypatch, Insert, "run", parties=2)
    taken = race(*[partial(taking.take, stall)] * 2)
    assert sorted(one.number for one in taken) == [1, 2]
    assert sum(conflicts.values()) == 1


def test_the_loser_of_a_number_fails_without_retry(stall, monkeypatch):
    meet_before(monkeypatch, Insert, "run", parties=2)
    outcomes = race(*[partial(unannounced()(taking.take_lowest), stall)] * 2)
    (failed,) = [outcome for outcome in outcomes if not isinstance(outcome, taking.Taken)]
    # The first at COMMIT, the second where the insertion comes late enough to find the other's.
    assert failed.args[0] in (1213, 1062)


def test_the_lock_alone_hands_a_number_out_twice(stall, monkeypatch):
    meet_before(monkeypatch, Insert, "run", parties=2)
    with without_constraint(Order, "one_live_order_a_number"):
        assert [one.number for one in race(*[partial(taking.take, stall)] * 2)] == [1, 1]


def bind_by(students, stall):
    """Let the students push for number 1 at once; return who got it, or why not."""
    return race(*[partial(Order.objects.bind, stall.pk, 1, student, "") for student in students])


def test_one_of_twenty_students_gets_the_number(stall):
    students = [person(f"student-{place}") for place in range(20)]
    for _ in range(3):
        with unannounced():
            Order.objects.all().delete()
        taking.take(stall)
        outcomes = bind_by(students, stall)
        assert Counter(map(repr, outcomes)) == {"None": 1, "NumberTaken()": 19}
        assert Order.objects.get().buyer == students[outcomes.index(None)]


def test_both_of_two_students_get_the_number_with_read_then_save(stall, monkeypatch):
    """Where both save at the same moment the cluster refuses one, who reads again; so they get some tries."""
    students = [person(f"student-{place}") for place in range(2)]
    outcomes = []
    while [None, None] not in outcomes and len(outcomes) < 20:
        with unannounced():
            Order.objects.all().delete()
        taking.take(stall)
        read_then_save(monkeypatch, parties=2)
        outcomes.append(bind_by(students, stall))
    assert outcomes[-1] == [None, None]


def test_a_student_who_pushes_at_two_nodes_gets_five_numbers(stall):
    li = person("li")
    numbers = [taking.take(stall).number for _ in range(12)]
    outcomes = race(*[partial(Order.objects.bind, stall.pk, number, li, "") for number in numbers])
    assert Counter(map(repr, outcomes)) == {"None": 5, "TooManyOrders()": 7}


def test_an_order_is_ended_once_and_called_by_all(stall):
    for _ in range(3):
        with unannounced():
            Order.objects.all().delete()
        taking.take(stall)
        assert race(*[partial(Order.objects.call, stall, 1)] * 8) == [None] * 8
        end = partial(Order.objects.end_all, [Order.objects.get().pk])
        assert sorted(race(*[end] * 8)) == [0] * 7 + [1]


def test_clearing_ends_no_order_that_was_bound_meanwhile(stall):
    li = person("li")
    numbers = [taking.take(stall).number for _ in range(5)]
    pushes = [partial(Order.objects.bind, stall.pk, number, li, "") for number in numbers]
    *outcomes, cleared = race(*pushes, partial(Order.objects.clear, stall))
    assert cleared is None
    assert {type(outcome) for outcome in outcomes} <= {type(None), NoSuchNumber}
    assert list(Order.objects.order_by("number").values_list("live_number", "buyer")) == [
        (number, li.pk) if outcome is None else (None, None) for number, outcome in zip(numbers, outcomes, strict=True)
    ]


def test_every_renewal_counts(stall, conflicts):
    outcomes = race(*[partial(Seller.objects.renew, TELEPHONE, 1, None)] * 20)
    assert {type(outcome) for outcome in outcomes} == {Seller}
    stall.refresh_from_db()
    assert (stall.months, stall.entries.count()) == (3 + 20, 1 + 20)
    assert conflicts[1213]


def test_a_stall_that_is_new_at_both_nodes_is_one(stall):
    outcomes = race(*[partial(Seller.objects.renew, "13700000002", 1, None)] * 2)
    assert {type(outcome) for outcome in outcomes} == {Seller}
    assert Seller.objects.get(telephone="13700000002").months == 2


@pytest.fixture
def overdue(stall) -> Seller:
    """A stall that no month has been charged to since 2020."""
    due = {"on_duty_since": date(2020, 1, 5), "next_charge_on": date(2020, 2, 5)}
    with unannounced():
        Seller.objects.filter(pk=stall.pk).update(months=200, **due)
    return stall


def test_each_due_month_is_charged_once(overdue, monkeypatch):
    charge = partial(Seller.objects.charge, overdue.pk)
    meet_before(monkeypatch, Seller, "charge_due", parties=2)
    charged = race(charge, charge)
    assert min(charged) == 0
    assert overdue.entries.filter(kind="charge").count() == max(charged) > 60


def test_charging_fails_at_one_node_without_retry(overdue, monkeypatch):
    unretried(monkeypatch, SellerQuerySet, "charge")
    meet_before(monkeypatch, Seller, "charge_due", parties=2)
    outcomes = race(*[partial(Seller.objects.charge, overdue.pk)] * 2)
    assert Counter(map(type, outcomes)) == {int: 1, OperationalError: 1}


# Two servers, each on a node of its own.


def machine_on(folder, node, **environment) -> Machine:
    machine = Machine(folder, node.url())
    machine.settings |= environment
    return machine


@pytest.fixture(scope="module")
def servers(cluster, tmp_path_factory) -> Iterator[list[Serving]]:
    """A server on the first node and one on the second."""
    machines = []
    try:
        for node in cluster.nodes[:2]:
            machines.append(machine_on(tmp_path_factory.mktemp("server"), node, GALERA="on"))
            machines[-1].start()
        yield [machine.runs[0] for machine in machines]
    finally:
        for machine in machines:
            machine.stop()


@pytest.fixture
def forgetful(cluster, tmp_path) -> Iterator[Serving]:
    """A server on the second node that does not wait for it to catch up."""
    machine = machine_on(tmp_path, cluster.nodes[1])
    try:
        yield machine.start()
    finally:
        machine.stop()


def login(server, name, isseller="no"):
    return server.ask("login", isseller=isseller, code=f"sandbox-{name}-{uuid4().hex}")["sessionKey"]


def read_at_the_other(node, here: Serving, there: Serving) -> list[dict]:
    """Write here, then read there, whose node has not applied that yet; return what is read.

    The node catches up as soon as the reader has waited for it, or has its answer.
    """

    def read(write: Callable[[], str], query: str, **fields: object) -> dict:
        with ThreadPoolExecutor(1) as threads:
            with node.lagging():
                session_key = write()
                reading = threads.submit(there.ask, query, session_key, **fields)
                wait_until(lambda: reading.done() or node.keeps_waiting())
            return reading.result()

    def push() -> str:
        assert here.ask("push", li, **order, noteContent="") == {"pushSuccess": "success"}
        return li

    def call() -> str:
        assert here.ask("call", ma, marchSn=order["marchSn"]) == {"callSuccess": "success"}
        return li

    ma, li = login(here, "stall1", "yes"), login(here, f"li-{uuid4().hex}")
    order = {"sellerId": here.ask("note", ma)["sellerId"], "marchSn": here.ask("fetch", ma)["marchSn"]}
    seen = [
        read(lambda: login(here, f"wang-{uuid4().hex}"), "hungry", **order),
        read(push, "menu", sellerId=order["sellerId"]),
        read(call, "hungry", **order),
    ]
    here.ask("done", ma, isseller="yes", marchSn=order["marchSn"])
    return [seen[0], seen[1]["takenFlag"], seen[2]]


NOT_READY = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}


def test_a_server_reads_what_was_written_at_the_other(cluster, servers):
    assert read_at_the_other(cluster.nodes[1], *servers) == [NOT_READY, "success", {"hungrySuccess": "success"}]


def test_a_server_reads_what_was_before_without_the_setting(cluster, servers, forgetful):
    read = read_at_the_other(cluster.nodes[1], servers[0], forgetful)
    assert read == [{"queryErr": "Session Time Out"}, "fail", {**NOT_READY, "ahead": 0, "retryAfter": 2}]


def is_healthy(server: Serving) -> bool:
    response = requests.get(f"{server.url}/health", timeout=SECONDS)
    assert response.status_code in (200, 503)
    return response.status_code == 200


def assert_away(server: Serving, session_key: str) -> None:
    """Make sure that the server tells phones to wait, whatever they ask."""
    code = f"sandbox-li-{uuid4().hex}"
    for fields in ({"query": "note"}, {"query": "fetch"}, {"query": "login", "code": code, "isseller": "no"}):
        response = requests.post(server.url, {"sessionKey": session_key, **fields}, timeout=SECONDS)
        assert (response.status_code, response.json()) == (503, {"queryErr": "Server Error"})
        assert response.headers["Retry-After"] == "3"


def test_nothing_is_lost_when_a_node_dies_in_the_rush(cluster, servers):
    (first, second, _), (here, there) = cluster.nodes, servers
    rush = Rush(here.url, there.url)
    for place, (_, at_stall, student) in enumerate(rush.hands):
        # Stall and student at different servers, and each stall at both.
        phone = at_stall if place % 2 else student
        phone.url = next(phone.urls)
    with rush:
        rush.goes_on()
        second.kill()
        rush.goes_on()
        assert_away(there, rush.staff.session_key)
        assert not is_healthy(there)
        second.start()
        second.wait_until_ready()
        wait_until(lambda: is_healthy(there))
        rush.goes_on()
        assert there.ask("seller_list", rush.staff.session_key)["seller_listSuccess"] == "success"
    assert rush.unanswered
    for node in (first, second):
        rush.check(node.url())


def test_a_node_that_has_lost_the_others_sends_phones_away(cluster, servers):
    (_, second, _), (here, there) = cluster.nodes, servers
    ma = login(here, "stall2", "yes")
    numbers = [here.ask("fetch", ma)["marchSn"] for _ in range(8)]
    with second.isolated(), ThreadPoolExecutor(len(numbers)) as phones:

        def call_until_away(number):
            """Return how the server has answered, up to the first 503."""
            statuses, call = [], {"query": "call", "sessionKey": ma, "marchSn": number}
            while statuses[-1:] != [503]:
                statuses.append(requests.post(there.url, call, timeout=SECONDS).status_code)
            return statuses

        assert {status for statuses in phones.map(call_until_away, numbers) for status in statuses} <= {200, 503}
        wait_until(lambda: not is_healthy(there))
        assert_away(there, ma)
        assert here.ask("call", ma, marchSn=numbers[0]) == {"callSuccess": "success"}
    wait_until(lambda: is_healthy(there))
    assert there.ask("call", ma, marchSn=numbers[0]) == {"callSuccess": "success"}
