"""Days as people live them: from midnight to midnight in TIME_ZONE."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format

# The days that can be asked for: at the calendar's own ends, another time zone's clock overflows.
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)


def at_midnight(day: date) -> datetime:
    """Return the moment at which the day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return when the days from `first` to `last`, both included, begin and when they are over."""
    return at_midnight(first), at_midnight(last + timedelta(days=1))


def format_moment(at: datetime) -> str:
    """Return the day and time as people write it."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def format_day(day: date) -> str:
    """Return the day as people write it."""
    return date_format(day, "DATE_FORMAT")


def format_briefly(at: datetime | None) -> str | None:
    """Return the time in as few characters as a list has room for: of today, the day goes without saying."""
    if at is None:
        return None
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"
