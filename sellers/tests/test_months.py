"""A month bought lasts a month: when the balance falls, with the clock in a test's hand."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction

from callme_site.models import JobRun
from conftest import MA_TELEPHONE
from sellers.models import Seller, SellerQuerySet
from sellers.months import add_months
from sellers.records import BalanceEntry

SHANGHAI = ZoneInfo("Asia/Shanghai")

pytestmark = pytest.mark.django_db


def at(*when):
    return time_machine.travel(datetime(*when, tzinfo=SHANGHAI), tick=False)


def renew(months):
    return Seller.objects.renew(MA_TELEPHONE, months, None)


def charge():
    """Run the daily job; return the months left and the day of the next charge."""
    call_command("charge_months", verbosity=0)
    seller = Seller.objects.get()
    assert sum(seller.entries.values_list("months", flat=True)) == seller.months
    return seller.months, seller.next_charge_on


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_it_counts_months(day, months, expected):
    assert add_months(day, months) == expected


def test_a_month_ends_on_the_same_day_of_the_next():
    with at(2027, 3, 15, 10):
        renew(2)
        assert charge() == (2, date(2027, 4, 15))
    with at(2027, 4, 14, 23, 59, 59):
        assert charge() == (2, date(2027, 4, 15))
    with at(2027, 4, 15, 0, 0, 0):
        assert charge() == (1, date(2027, 5, 15))
        assert charge() == (1, date(2027, 5, 15))
    with at(2027, 5, 15, 0, 10):
        assert charge() == (0, None)


def test_a_31st_falls_on_the_last_day_and_comes_back():
    with at(2027, 1, 31, 12):
        renew(12)
    charged_on = [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]
    for place, day in enumerate(charged_on):
        with at(day.year, day.month, day.day):
            assert charge()[0] == 11 - place
    due = BalanceEntry.objects.filter(kind="charge").order_by("pk").values_list("due_on", flat=True)
    assert list(due) == charged_on


def test_a_leap_day_comes_back_after_four_years():
    with at(2028, 2, 29):
        renew(36)
        renew(13)
    with at(2029, 2, 28):
        assert charge() == (37, date(2029, 3, 29))
    with at(2032, 2, 29):
        assert charge() == (1, date(2032, 3, 29))


def test_the_day_is_shanghais():
    with at(2027, 3, 15, 0, 30):  # still the 14th in UTC
        assert renew(1).next_charge_on == date(2027, 4, 15)
    with at(2027, 4, 15, 0, 0, 1):  # the 14th in UTC
        assert charge() == (0, None)


def test_a_lost_run_is_caught_up():
    with at(2027, 1, 31):
        renew(5)
    with at(2027, 4, 30):
        assert charge() == (2, date(2027, 5, 31))
    due = BalanceEntry.objects.filter(kind="charge").order_by("pk").values_list("due_on", flat=True)
    assert list(due) == [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def broken_seller(telephone):
    """Register a seller whose ledger already has the charge that will be due next."""
    seller = Seller.objects.renew(telephone, 3, None)
    seller.entries.create(kind="charge", months=-1, balance_after=2, due_on=seller.next_charge_on)
    return seller


def test_a_seller_that_fails_keeps_no_other_from_its_charge(caplog):
    with at(2027, 3, 15):
        first, broken, last = renew(3), broken_seller("13800000002"), Seller.objects.renew("13800000003", 2, None)
        also_broken = broken_seller("13800000004")
    with at(2027, 5, 15):
        with pytest.raises(CommandError) as error:
            call_command("charge_months", verbosity=0)
        run = JobRun.objects.get()
    assert (run.name, run.ok, run.told) == ("charge_months", False, str(error.value))
    assert run.told == "2 个商家扣月失败；其他商家共扣除 4 个月。"
    months = dict(Seller.objects.values_list("pk", "months"))
    assert months == {first.pk: 1, broken.pk: 3, last.pk: 0, also_broken.pk: 3}
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert told == [f"charge_failed seller={broken.pk}", f"charge_failed seller={also_broken.pk}"]


def test_a_database_that_is_away_fails_at_once(monkeypatch):
    """Thousands of sellers would each wait for it."""
    asked = []

    def charge(self, pk):
        asked.append(pk)
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(SellerQuerySet, "charge", charge)
    with at(2027, 3, 15):
        first = renew(1)
        Seller.objects.renew("13800000002", 1, None)
    with at(2027, 5, 15), pytest.raises(OperationalError):
        call_command("charge_months", verbosity=0)
    assert asked == [first.pk]
    assert (JobRun.objects.get().ok, JobRun.objects.get().said) == (False, "OperationalError")


def test_nobody_is_charged_below_nothing():
    with at(2027, 1, 1):
        renew(2)
    with at(2028, 1, 1):
        assert charge() == (0, None)


def test_a_renewal_while_months_are_left_keeps_the_day():
    with at(2027, 3, 15):
        renew(1)
    with at(2027, 4, 10):
        assert renew(3).next_charge_on == date(2027, 4, 15)


def test_a_renewal_after_the_end_begins_anew():
    with at(2027, 3, 15):
        renew(1)
    with at(2027, 6, 2):
        charge()
        assert renew(1).next_charge_on == date(2027, 7, 2)


def test_it_makes_no_difference_whether_the_job_or_the_renewal_came_first():
    with at(2027, 3, 15):
        renew(1)
    with at(2027, 4, 15, 0, 5):  # due, and the job has not run yet
        seller = renew(1)
        assert (seller.months, seller.next_charge_on) == (1, date(2027, 5, 15))
        assert charge() == (1, date(2027, 5, 15))


def test_the_database_refuses_a_second_charge_of_a_month():
    with at(2027, 3, 15):
        seller = renew(3)
    charge = {"kind": "charge", "months": -1, "balance_after": 2, "due_on": date(2027, 4, 15)}
    seller.entries.create(**charge)
    with pytest.raises(IntegrityError), transaction.atomic():
        seller.entries.create(**charge)


def paid_until():
    """Return the day on which the months end, as the seller has it and as its ledger has it."""
    seller = Seller.objects.get()
    return seller.paid_until, seller.entries.latest("pk").paid_until


def test_the_months_end_on_the_day_on_which_the_last_is_charged():
    with at(2027, 1, 31):
        renew(1)
        assert paid_until() == (date(2027, 2, 28), date(2027, 2, 28))
        renew(2)
        assert paid_until() == (date(2027, 4, 30), date(2027, 4, 30))
    for day in (date(2027, 2, 28), date(2027, 3, 31)):
        with at(day.year, day.month, day.day):
            charge()
            assert paid_until() == (date(2027, 4, 30), date(2027, 4, 30))
    with at(2027, 4, 29, 23, 59):
        assert charge()[0] == 1
    with at(2027, 4, 30):
        assert paid_until() == (date(2027, 4, 30), date(2027, 4, 30))
        assert charge() == (0, None)
        assert paid_until() == (None, None)


def test_the_day_on_which_the_months_end_does_not_hang_on_the_job():
    with at(2027, 1, 31):
        renew(3)
    with at(2027, 6, 1):
        assert Seller.objects.get().paid_until == date(2027, 4, 30)
        renew(1)
        assert paid_until() == (date(2027, 7, 1), date(2027, 7, 1))


def test_an_old_entry_tells_the_day_of_its_time():
    with at(2027, 1, 31):
        renew(2)
    with at(2027, 2, 28):
        renew(3)
    with at(2027, 9, 1):
        renew(1)
        assert [entry.paid_until for entry in BalanceEntry.objects.filter(kind="renewal").order_by("pk")] == [
            date(2027, 3, 31),
            date(2027, 6, 30),
            date(2027, 10, 1),
        ]


def test_a_correction_moves_the_day_on_which_the_months_end():
    with at(2027, 1, 31):
        seller, staff = renew(3), User.objects.create_user("clerk")
        Seller.objects.correct(seller.pk, -2, staff_user=staff, memo="x", request=uuid4())
        assert paid_until() == (date(2027, 2, 28), date(2027, 2, 28))
        Seller.objects.correct(seller.pk, -1, staff_user=staff, memo="x", request=uuid4())
        assert paid_until() == (None, None)
