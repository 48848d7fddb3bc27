"""Days as people live them: from midnight to midnight in TIME_ZONE."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def at_midnight(day: date) -> datetime:
    """Return the moment at which the day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return when the days from `first` to `last`, both included, begin and when they are over."""
    return at_midnight(first), at_midnight(last + timedelta(days=1))
