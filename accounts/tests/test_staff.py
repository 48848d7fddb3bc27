"""Staff users in the console: the WeChat person that is theirs, and the lock on wrong passwords."""

import pytest
import time_machine
from django.contrib.auth.models import User
from django.urls import reverse

from accounts.models import Person
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


def offered(client, page):
    form = client.get(page).context["adminform"].form
    return [person for person, _label in form.fields["wechat_person"].choices if person]


def choose(client, page, person):
    form = client.get(page).context["adminform"].form
    fields = {name: form[name].value() for name in ("username", "is_active", "is_staff", "is_superuser")}
    times = {"date_joined_0": "2027-01-01", "date_joined_1": "00:00:00"}
    response = client.post(page, {**fields, **times, "wechat_person": person.pk if person else ""})
    assert response.status_code == 302, response.context["adminform"].form.errors


def test_who_has_just_logged_in_is_picked(client, page, clerk, li):
    choose(client, page, li.person)
    assert li("admin") == {"adminSuccess": "success", "sellerList": []}
    choose(client, page, None)
    assert li("admin") == {"adminSuccess": "fail", "failMsg": "Not Admin Error"}


def test_only_the_last_ten_minutes_are_offered(client, page, clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        early = Phone.of("early")
        clock.shift(300)
        late = Phone.of("late")
        clock.shift(301)
        client.force_login(User.objects.get(username="boss"))
        assert [choice.value for choice in offered(client, page)] == [late.person.pk]
        Person.objects.link_staff(early.person.openid_hash, clerk)
        assert {choice.value for choice in offered(client, page)} == {early.person.pk, late.person.pk}


def test_somebody_elses_person_is_not_offered(client, page, li):
    Person.objects.link_staff(li.person.openid_hash, User.objects.create_user("other", is_staff=True))
    assert offered(client, page) == []


def test_saving_something_else_leaves_the_link(client, page, clerk, li):
    choose(client, page, li.person)
    choose(client, page, li.person)
    assert Person.objects.get(staff_user=clerk) == li.person


def log_in(client, password):
    return client.post(LOGIN, {"username": "xiao-chen", "password": password})


def test_ten_wrong_passwords_lock_a_login_for_a_while(client, clerk):
    with time_machine.travel("2027-01-01 12:00+08:00", tick=False) as clock:
        for _ in range(9):
            assert log_in(client, "wrong").status_code == 200
        locked = log_in(client, "wrong")
        assert locked.status_code == 429
        assert "密码错误次数过多" in locked.text
        assert log_in(client, "right").status_code == 429
        clock.shift(15 * 60 + 1)
        assert log_in(client, "right").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client, clerk):
    for _ in range(2):
        for _ in range(9):
            log_in(client, "wrong")
        assert log_in(client, "right").status_code == 302


def test_the_lock_leaves_other_logins_alone(client, clerk):
    for _ in range(11):
        client.post(LOGIN, {"username": "somebody", "password": "wrong"})
    assert log_in(client, "right").status_code == 302
