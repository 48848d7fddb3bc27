"""What WeChat does for whoever shows an access token, against the sandbox and against one that answers anything."""

import pytest
import requests

from accounts import services, wechat
from accounts.services import Verdict
from accounts.tests.whimsical import APP, says

pytestmark = pytest.mark.django_db

MESSAGE = {
    "template_id": "sandbox-template",
    "page": "pages/wait/wait?sellerId=1",
    "miniprogram_state": "formal",
    "lang": "zh_CN",
    "data": {
        "thing1": {"value": "兰州拉面"},
        "character_string2": {"value": "37"},
        "thing3": {"value": "牛肉面"},
        "time4": {"value": "2026-11-29 12:00"},
    },
}


@pytest.fixture
def buyer(sandbox_wechat):
    return wechat.app("buyer")


@pytest.fixture
def openid(buyer):
    return wechat.exchange("sandbox-li-services", buyer)[0]


def allow(sandbox, name="li"):
    answer = requests.post(
        f"http://127.0.0.1:{sandbox.server_port}/sandbox/subscribe",
        json={"name": name, "template_id": "sandbox-template"},
        timeout=5,
    )
    assert answer.json()["errcode"] == 0


def messages(sandbox, name="li"):
    url = f"http://127.0.0.1:{sandbox.server_port}/sandbox/messages"
    return requests.get(url, params={"name": name}, timeout=5).json()["messages"]


def test_one_message_per_consent(sandbox_wechat, buyer, openid):
    message = MESSAGE | {"touser": openid}
    assert services.send_message(buyer, message) == 43101
    allow(sandbox_wechat)
    assert [services.send_message(buyer, message) for _ in range(2)] == [0, 43101]
    (received,) = messages(sandbox_wechat)
    assert received["page"] == "pages/wait/wait?sellerId=1"
    assert received["values"]["thing3"] == "牛肉面"


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "another"}, 40037),
        ({"page": "pages/none/none"}, 41030),
        ({"lang": "fr"}, 47003),
        ({"miniprogram_state": ""}, 47003),
        ({"data": {}}, 47003),
        ({"data": MESSAGE["data"] | {"thing3": {"value": "一" * 21}}}, 47003),
        ({"data": MESSAGE["data"] | {"thing3": {"value": ""}}}, 47003),
        ({"data": MESSAGE["data"] | {"thing3": {"value": "赌博"}}}, 45168),
    ],
)
def test_a_message_that_wechat_does_not_take(sandbox_wechat, buyer, openid, changes, errcode):
    allow(sandbox_wechat)
    assert services.send_message(buyer, MESSAGE | {"touser": openid} | changes) == errcode
    assert messages(sandbox_wechat) == []


def test_what_has_not_reached_wechat_is_known_not_to_be_sent(buyer, openid, settings):
    services.send_message(buyer, MESSAGE | {"touser": openid})
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    with pytest.raises(wechat.NotSent):
        services.send_message(buyer, MESSAGE | {"touser": openid})


@pytest.mark.parametrize("mood", [{"hangs_up": "before"}, {"hangs_up": "after"}, {"rubbish": True}, {"status": 502}])
def test_of_what_ends_without_an_answer_nobody_knows(sandbox_wechat, buyer, openid, mood):
    allow(sandbox_wechat)
    sandbox_wechat.set_mood({"path": "/cgi-bin/message/subscribe/send", **mood})
    with pytest.raises(wechat.Unavailable) as error:
        services.send_message(buyer, MESSAGE | {"touser": openid})
    assert not isinstance(error.value, wechat.NotSent)


def test_without_a_token_nothing_is_sent(sandbox_wechat, buyer, openid):
    sandbox_wechat.set_mood({"path": "/cgi-bin/stable_token", "errcode": -1})
    with pytest.raises(wechat.NotSent):
        services.send_message(buyer, MESSAGE | {"touser": openid})


def test_one_that_is_turned_away_unread_is_not_sent(sandbox_wechat, buyer, openid):
    sandbox_wechat.set_mood({"path": "/cgi-bin/message/subscribe/send", "status": 503})
    with pytest.raises(wechat.NotSent):
        services.send_message(buyer, MESSAGE | {"touser": openid})


def test_a_mood_is_over_after_so_many_times(sandbox_wechat, buyer, openid):
    sandbox_wechat.set_mood({"path": "/cgi-bin/message/subscribe/send", "errcode": 45009, "times": 2})
    assert [services.send_message(buyer, MESSAGE | {"touser": openid}) for _ in range(3)] == [45009, 45009, 43101]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("牛肉面，多放香菜 🌿", Verdict.PASS), ("加微信 abc", Verdict.REVIEW), ("网上赌博", Verdict.RISKY)],
)
def test_texts_are_judged(buyer, openid, text, verdict):
    assert services.check_text(buyer, openid, text, 2) is verdict


def test_of_whom_wechat_has_not_seen_it_checks_nothing(sandbox_wechat, buyer, openid):
    sandbox_wechat.visitors.clear()
    with pytest.raises(services.NotVisited):
        services.check_text(buyer, openid, "牛肉面", 2)


def test_a_text_that_is_too_long_is_an_error(buyer, openid):
    with pytest.raises(wechat.Unavailable):
        services.check_text(buyer, openid, "一" * 2501, 2)


def test_a_telephone_number_is_proven_once(sandbox_wechat):
    seller = wechat.app("seller")
    openid = wechat.exchange("sandbox-ma-services", seller)[0]
    assert services.telephone(seller, "sandbox-13800138000-x", openid) == "13800138000"
    with pytest.raises(wechat.CodeRefused):
        services.telephone(seller, "sandbox-13800138000-x", openid)
    with pytest.raises(wechat.CodeRefused):
        services.telephone(seller, "rubbish", openid)
    with pytest.raises(wechat.Unavailable):
        services.telephone(seller, "sandbox-13800138000-y", "o" * 28)


def test_a_number_of_another_country_has_that_in_front(server):
    server.answer = says(
        {
            "access_token": "the-token",
            "expires_in": 7200,
            "errcode": 0,
            "phone_info": {"phoneNumber": "85291234567", "purePhoneNumber": "91234567", "countryCode": "852"},
        }
    )
    assert services.telephone(APP, "code", "oABC") == "85291234567"


@pytest.mark.parametrize("info", [None, [], {"countryCode": "86"}, {"countryCode": "86", "purePhoneNumber": 5}])
def test_an_answer_without_a_number_is_none(server, info):
    server.answer = says({"access_token": "the-token", "expires_in": 7200, "errcode": 0, "phone_info": info})
    with pytest.raises(wechat.Unavailable):
        services.telephone(APP, "code", "oABC")


def test_texts_travel_as_they_are(server):
    server.answer = says({"access_token": "the-token", "expires_in": 7200, "errcode": 0, "result": {"suggest": "pass"}})
    services.check_text(APP, "oABC", "牛肉面", 2)
    assert "牛肉面".encode() in server.bodies[-1]
