"""What the browser's phones do at WeChat itself, through this server: as the sandbox answers, and only with it."""

import pytest
import requests
import time_machine

from callme_site.trial import sandbox_services
from callme_site.trial.sandbox_services import openid

SUBSCRIBE, MESSAGES = "/phone/wechat/subscribe", "/phone/wechat/messages"
PAGE = "pages/wait/wait?sellerId=1&marchSn=7"
DATA = {"thing1": "拉面", "character_string2": "7", "thing3": "<b>牛肉面</b>", "time4": "12:03"}


@pytest.fixture
def sandbox(sandbox_wechat, settings):
    settings.WECHAT_SANDBOX = True
    return sandbox_wechat


def allow(client, name="li", template_id="sandbox-template"):
    return client.post(SUBSCRIBE, {"name": name, "template_id": template_id}).json()


def send(settings, name="li"):
    """Send the person a message as callme does, and return WeChat's errcode."""
    app = {"appid": settings.WECHAT_BUYER_APPID, "secret": settings.WECHAT_BUYER_SECRET}
    url, grant = settings.WECHAT_API_URL, {"grant_type": "client_credential"}
    token = requests.post(f"{url}/cgi-bin/stable_token", json=app | grant, timeout=5).json()["access_token"]
    message = {
        "touser": openid(settings.WECHAT_BUYER_APPID, name),
        "template_id": "sandbox-template",
        "page": PAGE,
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "data": {field: {"value": value} for field, value in DATA.items()},
    }
    answer = requests.post(
        f"{url}/cgi-bin/message/subscribe/send", params={"access_token": token}, json=message, timeout=5
    )
    return answer.json()["errcode"]


def came(client, name="li", seconds=60):
    return client.get(MESSAGES, {"name": name, "seconds": seconds}).json()["messages"]


def test_leave_is_for_one_message_of_that_person(client, sandbox, settings):
    assert send(settings) == 43101
    assert allow(client) == {"errcode": 0, "errmsg": "ok"}
    assert [send(settings, "wang"), send(settings), send(settings)] == [43101, 0, 43101]
    assert allow(client, template_id="another") == {"errcode": 20001, "errmsg": "no such template"}


def test_a_message_is_told_as_a_phone_shows_it(client, sandbox, settings):
    with time_machine.travel("2026-11-29 12:00:30+08:00", tick=False):
        allow(client)
        send(settings)
        messages = came(client)
    assert messages == [
        {
            "place": 0,
            "page": PAGE,
            "came": "12:00",
            "lines": [["档口", "拉面"], ["取餐号", "7"], ["备注", "<b>牛肉面</b>"], ["叫号时间", "12:03"]],
        }
    ]
    client.cookies["django_language"] = "en"
    assert [label for label, _value in came(client)[0]["lines"]] == ["Stall", "Pick-up number", "Remark", "Called at"]
    assert came(client, "wang") == []


def test_only_what_came_lately_is_told(client, sandbox, settings, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(sandbox_services, "time", type("Clock", (), {"monotonic": staticmethod(lambda: clock[0])}))
    for seconds in (0, 40):
        clock[0] += seconds
        allow(client)
        assert send(settings) == 0
    clock[0] += 5
    assert [message["place"] for message in came(client, seconds=50)] == [0, 1]
    assert [message["place"] for message in came(client, seconds=6.5)] == [1]
    assert came(client, seconds=4) == []


def test_it_is_there_only_with_the_sandbox(client, sandbox, settings):
    settings.WECHAT_SANDBOX = False
    assert client.post(SUBSCRIBE).status_code == client.get(MESSAGES).status_code == 404


def test_what_is_asked_in_another_way_is_refused(client, sandbox):
    assert client.get(SUBSCRIBE).status_code == client.post(MESSAGES).status_code == 405
    for seconds in ("", "soon"):
        assert client.get(MESSAGES, {"name": "li", "seconds": seconds}).status_code == 400


@pytest.mark.parametrize("mood", [{"hangs_up": "before"}, {"rubbish": True}, {"status": 503}])
def test_a_sandbox_that_does_not_answer_is_told_of(client, sandbox, settings, mood):
    for path in ("/sandbox/subscribe", "/sandbox/messages"):
        requests.post(f"{settings.WECHAT_API_URL}/sandbox/mood", json={"path": path, **mood}, timeout=5)
    for response in (client.post(SUBSCRIBE), client.get(MESSAGES, {"name": "li", "seconds": 1})):
        assert (response.status_code, response.json()) == (502, {"errmsg": "沙箱微信没有应答。"})
