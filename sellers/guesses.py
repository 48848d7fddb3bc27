"""Wrong telephone numbers that somebody tries to sign up with: ten, then no number is told apart from another."""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.models import Person

MOST = 10  # without an hour between them
HOUR = timedelta(hours=1)


class WrongTelephonesManager(models.Manager["WrongTelephones"]):
    def tried(self, person: Person) -> int:
        """Return how many wrong numbers the person has tried without an hour between them; its row is locked.

        One number of a person is looked at at a time: hundreds at once find out no more than ten one by one.
        """
        Person.objects.select_for_update().only("pk").get(pk=person.pk)
        recent = self.filter(person=person, last_at__gt=timezone.now() - HOUR)
        return recent.values_list("count", flat=True).first() or 0

    def count_one(self, person: Person, tried: int) -> None:
        """Count a wrong number beside those `tried`; those beyond ten count no more, else they would never end."""
        if tried and tried < MOST:
            self.filter(person=person).update(count=F("count") + 1, last_at=timezone.now())
        elif not tried:
            self.update_or_create(person=person, defaults={"count": 1, "last_at": timezone.now()})

    def prune(self) -> int:
        """Delete what is older than an hour; return how many."""
        return self.filter(last_at__lte=timezone.now() - HOUR).delete()[0]


class WrongTelephones(models.Model):  # noqa: DJ008
    """How many wrong telephone numbers a person has tried, and when last."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    count = models.PositiveSmallIntegerField()
    last_at = models.DateTimeField(db_index=True)  # for prune_history

    objects = WrongTelephonesManager()

    class Meta:
        default_permissions = ()  # no page shows it
