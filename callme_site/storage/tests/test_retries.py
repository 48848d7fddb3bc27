"""Trying again after a conflict in the database: real ones first, then what is not to be repeated."""

import sqlite3
import threading

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.utils import ConnectionHandler

from callme_site.storage import retries
from callme_site.storage.retries import ATTEMPTS, is_conflict, retried
from callme_site.testing.announced import unannounced
from callme_site.testing.racing import TIMEOUT, meeting, race
from conftest import MA_TELEPHONE, make_seller
from queueing.models import NumberTaken
from sellers.models import Seller
from sellers.records import BalanceEntry

mariadb = pytest.mark.mariadb
in_database = pytest.mark.django_db(transaction=True)

DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")


class Work:
    """Work that fails as told, one error an attempt, and counts its attempts."""

    def __init__(self, *errors):
        self.errors, self.attempts = list(errors), 0

    @retried
    def run(self):
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@mariadb
@in_database
def test_it_repeats_after_a_deadlock():
    one, other = (make_seller(f"1380000000{place}", months=0).pk for place in (1, 2))
    errors, meet = [], meeting(2)

    @retried
    @unannounced()
    def rename(*sellers):
        try:
            with transaction.atomic():
                for seller in sellers:
                    Seller.objects.filter(pk=seller).update(name="小面")
                    meet()
        except OperationalError as error:
            errors.append(error.args[0])
            raise

    assert race(lambda: rename(one, other), lambda: rename(other, one)) == [None, None]
    assert errors == [1213]


@mariadb
@in_database
def test_it_repeats_after_a_lock_wait_timeout():
    seller, locked, waited = make_seller(months=0), threading.Event(), threading.Event()
    errors = []

    @unannounced()
    def hold():
        with transaction.atomic():
            Seller.objects.filter(pk=seller.pk).update(name="held")
            locked.set()
            assert waited.wait(TIMEOUT)

    @retried
    @unannounced()
    def rename():
        try:
            return Seller.objects.filter(pk=seller.pk).update(name="小面")
        except OperationalError as error:
            errors.append(error.args[0])
            waited.set()
            raise

    def wait():
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        assert locked.wait(TIMEOUT)
        return rename()

    assert race(hold, wait) == [None, 1]
    assert errors == [1205]
    seller.refresh_from_db()
    assert seller.name == "小面"


@in_database
def test_it_repeats_while_a_sqlite_file_is_locked(tmp_path):
    path = str(tmp_path / "callme.sqlite3")
    holder = sqlite3.connect(path, isolation_level=None)
    ours = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"timeout": 0}}}
    )["default"]
    attempts = []

    @retried
    def write():
        attempts.append(1)
        if len(attempts) == 3:
            holder.execute("ROLLBACK")
        with ours.cursor() as cursor:
            cursor.execute("CREATE TABLE written (id)")

    holder.execute("BEGIN IMMEDIATE")
    write()
    assert len(attempts) == 3
    ours.close()
    holder.close()


@pytest.mark.parametrize("code", [1020, 1205, 1213])
def test_it_repeats_after_each_conflict_of_mariadb(code):
    work = Work(OperationalError(code, "conflict"))
    assert (work.run(), work.attempts) == ("done", 2)


def test_it_repeats_after_somebody_else_was_first():
    work = Work(IntegrityError(1062, "Duplicate entry"))
    assert (work.run(), work.attempts) == ("done", 2)


def counted(function):
    """Run what breaks a rule of the real retries, retried; return the error and the attempts."""
    attempts = []

    @retried
    def run():
        attempts.append(1)
        function()

    with pytest.raises(IntegrityError) as error, unannounced():
        run()
    return error.value, len(attempts)


@in_database
@pytest.mark.parametrize(
    "breaks",
    [
        lambda: Seller.objects.create(telephone=MA_TELEPHONE),
        lambda: Seller(pk=Seller.objects.get().pk, telephone="13800000002").save(force_insert=True),
    ],
    ids=["unique", "primary key"],
)
def test_it_repeats_where_a_row_is_there_already(breaks):
    make_seller(months=0)
    error, attempts = counted(breaks)
    assert (is_conflict(error), attempts) == (True, ATTEMPTS)


@in_database
@pytest.mark.parametrize(
    "breaks",
    [
        lambda: Seller.objects.update(months=5),
        lambda: Seller.objects.update(name=None),
        lambda: BalanceEntry.objects.create(seller_id=10**9, kind="renewal", months=1, balance_after=1),
    ],
    ids=["check", "not null", "foreign key"],
)
def test_it_does_not_repeat_what_breaks_any_other_rule(breaks):
    make_seller(months=0)
    error, attempts = counted(breaks)
    assert (is_conflict(error), attempts) == (False, 1)


def test_it_gives_up_after_five_attempts():
    work = Work(*[DEADLOCK] * 9)
    with pytest.raises(OperationalError, match="1213"):
        work.run()
    assert work.attempts == ATTEMPTS == 5


def test_it_gives_up_when_nobody_waits_any_longer(monkeypatch):
    monkeypatch.setattr(retries, "PATIENCE", -1)
    work = Work(DEADLOCK)
    with pytest.raises(OperationalError):
        work.run()
    assert work.attempts == 1


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(2006, "Server has gone away"),
        OperationalError(),
        DataError(1406, "Data too long"),
        NumberTaken(),
        ValueError(1213),
    ],
    ids=repr,
)
def test_it_does_not_repeat_after_any_other_error(error):
    work = Work(error)
    with pytest.raises(type(error)):
        work.run()
    assert work.attempts == 1


@in_database
def test_it_does_not_repeat_within_somebody_elses_transaction():
    work = Work(DEADLOCK)
    with pytest.raises(OperationalError), transaction.atomic():
        work.run()
    assert work.attempts == 1


def test_it_takes_only_busy_and_locked_of_sqlite_for_conflicts():
    def raised(code):
        cause = sqlite3.OperationalError()
        cause.sqlite_errorcode = code
        error = OperationalError()
        error.__cause__ = cause
        return error

    codes = [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_ERROR]
    assert [is_conflict(raised(code)) for code in codes] == [True, True, True, False]
