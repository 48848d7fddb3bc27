"""Staff users in the console: the WeChat person that is theirs, and the lock on wrong passwords."""

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Session
from callme_site.testing.announced import unannounced
from conftest import Phone

LOGIN = reverse("admin:login")


@pytest.fixture
def clerk(db):
    return User.objects.create_user("xiao-chen", password="right", is_staff=True, is_superuser=True)


@pytest.fixture
def page(client, clerk):
    """The page of the clerk's user, before a superuser."""
    client.force_login(User.objects.create_superuser("boss"))
    return reverse("admin:auth_user_change", args=[clerk.pk])


def offered(client, page, code=""):
    """Return the people to choose from by their ids, and what is said of each."""
    form = client.get(page, {"code": code} if code else {}).context["adminform"].form
    return {person: label for person, label in form.fields["wechat_person"].choices if person}


def choose(client, page, person):
    form = client.get(page).context["adminform"].form
    fields = {name: form[name].value() for name in ("username", "is_active", "is_staff", "is_superuser")}
    times = {"date_joined_0": "2027-01-01", "date_joined_1": "00:00:00"}
    response = client.post(page, {**fields, **times, "wechat_person": person.pk if person else ""})
    assert response.status_code == 302, response.context["adminform"].form.errors


@pytest.fixture
def chen(db):
    """The clerk's phone."""
    return Phone.of("chen", "seller")


def test_who_has_just_logged_in_is_picked(client, page, chen):
    choose(client, page, chen.person)
    assert chen("admin") == {"adminSuccess": "success", "sellerList": []}
    choose(client, page, None)
    assert chen("admin") == {"adminSuccess": "fail", "failMsg": "Not Admin Error"}


def test_only_the_last_ten_minutes_are_offered(client, page, clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        early = Phone.of("early", "seller")
        clock.shift(300)
        late = Phone.of("late", "seller")
        clock.shift(301)
        client.force_login(User.objects.get(username="boss"))
        assert list(offered(client, page)) == [late.person.pk]
        Person.objects.link_staff(early.person.openid_hash, clerk)
        assert list(offered(client, page)) == [early.person.pk, late.person.pk]


def test_students_are_not_offered(client, page, li, ma, noodles):
    code = hashlib.sha256(ma.session_key.encode()).hexdigest()[:6]
    (person, label), *others = offered(client, page).items()
    assert (person, others) == (ma.person.pk, [])
    assert re.fullmatch(rf"{code}：{ma.person}，\d\s分钟前登录，商家 {noodles}", label)
    form = client.get(page).context["adminform"].form
    with pytest.raises(ValidationError):
        form.fields["wechat_person"].clean(li.person.pk)


def test_somebody_elses_person_is_not_offered(client, page, chen):
    Person.objects.link_staff(chen.person.openid_hash, User.objects.create_user("other", is_staff=True))
    assert offered(client, page) == {}


def test_the_last_fifty_are_offered_and_the_others_found_by_their_codes(client, page, chen):
    with unannounced():
        Session.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    digest = Session.objects.get().digest
    others = "0123456789abcdef".replace(digest[0], "")
    for place in range(50):
        person = Person.objects.create(openid_hash=f"{place:040d}")
        fields = {"person": person, "app": "seller", "started_at": timezone.now()}
        Session.objects.create(digest=f"{others[place % 15]}{place:063d}", **fields)
    assert len(offered(client, page)) == 50
    assert chen.person.pk not in offered(client, page)
    for code in (digest[0], digest[:6], f" {digest[:6].upper()} "):
        assert list(offered(client, page, code)) == [chen.person.pk]
    for code in ("g", "%", "_", digest[:5] + "g", "\0"):
        assert offered(client, page, code) == {}
    choose(client, page, chen.person)  # who is not among the fifty
    assert list(offered(client, page, "g")) == [chen.person.pk]


def test_who_logs_in_twice_is_offered_once(client, page, chen):
    key, _person = Session.objects.start("openid-of-chen", "another-session-key", "seller")
    (label,) = offered(client, page).values()
    assert label.startswith(hashlib.sha256(key.encode()).hexdigest()[:6])
    older = hashlib.sha256(chen.session_key.encode()).hexdigest()[:6]
    (label,) = offered(client, page, older).values()
    assert label.startswith(older)


def rows_read():
    """Return how many rows and index entries this connection has read so far."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(count) for _name, count in cursor.fetchall())


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)  # ANALYZE commits
def test_the_page_reads_no_more_where_more_people_are_known(client, page):
    client.get(page)  # what a process looks up once
    people = Person.objects.bulk_create(Person(openid_hash=f"{place:040d}") for place in range(3000))
    now = timezone.now()
    for place, person in enumerate(people):
        person.session = Session(
            digest=hashlib.sha256(b"%d" % place).hexdigest(),
            person=person,
            app="seller" if place % 10 == 0 else "buyer",
            started_at=now - timedelta(milliseconds=100 * place),
        )
    Session.objects.bulk_create(person.session for person in people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE accounts_person, accounts_session")
    before = rows_read()
    assert len(offered(client, page)) == 50
    assert rows_read() - before < 500


def test_saving_something_else_leaves_the_link(client, page, clerk, chen):
    choose(client, page, chen.person)
    choose(client, page, chen.person)
    assert Person.objects.get(staff_user=clerk) == chen.person


def log_in(client, password, username="xiao-chen", **extra):
    return client.post(LOGIN, {"username": username, "password": password}, **extra)


def fail(client, times=10):
    """Give so many wrong passwords; return the last answer's status."""
    return [log_in(client, "wrong").status_code for _ in range(times)][-1]


def test_ten_wrong_passwords_lock_a_login_for_a_while(client, clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        assert [log_in(client, "wrong").status_code for _ in range(9)] == [200] * 9
        locked = log_in(client, "wrong")
        assert locked.status_code == 429
        assert "密码错误次数过多" in locked.text
        assert log_in(client, "right").status_code == 429
        clock.shift(15 * 60 + 1)
        assert log_in(client, "right").status_code == 302


def test_more_of_them_do_not_make_the_lock_longer(client, clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        assert fail(client) == 429
        for _ in range(15):
            clock.shift(60)
            assert fail(client, 1) == 429
        clock.shift(1)
        assert log_in(client, "right").status_code == 302


def test_ten_from_anywhere_lock_it_for_all_who_are_not_known(client, clerk):
    for place in range(10):
        places = {"REMOTE_ADDR": f"192.0.2.{place}", "HTTP_USER_AGENT": f"browser {place}"}
        locked = log_in(Client(), "wrong", **places)
    assert locked.status_code == 429
    assert log_in(client, "right").status_code == 429


@pytest.fixture
def known(client, clerk):
    """A browser in which the clerk has logged in before, and is logged out again."""
    assert log_in(client, "right").status_code == 302
    client.post(reverse("admin:logout"))
    return client


def test_strangers_do_not_shut_out_a_known_browser(known):
    assert fail(Client()) == 429
    assert log_in(Client(), "right").status_code == 429
    assert log_in(known, "right").status_code == 302
    assert log_in(Client(), "right").status_code == 429  # and what strangers may guess does not grow by it


def test_a_known_browser_has_ten_of_its_own(known):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert fail(known, 9) == 200
        assert fail(Client(), 9) == 200
        assert fail(known, 1) == 429
        assert log_in(known, "right").status_code == 429
        assert log_in(Client(), "right").status_code == 302
        clock.shift(15 * 60 + 1)
        assert log_in(known, "right").status_code == 302


def test_a_browser_is_known_for_those_alone_who_have_logged_in(known, clerk):
    """Others' cookies, one that somebody made, one for another's login, one of before a new password."""
    (name,) = [name for name in known.cookies if name.startswith("browser_of_")]
    cookie = known.cookies[name]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/admin/", "")
    boss = User.objects.create_superuser("boss", password="right")
    assert fail(Client()) == 429
    for _ in range(10):
        log_in(Client(), "wrong", "boss")
    known.cookies[f"browser_of_{boss.pk}"] = cookie.value
    assert log_in(known, "right", "boss").status_code == 429
    forged = Client()
    forged.cookies[name] = signing.dumps(signing.loads(cookie.value, salt="accounts.browsers"), key="guessed")
    assert log_in(forged, "right").status_code == 429
    clerk.set_password("right")  # again, which makes another hash of it
    clerk.save()
    assert log_in(known, "right").status_code == 429


def test_a_new_password_keeps_the_browser_where_it_was_chosen(known):
    log_in(known, "right")
    new = {"old_password": "right", "new_password1": "noodles-and-rice", "new_password2": "noodles-and-rice"}
    assert known.post(reverse("admin:password_change"), new).status_code == 302
    known.post(reverse("admin:logout"))
    assert fail(Client()) == 429
    assert log_in(known, "noodles-and-rice").status_code == 302


def test_two_clerks_at_one_computer_are_both_known(known):
    User.objects.create_superuser("boss", password="right")
    assert log_in(known, "right", "boss").status_code == 302
    known.post(reverse("admin:logout"))
    assert fail(Client()) == 429
    assert log_in(known, "right").status_code == 302


def test_a_login_is_freed_in_all_browsers(known):
    assert fail(known) == fail(Client()) == 429
    call_command("axes_reset_username", "xiao-chen")
    assert log_in(Client(), "right").status_code == 302
    assert log_in(known, "right").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client, clerk):
    for _ in range(2):
        for _ in range(9):
            log_in(client, "wrong")
        assert log_in(client, "right").status_code == 302


def test_the_lock_leaves_other_logins_alone(client, clerk):
    for _ in range(11):
        client.post(LOGIN, {"username": "somebody", "password": "wrong"})
    assert log_in(client, "right").status_code == 302


NAMES = {"zh-hans": ["主管", "续费员", "观察员", "夜班"], "en": ["managers", "renewal clerks", "observers", "夜班"]}


@pytest.mark.parametrize(("language", "names"), NAMES.items())
def test_groups_are_named_in_the_readers_language(client, page, clerk, language, names):
    clerk.groups.add(Group.objects.create(name="夜班"))
    headers = {"Accept-Language": language}
    chosen = client.get(page, headers=headers).context["adminform"].form["groups"]
    assert {label for _value, label in chosen.field.choices} == set(names)
    users = client.get(reverse("admin:auth_user_changelist"), headers=headers).context["cl"]
    offered = next(spec for spec in users.filter_specs if spec.field_path == "groups").lookup_choices
    assert {label for _pk, label in offered} == set(names)
    groups = client.get(reverse("admin:auth_group_changelist"), headers=headers).text
    assert set(re.findall(r'field-named"><a [^>]*>(.*?)</a>', groups)) == set(names)
    first = Group.objects.get(name="续费员")
    group = client.get(reverse("admin:auth_group_change", args=[first.pk]), headers=headers)
    assert group.context["subtitle"] == names[1]


def test_the_users_of_a_group_are_found(client, page, clerk):
    clerk.groups.add(group := Group.objects.get(name="主管"))
    users = client.get(reverse("admin:auth_user_changelist"), {"groups__id__exact": group.pk}).context["cl"]
    assert list(users.result_list) == [clerk]


def test_who_has_a_history_is_made_inactive_not_deleted(client, page, clerk):
    delete = reverse("admin:auth_user_delete", args=[clerk.pk])
    LogEntry.objects.log_actions(clerk.pk, [clerk], CHANGE, "x", single_object=True)
    assert client.post(delete, {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [clerk.pk], "post": "yes"}
    client.post(reverse("admin:auth_user_changelist"), many)
    assert User.objects.filter(pk=clerk.pk).exists()
    assert "deletelink" not in client.get(page).text
    LogEntry.objects.all().delete()
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=clerk.pk).exists()


def test_people_are_found_by_their_stall_or_their_user(client, page, clerk, ma, li):
    Person.objects.link_staff(li.person.openid_hash, clerk)
    for sought, person in (("拉面", ma.person), ("13800000001", ma.person), ("CHEN", li.person)):
        people = client.get(reverse("admin:accounts_person_changelist"), {"q": f" {sought} "}).context["cl"]
        assert list(people.result_list) == [person], sought
