"""WeChat's access tokens: kept in the database, and fetched by one at a time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.utils import timezone

from accounts import services, tokens, wechat
from accounts.tests.whimsical import APP, says
from accounts.tokens import AccessToken
from callme_site.testing.racing import race

pytestmark = pytest.mark.django_db


def let_go_when(server, asked):
    """Let WeChat answer once so many ask it."""
    until = time.monotonic() + 20
    while len(server.paths) < asked and time.monotonic() < until:
        time.sleep(0.01)
    server.go_on.set()


def token():
    return AccessToken.objects.of(APP)


def test_it_asks_for_one_once(server):
    server.answer = says({"access_token": "the-token", "expires_in": 7200})
    assert token() == token() == "the-token"
    assert server.paths == ["/cgi-bin/stable_token"]


def test_it_asks_again_five_minutes_before_it_ends(server):
    with time_machine.travel(0, tick=False) as clock:
        server.answer = says({"access_token": "first", "expires_in": 7200})
        token()
        server.answer = says({"access_token": "second", "expires_in": 7200})
        clock.shift(6899)
        assert token() == "first"
        clock.shift(1)
        assert token() == "second"


def test_while_one_fetches_the_others_use_the_old_one(server):
    with time_machine.travel(0, tick=False) as clock:
        server.answer = says({"access_token": "first", "expires_in": 7200})
        token()
        clock.shift(7000)
        AccessToken.objects.update(fetching_until=timezone.now() + tokens.LEASE)
        assert token() == "first"
        clock.shift(tokens.LEASE)
        server.answer = says({"access_token": "second", "expires_in": 7200})
        assert token() == "second", "the one that fetched has not come back"


def test_without_an_old_one_they_wait_for_it_but_not_for_ever(server, monkeypatch):
    monkeypatch.setattr(tokens, "PATIENCE", 0.1)
    AccessToken.objects.create(appid=APP.appid, fetching_until=timezone.now() + tokens.LEASE)
    with pytest.raises(wechat.Unavailable):
        token()
    assert server.paths == []


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_many_who_need_one_at_once_a_single_one_asks_wechat(server):
    server.answer = says({"access_token": "the-token", "expires_in": 7200})
    assert race(*[token] * 8) == ["the-token"] * 8
    assert server.paths == ["/cgi-bin/stable_token"]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lease_several_would_ask(server, monkeypatch):
    monkeypatch.setattr(type(AccessToken.objects), "lease", lambda *_: True)
    server.answer = says({"access_token": "the-token", "expires_in": 7200})
    server.go_on.clear()
    with ThreadPoolExecutor(1) as waits:
        waits.submit(let_go_when, server, 2)
        race(*[token] * 4)
    assert len(server.paths) > 1


def test_one_that_fails_lets_the_next_one_try(server):
    server.answer = says({"errcode": 40125, "errmsg": "invalid appsecret"})
    for _ in range(2):
        with pytest.raises(wechat.Unavailable):
            token()
    assert len(server.paths) == 2


def test_a_refused_one_is_forgotten_unless_another_is_there_by_now(server):
    server.answer = says({"access_token": "first", "expires_in": 7200})
    token()
    AccessToken.objects.forget(APP, "an older one")
    assert token() == "first"
    AccessToken.objects.forget(APP, "first")
    server.answer = says({"access_token": "second", "expires_in": 7200})
    assert token() == "second"


def test_each_mini_program_has_its_own(sandbox_wechat):
    assert AccessToken.objects.of(wechat.app("buyer")) != AccessToken.objects.of(wechat.app("seller"))


def test_a_new_one_is_fetched_when_wechat_drops_the_old_one(sandbox_wechat):
    app = wechat.app("buyer")
    first = AccessToken.objects.of(app)
    sandbox_wechat.token_by_appid.clear()
    assert services.mini_program_code("sellerId=1", "pages/qu/qu", app).startswith(b"\xff\xd8")
    assert AccessToken.objects.of(app) != first


def test_it_gives_up_when_wechat_goes_on_refusing(server):
    server.answer = says({"access_token": "the-token", "expires_in": 7200, "errcode": 40001})
    with pytest.raises(wechat.Unavailable):
        services.mini_program_code("sellerId=1", "pages/qu/qu", APP)
    assert [path.split("?")[0] for path in server.paths] == ["/cgi-bin/stable_token", "/wxa/getwxacodeunlimit"] * 2
