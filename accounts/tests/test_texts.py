"""What WeChat says of texts, or does not say, and what becomes of them."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone

from accounts import text_checks, wechat
from accounts.models import Session, TextCheck
from accounts.text_checks import Place, claim_due
from accounts.texts import ASKING, AT_MOST, CHARACTERS, GIVE_UP, parts
from callme_site.testing.texts import DOUBTFUL, FINE, RISKY, visitor, work
from callme_site.trial.sandbox import Mood

pytestmark = pytest.mark.django_db

PATH = "/wxa/msg_sec_check"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def hidden(monkeypatch, checking):
    """Return what was hidden, by id and text."""
    hidden = []

    def hide(pk, text):
        hidden.append((pk, text))
        return True

    place = Place("buyer", 2, hide, lambda pks: {}, str)
    monkeypatch.setitem(text_checks.places, "note", place)
    return hidden


@pytest.fixture
def written(hidden):
    """Return what writes a note, by somebody who has just come."""
    _key, person = visitor("li")

    def write(text, subject=7):
        openid = Session.objects.openid_of(person, "buyer")
        assert openid
        TextCheck.objects.await_check("note", subject, text, openid)

    return write


def left():
    return list(TextCheck.objects.values_list("state", "openid", "due_at"))


def test_a_text_is_checked_in_as_few_parts_as_it_takes():
    dish = "面" * 40
    assert parts("") == parts([]) == parts([""]) == []
    assert parts(["面", "", "饭"]) == ["面\n饭"]
    assert parts([dish] * 60) == ["\n".join([dish] * 60)]
    long = [f"{place:03}{dish}" for place in range(150)]
    assert "\n".join(parts(long)).split("\n") == long
    assert [len(part) <= CHARACTERS for part in parts(long)] == [True] * 3
    assert [len(part) for part in parts("饭" * 5001)] == [2500, 2500, 1]
    assert parts(["a" * 1250, "b" * 1249]) == ["a" * 1250 + "\n" + "b" * 1249]
    assert parts(["a" * 1250, "b" * 1250]) == ["a" * 1250, "b" * 1250]


@pytest.mark.parametrize(
    ("text", "is_hidden", "state"), [(FINE, False, []), (RISKY, True, []), (DOUBTFUL, False, [("review", "", None)])]
)
def test_each_verdict(written, hidden, text, is_hidden, state):
    written(text)
    assert work() == 1
    assert hidden == ([(7, text)] if is_hidden else [])
    assert left() == state


@pytest.mark.parametrize(
    "mood",
    [{"errcode": -1}, {"errcode": 45009}, {"status": 503}, {"status": 500}, {"hangs_up": "before"}, {"rubbish": True}],
    ids=str,
)
def test_wechat_that_is_away_or_lies_is_asked_again_more_and_more_rarely_for_two_hours(
    checking, clock, written, hidden, mood
):
    written(RISKY)
    checking.moods[PATH] = Mood(**mood)
    begin, waits = timezone.now(), []
    while True:
        assert work() == 1
        ((state, openid, due_at),) = left()
        assert hidden == [], "it is shown meanwhile"
        if due_at is None:
            break
        assert (state, bool(openid)) == ("waiting", True)
        waits.append(due_at - timezone.now())
        clock.move_to(due_at - timedelta(seconds=1))
        assert work() == 0
        clock.move_to(due_at)
    assert left() == [("unchecked", "", None)]
    assert waits == sorted(waits)
    assert waits[0] <= timedelta(seconds=10)
    assert waits[-1] == AT_MOST
    assert GIVE_UP - AT_MOST <= timezone.now() - begin <= GIVE_UP
    checking.moods.clear()
    assert work() == 0


def test_wechat_that_is_slow_is_asked_again(monkeypatch, checking, clock, written, hidden):
    monkeypatch.setattr(wechat, "TIMEOUTS", (2, 0.2))
    written(RISKY)
    checking.moods[PATH] = Mood(seconds=0.5, times=1)
    work()
    assert (hidden, TextCheck.objects.get().state) == ([], "waiting")
    clock.shift(timedelta(seconds=10))
    work()
    assert (hidden, left()) == ([(7, RISKY)], [])


def test_wechat_that_knows_no_visit_leaves_it_for_a_clerk(checking, written, hidden):
    written(RISKY)
    checking.visitors.clear()
    work()
    assert (hidden, left()) == ([], [("unchecked", "", None)])


def test_an_openid_under_a_key_that_is_gone_leaves_it_for_a_clerk(settings, written, hidden):
    written(RISKY)
    settings.OPENID_KEYS = [Fernet.generate_key().decode()]
    work()
    assert (hidden, left()) == ([], [("unchecked", "", None)])


def test_what_waits_when_it_is_turned_off_is_checked_all_the_same(settings, written, hidden):
    written(RISKY)
    settings.CONTENT_CHECK = False
    work()
    assert (hidden, left()) == ([(7, RISKY)], [])


def test_a_text_whose_worker_was_killed_is_handed_out_again_after_a_minute(clock, written, hidden):
    written(RISKY)
    (late,) = claim_due(5)
    clock.shift(ASKING - timedelta(seconds=1))
    assert claim_due(5) == []
    clock.shift(timedelta(seconds=1))
    (job,) = claim_due(5)
    job()
    assert left() == []
    late()
    assert left() == []
    assert set(hidden) == {(7, RISKY)}


def test_who_is_late_does_not_overwrite_what_another_worker_has_recorded(checking, clock, written):
    written(DOUBTFUL)
    (late,) = claim_due(5)
    clock.shift(ASKING)
    (job,) = claim_due(5)
    checking.moods[PATH] = Mood(status=503, times=1)
    late()
    assert TextCheck.objects.get().state == "asking"
    job()
    assert left() == [("review", "", None)]


def test_a_text_that_no_worker_gets_done_is_left_for_a_clerk_after_two_hours(clock, written):
    written(RISKY)
    asked = 0
    while claim_due(5):
        asked += 1
        clock.shift(ASKING)
    assert asked == GIVE_UP / ASKING
    assert left() == [("unchecked", "", None)]


def test_so_many_are_claimed_and_the_longest_due_first(clock, written):
    for subject in (3, 2, 1):
        written(FINE, subject)
        clock.shift(timedelta(seconds=1))
    TextCheck.objects.filter(subject=3).update(due_at=timezone.now())  # which had to wait
    jobs = claim_due(2)
    assert [job.args[0].subject for job in jobs] == [2, 1]
    assert [job.args[0].subject for job in claim_due(2)] == [3]


def test_a_newer_text_takes_the_place_of_older_ones(written):
    written(DOUBTFUL, 1), written(FINE, 2)
    TextCheck.objects.forget("note", [1])
    assert [text.subject for text in TextCheck.objects.all()] == [2]
    TextCheck.objects.forget("name", [2])
    assert TextCheck.objects.count() == 1


def test_nothing_of_a_text_is_logged(checking, written, leaks, clock):
    """The openid is looked for by the fixture."""
    text = f"{RISKY}-distinctive-text-in-no-log"
    leaks.secrets.add("distinctive-text-in-no-log")
    written(text)
    checking.moods[PATH] = Mood(errcode=47001, times=1)
    work()
    clock.shift(timedelta(minutes=1))
    work()
    assert left() == []
