"""A session lives for an hour from its login, to the second."""

import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Session
from callme_site.models import JobRun
from callme_site.testing.announced import unannounced
from conftest import Phone
from sellers.sessions import find_session

ALIVE = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}
OVER = {"queryErr": "Session Time Out"}


def ask(phone):
    return phone("hungry", sellerId=1, marchSn=1)


def test_it_knows_its_mini_program(ma, li):
    for _ in range(2):  # from the database, then from memory
        assert [find_session(phone.session_key).app for phone in (ma, li)] == ["seller", "buyer"]


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


def log_in(clock, place):
    """Return the phone of a login of Li's, a second after the last one."""
    clock.shift(1)
    return Phone(*Session.objects.start("openid-of-li", f"session-key {place}", "buyer"))


def test_the_eleventh_of_a_person_ends_the_oldest(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phones, wang = [log_in(clock, place) for place in range(10)], Phone.of("wang")
        assert [ask(phone) for phone in [*phones, wang]] == [ALIVE] * 11
        log_in(clock, 0)  # begins anew, and is the newest of ten
        assert [ask(phone) for phone in phones] == [ALIVE] * 10
        assert ask(log_in(clock, 10)) == ALIVE
        assert [ask(phone) for phone in phones] == [ALIVE, OVER, *[ALIVE] * 8]
        with CaptureQueriesContext(connection) as captured:
            assert ask(wang) == ALIVE
        assert len(captured) == 0  # what is known of others is not forgotten
    assert Session.objects.count() == 11


def test_those_that_lie_ahead_are_none_of_the_ten(db):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        phones = [log_in(clock, place) for place in range(10)]
        clock.shift(-3600)
        last = log_in(clock, 10)
        assert [ask(phone) for phone in [*phones, last]] == [*[OVER] * 10, ALIVE]


def test_one_of_before_the_column_learns_its_mini_program_when_it_begins_anew(db):
    key = Phone.of("li", "seller").session_key
    with unannounced():
        Session.objects.update(app="")
    assert find_session(key).app == ""
    Phone.of("li", "seller")
    assert find_session(key).app == "seller"


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
    runs = [(run.ok, run.told) for run in JobRun.objects.all()]
    assert runs == [(True, "0 个会话已过期。"), (True, "1 个会话已过期。")]


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
