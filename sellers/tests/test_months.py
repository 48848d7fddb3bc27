"""A month bought lasts a month: when the balance falls, with the clock in a test's hand."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction

from conftest import MA_TELEPHONE
from sellers.models import BalanceEntry, Seller, add_months

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
