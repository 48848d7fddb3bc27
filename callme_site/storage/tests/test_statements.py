"""A statement that is compiled once does what its queryset would, for whatever values."""

import inspect
from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import CharField, DateTimeField
from django.test.utils import CaptureQueriesContext

from accounts import models as people
from accounts.models import Session
from callme_site.storage.statements import Insert, Parameter, Select, Update, inlined, rows_together
from callme_site.testing.announced import unannounced
from queueing import calls, outbox, polls, queries, readiness, taking, uncollected, undo, waiting
from queueing import models as orders
from queueing.models import Order
from sellers import queries as sellers_queries
from sellers import sessions

pytestmark = pytest.mark.django_db

LONG_AGO, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
SELECTS = {
    name: statement
    for module in (
        *(people, orders, calls, outbox, polls, queries, readiness, taking, uncollected, undo, waiting),
        *(sellers_queries, sessions),
    )
    for name, statement in inspect.getmembers(module, lambda value: isinstance(value, Select))
}


@pytest.fixture
def lunch(settings, ma, li, wang, noodles):
    """Numbers 1 to 5: taken, bound, called, called and nobody's with a claim, ended twice."""
    settings.REST_MINUTES = 0
    for number in range(1, 6):
        ma("fetch")
        if number in (2, 3, 5):
            li("push", sellerId=noodles.pk, marchSn=number, noteContent="不要辣")
        if number > 2:
            ma("call", marchSn=number)
    ma("done", isseller="yes", marchSn=5)
    ma("fetch")
    ma("done", isseller="yes", marchSn=5)
    Order.objects.filter(number=4).update(claim="0047")
    with unannounced():
        Session.objects.update(openid="kept")
    Order.objects.filter(number=2).update(message="due", message_at=LONG_AGO)
    Order.objects.filter(number=3).update(message="sending", message_at=LONG_AGO)


def rows_of_the_queryset(statement, values):
    """Return the rows of the queryset with the values in the place of the parameters, as the ORM brings them."""
    sql, parameters = statement.build().query.sql_with_params()
    given = [part.value(values, connection) if isinstance(part, Parameter) else part for part in parameters]

    def fill(execute, _sql, _parameters, many, context):
        return execute(sql, given, many, context)

    with connection.execute_wrapper(fill):
        return [tuple(row) for row in statement.build()]


def values_for(seller, number, buyer, digest):
    """Return a value for every Parameter that there is."""
    values = {"seller": seller, "number": number, "buyer": buyer, "digest": digest, "person": buyer, "app": "buyer"}
    values |= dict.fromkeys(("after", "since", "begin"), LONG_AGO)
    values |= dict.fromkeys(("until", "end", "called_by"), LATE)
    values |= {"now": Order.objects.get(live_number=3).last_called_at}
    return values | dict.fromkeys((parameter.name for parameter in calls.SEVERAL), number)


@pytest.mark.parametrize("name", SELECTS)
def test_it_gives_the_rows_that_its_queryset_gives(name, lunch, li, wang, noodles):
    found = 0
    digests = [Session.objects.get(person=person.person).digest for person in (li, wang)]
    for seller, number, buyer, digest in product(
        (noodles.pk, 0), range(1, 6), (li.person.pk, wang.person.pk, 0), (*digests, "none")
    ):
        values = values_for(seller, number, buyer, digest)
        rows = [tuple(row) for row in SELECTS[name].rows(**values)]
        assert rows == rows_of_the_queryset(SELECTS[name], values)
        found += len(rows)
    assert found


def sessions_since(digest, after):
    return Session.objects.filter(digest=digest, started_at__gt=after).values_list("person", "started_at")


def test_it_is_compiled_once(li):
    statement = Select(lambda: sessions_since(Parameter("digest", CharField()), Parameter("after", DateTimeField())))
    begun = Session.objects.get(person=li.person)
    statement.row(digest=begun.digest, after=LATE)
    statement.build = None  # it would be called again
    with CaptureQueriesContext(connection) as statements:
        assert statement.row(digest=begun.digest, after=LONG_AGO) == [li.person.pk, begun.started_at]
        assert statement.row(digest="none", after=LONG_AGO) is None
    assert len(statements) == 2


def test_an_update_sets_what_a_querysets_update_sets(lunch):
    note, number = Parameter("note", CharField()), Parameter("number", models.BigIntegerField())
    update = Update(lambda: (Order.objects.filter(number=number), {"note": note, "bound_at": models.F("taken_at")}))
    with unannounced():
        assert update.run(number=1, note="%s 'x'") == 1
        assert update.run(number=2, note="") == 1
        assert update.run(number=9, note="") == 0
    taken = Order.objects.live().values_list("number", "note", "bound_at")
    assert {(number, note) for number, note, _ in taken} == {(1, "%s 'x'"), (2, ""), (3, "不要辣"), (4, "")}
    assert Order.objects.filter(bound_at=models.F("taken_at")).count() == 2


def test_an_insert_puts_in_the_row_of_its_instance(lunch, noodles):
    number, now = Parameter("number", models.BigIntegerField()), Parameter("now", DateTimeField())
    insert = Insert(lambda: Order(seller=noodles, number=number, live_number=number, taken_at=now, note="面"))
    with unannounced():
        insert.run(number=50, now=LATE)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert.run(number=50, now=LATE)
    order = Order.objects.get(number=50)
    assert (order.seller, order.live_number, order.taken_at, order.note) == (noodles, 50, LATE, "面")


def test_what_never_changes_stands_in_its_text(noodles):
    insert = Insert(lambda: Order(seller=noodles, number=7, live_number=7, note="面", claim="it's", message="due"))
    text, parameters = inlined(*insert.compile())
    assert ("NULL" in text, "'due'" in text, ", 7" in text) == (True, True, True)
    assert {"面", "it's"} <= set(parameters)
    with unannounced():
        insert.run()
    order = Order.objects.get()
    assert (order.note, order.claim, order.message, order.buyer, order.openid) == ("面", "it's", "due", None, "")


@pytest.fixture
def unwatched(monkeypatch):
    """Let statements go by mysqlclient's connection, as on a server, where none are counted or looked at."""
    monkeypatch.setattr(connection, "execute_wrappers", [])


def values_of(noodles, person):
    return values_for(noodles.pk, 3, person.pk, Session.objects.get(person=person).digest)


@pytest.mark.parametrize("watched", [True, pytest.param(False, marks=pytest.mark.mariadb)])
def test_several_bring_together_what_each_brings(request, lunch, li, noodles, watched):
    values = values_of(noodles, li.person)
    alone = [[tuple(row) for row in rows_of_the_queryset(select, values)] for select in SELECTS.values()]
    if not watched:
        request.getfixturevalue("unwatched")
    for _ in range(2):
        together = rows_together(*[(select, values) for select in SELECTS.values()])
        assert [[tuple(row) for row in rows] for rows in together] == alone
    assert sum(map(bool, alone)) > 10
    assert rows_together() == []


@pytest.mark.mariadb
def test_one_that_fails_among_several_fails_them_all_and_leaves_nothing_behind(unwatched, lunch, li, noodles):
    bad = Select(lambda: Order.objects.values_list(models.Func(models.Value("{"), function="JSON_DEPTHS")))
    values = values_of(noodles, li.person)
    alone = queries.ON_MENU.rows(**values)
    for place in range(3):
        asked = [(queries.ON_MENU, values)] * 2
        asked.insert(place, (bad, values))
        with pytest.raises(OperationalError, match="JSON_DEPTHS"), transaction.atomic():
            rows_together(*asked)
        assert rows_together((queries.ON_MENU, values), (orders.BOUND_TO, values)) == [
            alone,
            ((li.person.pk, "不要辣"),),
        ]


@pytest.mark.mariadb
def test_unwatched_writes_count_rows_and_raise_djangos_errors(unwatched, lunch, noodles):
    number, note = Parameter("number", models.BigIntegerField()), Parameter("note", CharField())
    update = Update(lambda: (Order.objects.filter(live_number=number), {"note": note}))
    insert = Insert(lambda: Order(seller=noodles, number=number, live_number=number, note=note))
    assert [update.run(number=number, note="'; %s \\ 面") for number in (1, 2, 9)] == [1, 1, 0]
    insert.run(number=9, note="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert.run(number=9, note="x")
    notes = dict(Order.objects.filter(live_number__in=(1, 2, 9)).values_list("live_number", "note"))
    assert notes == {1: "'; %s \\ 面", 2: "'; %s \\ 面", 9: "x"}


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_several_are_asked_again_where_the_connection_has_died(unwatched, lunch, li, noodles):
    values = values_of(noodles, li.person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (dead,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("KILL %s", [dead])
    other.close()
    menu, bound = rows_together((queries.ON_MENU, values), (orders.BOUND_TO, values))
    assert (menu[0][0], bound) == ("拉面", ((li.person.pk, "不要辣"),))
