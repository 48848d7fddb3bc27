"""The command that makes a WeChat person a staff user's own."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from accounts.models import Person, hash_openid
from conftest import Phone


@pytest.fixture
def clerk(db):
    return User.objects.create_user("clerk", is_staff=True, is_superuser=True)


def link(*args):
    said = StringIO()
    call_command("link_staff", *args, stdout=said, stderr=said)
    return said.getvalue()


def test_it_links_somebody_who_has_logged_in(clerk, li):
    assert li("admin")["adminSuccess"] == "fail"
    said = link("clerk", "--openid", "openid-of-li")
    assert li("admin") == {"adminSuccess": "success", "sellerList": []}
    assert "openid" not in said
    assert hash_openid("openid-of-li") not in said


def test_it_links_somebody_who_has_not_logged_in_yet(clerk):
    link("clerk", "--hash", hash_openid("openid-of-li").upper())
    assert Phone.of("li")("admin")["adminSuccess"] == "success"


def test_it_moves_the_link(clerk, li, wang):
    link("clerk", "--openid", "openid-of-li")
    link("clerk", "--openid", "openid-of-wang")
    assert li("admin")["adminSuccess"] == "fail"
    assert wang("admin")["adminSuccess"] == "success"


def test_it_may_be_repeated(clerk):
    link("clerk", "--openid", "openid-of-li")
    link("clerk", "--openid", "openid-of-li")
    assert Person.objects.get().staff_user == clerk


def test_it_unlinks(clerk, li):
    link("clerk", "--openid", "openid-of-li")
    link("clerk", "--unlink")
    assert li("admin")["adminSuccess"] == "fail"
    with pytest.raises(CommandError):
        link("clerk", "--unlink")


def test_it_warns_of_a_user_who_may_not_renew(clerk):
    User.objects.update(is_superuser=False)
    assert "clerk" in link("clerk", "--openid", "openid-of-li").splitlines()[0]


@pytest.mark.parametrize(
    "args",
    [
        ["nobody", "--openid", "o"],
        ["clerk"],
        ["clerk", "--openid", ""],
        ["clerk", "--hash", "123"],
        ["clerk", "--openid", "o", "--unlink"],
    ],
)
def test_it_refuses_what_makes_no_sense(clerk, args):
    with pytest.raises(CommandError):
        link(*args)
    assert not Person.objects.exists()
