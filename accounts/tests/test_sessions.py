"""A session lives for an hour from its login, to the second."""

import time_machine
from django.core.management import call_command

from accounts.models import Session
from callme_site.models import JobRun
from conftest import Phone

ALIVE = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}
OVER = {"queryErr": "Session Time Out"}


def ask(phone):
    return phone("hungry", sellerId=1, marchSn=1)


def test_it_lives_an_hour_whether_or_not_the_job_has_run(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("li")
        clock.shift(3599)
        assert ask(phone) == ALIVE
        clock.shift(1)
        assert ask(phone) == OVER
    assert Session.objects.exists()


def test_polling_does_not_make_it_longer(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("li")
        for _ in range(59):
            clock.shift(60)
            assert ask(phone) == ALIVE
        clock.shift(60)
        assert ask(phone) == OVER


def test_a_login_with_the_same_key_starts_the_hour_anew(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        first = Phone.of("li")
        clock.shift(3599)
        assert Phone.of("li").session_key == first.session_key
        clock.shift(3599)
        assert ask(first) == ALIVE
    assert Session.objects.count() == 1


def test_the_setting_says_how_long_the_hour_is(db, settings):
    settings.SESSION_MINUTES = 5
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("li")
        clock.shift(299)
        assert ask(phone) == ALIVE
        clock.shift(1)
        assert ask(phone) == OVER


def test_the_job_deletes_what_is_over_and_nothing_else(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        Phone.of("li")
        clock.shift(1)
        wang = Phone.of("wang")
        clock.shift(3599)
        call_command("expire_sessions", verbosity=0)
        assert list(Session.objects.values_list("person", flat=True)) == [wang.person.pk]
        call_command("expire_sessions", verbosity=0)
    assert list(JobRun.objects.values_list("ok", "said")) == [(True, "0 个会话已过期。"), (True, "1 个会话已过期。")]


def test_one_that_begins_in_the_future_is_over_for_good(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phone = Phone.of("li")
        clock.shift(-1)
        assert ask(phone) == ALIVE  # the clocks of two hosts may differ
        clock.shift(-1)
        assert ask(phone) == OVER
        call_command("expire_sessions", verbosity=0)
        clock.shift(60)
        assert ask(phone) == OVER
