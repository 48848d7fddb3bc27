"""Months by the calendar, from any day of a month to the same day of another."""

import calendar
from dataclasses import dataclass
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day that many months later; a 31st falls on a shorter month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> int:
    """Return how many months later `last` is, which `add_months` made of `first`."""
    return (last.year - first.year) * 12 + last.month - first.month


@dataclass(frozen=True)
class PaidMonths:
    """Months in a row that a seller has paid for: the day on which they begin, and how many they are, over or not."""

    since: date
    months: int

    @property
    def end(self) -> date:
        """The day on which they end: the first day that is not paid for."""
        return add_months(self.since, self.months)
