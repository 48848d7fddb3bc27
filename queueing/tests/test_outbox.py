"""The outbox under a WeChat that is slow, away, lying or limiting; the clock stands still unless a test moves it."""

import logging
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts import wechat
from accounts.tokens import AccessToken
from callme_site.storage.pool import pool
from callme_site.storage.versions import version_file
from callme_site.testing.announced import unannounced
from queueing import outbox
from queueing.models import Order
from queueing.stops import Stop
from queueing.tests.messaging import SEND, TEMPLATE, columns, come_to, message_of, order_of, send_due, student
from sellers.models import Seller

NOTHING_KEPT = {"message_to": None, "openid": ""}


@pytest.fixture(autouse=True)
def clock(fresh_process):
    version_file()  # else what an earlier test kept would be of this very moment
    with time_machine.travel("2027-03-15 12:30+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def called(messages, ma, wei, noodles):
    """Wei's order, number 1, is called."""
    order_of(ma, wei, noodles)
    ma("call", marchSn=1)
    return noodles


def mood(messages, path=SEND, **mood):
    messages.set_mood({"path": path, **mood})


def due_in(number):
    """Return in how many seconds the message of that number is tried again."""
    return (columns(number)["message_at"] - timezone.now()).total_seconds()


LATER = [
    {"errcode": -1},
    {"errcode": 43108},
    {"errcode": 45009},
    {"errcode": 45011},
    {"errcode": 40001},
    {"status": 503},
]


@pytest.mark.parametrize("trouble", LATER, ids=str)
def test_what_was_not_taken_is_tried_again_with_growing_delays(messages, called, clock, trouble):
    mood(messages, **trouble)
    for tries, delay in enumerate([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600], start=1):
        assert send_due() == 1
        assert due_in(1) == delay
        kept = columns(1)
        assert (kept["message"], kept["message_tries"], kept["message_to"]) == ("due", tries, None)
        clock.shift(delay - 0.001)
        assert send_due() == 0
        clock.shift(0.001)
    mood(messages)
    assert send_due() == 1
    assert message_of(1) == "sent"
    assert len(come_to(messages, "wei")) == 1


def test_a_wechat_that_cannot_be_reached_is_tried_again(messages, called, settings, clock):
    there, settings.WECHAT_API_URL = settings.WECHAT_API_URL, "http://127.0.0.1:9"
    assert send_due() == 1
    assert due_in(1) == 1
    settings.WECHAT_API_URL = there
    clock.shift(1)
    assert send_due() == 1
    assert message_of(1) == "sent"


@pytest.mark.parametrize(
    "trouble", [{"errcode": -1}, {"rubbish": True}, {"hangs_up": "after"}, {"status": 502}], ids=str
)
def test_without_a_token_nothing_has_been_sent(messages, called, trouble):
    mood(messages, "/cgi-bin/stable_token", **trouble)
    assert send_due() == 1
    assert (message_of(1), due_in(1)) == ("due", 1)


@pytest.mark.parametrize("trouble", [{"hangs_up": "before"}, {"hangs_up": "after"}, {"rubbish": True}, {"status": 502}])
def test_what_was_perhaps_sent_is_not_sent_again(messages, called, clock, trouble):
    mood(messages, **trouble)
    assert send_due() == 1
    assert columns(1).items() >= ({"message": "uncertain"} | NOTHING_KEPT).items()
    mood(messages)
    clock.shift(7200)
    assert send_due() == 0


@pytest.mark.parametrize(
    ("errcode", "state"), [(43101, "refused"), (45168, "failed"), (43104, "failed"), (1, "failed"), (99999, "failed")]
)
def test_other_answers_are_final(messages, called, caplog, errcode, state):
    mood(messages, errcode=errcode)
    assert send_due() == 1
    assert columns(1).items() >= ({"message": state, "message_at": timezone.now()} | NOTHING_KEPT).items()
    assert send_due() == 0
    lines = [record.getMessage() for record in caplog.records if "message_" in record.getMessage()]
    assert lines == ([f"message_failed errcode={errcode}"] if state == "failed" else [])


def test_a_student_who_has_not_allowed_it_gets_none(messages, ma, noodles):
    order_of(ma, student(messages, "bo", messages=0), noodles)
    ma("call", marchSn=1)
    assert send_due() == 1
    assert message_of(1) == "refused"


def test_a_forbidden_word_costs_the_note_alone(messages, ma, wei, noodles):
    order_of(ma, wei, noodles, note="牛肉面，赌博")
    ma("call", marchSn=1)
    assert send_due() == 1
    assert message_of(1) == "sent"
    assert come_to(messages, "wei")[0][1]["thing3"] == "请取餐"


def test_a_forbidden_word_in_the_name_of_the_stall_is_not_sent(messages, called):
    with unannounced():
        Seller.objects.update(name="枪支拉面")
    assert send_due() == 1
    assert message_of(1) == "failed"


def test_a_token_that_wechat_dropped_is_fetched_anew(messages, called):
    AccessToken.objects.of(wechat.app("buyer"))
    messages.token_by_appid.clear()
    assert send_due() == 1
    assert message_of(1) == "sent"


def test_a_key_that_is_gone_leaves_nobody_to_send_it_to(messages, called, settings):
    settings.OPENID_KEYS = ["YW5vdGhlci1rZXktb3RoZXIta2V5LW90aGVyLWtleTE="]
    assert send_due() == 1
    assert columns(1).items() >= ({"message": "failed"} | NOTHING_KEPT).items()


@pytest.mark.parametrize("errcode", [40003, 40037, 41030, 43107, 47003])
def test_what_is_wrong_for_all_messages_stops_them(messages, ma, called, settings, caplog, errcode):
    order_of(ma, student(messages, "bo"), called)
    ma("call", marchSn=2)
    mood(messages, errcode=errcode)
    with caplog.at_level(logging.ERROR):
        assert send_due() == 2  # both were claimed
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage().startswith(f"messages_stopped errcode={errcode}: ")
    mood(messages)
    assert send_due() == 0
    assert [message_of(number) for number in (1, 2)] == ["due", "due"]
    settings.MESSAGE_FIELDS = {**settings.MESSAGE_FIELDS, "thing3": "stall"}
    assert send_due() == 2
    assert [message_of(number) for number in (1, 2)] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("MESSAGE_TEMPLATE_ID", "another"), ("MESSAGE_FIELDS", {"thing1": "stall"}), ("WECHAT_BUYER_APPID", "another")],
)
def test_each_of_the_settings_that_make_a_message_lets_it_go_on(messages, settings, name, value):
    Stop.objects.begin(40037)
    assert Stop.objects.present().errcode == 40037
    setattr(settings, name, value)
    assert Stop.objects.present() is None


def test_a_stop_ends_by_hand_too(messages, called, caplog):
    Stop.objects.begin(43107)
    assert send_due() == 0
    call_command("send_messages", "--resume")
    assert send_due() == 1


def test_when_wechat_answers_again_what_waits_goes_at_once(messages, ma, called, clock):
    for place in range(2, 6):
        order_of(ma, student(messages, f"bo{place}"), called)
    ma("call", marchSn="2,3,4,5")
    mood(messages, errcode=-1)
    for delay in (1, 2, 4, 8, 16, 32):
        assert send_due() == 5
        clock.shift(delay)
    assert send_due() == 5
    mood(messages)
    order_of(ma, student(messages, "new"), called)
    ma("call", marchSn=6)
    assert send_due() == 1  # the others are due in a minute
    assert [due_in(number) for number in range(1, 6)] == [0] * 5
    assert send_due() == 5
    assert {message_of(number) for number in range(1, 7)} == {"sent"}


def test_an_order_that_ends_meanwhile_is_not_tried_again(messages, ma, called):
    mood(messages, errcode=-1)
    (job,) = outbox.claim_due(9)
    ma("done", isseller="yes", marchSn=1)
    assert columns(1)["openid"] == ""
    job()
    assert columns(1).items() >= ({"message": "dropped"} | NOTHING_KEPT).items()


def test_a_call_that_is_taken_back_while_it_is_sent_in_vain_is_wanted_again(messages, ma, called, clock):
    mood(messages, errcode=-1)
    (job,) = outbox.claim_due(9)
    ma("undo", marchSn=1)
    job()
    assert message_of(1) == "wanted"
    clock.shift(9)
    mood(messages)
    assert send_due() == 0
    ma("call", marchSn=1)
    assert send_due() == 1


def test_an_order_that_ends_while_its_message_is_sent(messages, ma, called):
    (job,) = outbox.claim_due(9)
    ma("done", isseller="yes", marchSn=1)
    job()
    assert columns(1).items() >= ({"message": "sent"} | NOTHING_KEPT).items()


def test_one_that_is_claimed_is_nobody_elses(messages, called):
    assert len(outbox.claim_due(9)) == 1
    assert columns(1).items() >= {"message": "sending", "message_to": Order.objects.get().buyer_id}.items()
    assert outbox.claim_due(9) == []


def test_one_that_was_never_recorded_is_uncertain_after_a_minute(messages, called, clock, caplog):
    (job,) = outbox.claim_due(9)
    clock.shift(59)
    assert outbox.claim_due(9) == []
    assert message_of(1) == "sending"
    clock.shift(1)
    assert outbox.claim_due(9) == []
    assert columns(1).items() >= ({"message": "uncertain"} | NOTHING_KEPT).items()
    assert "message_uncertain order=" in caplog.text
    job()  # it was alive after all
    assert message_of(1) == "uncertain"
    assert send_due() == 0


def test_one_person_gets_one_message_at_a_time(messages, ma, noodles):
    wei = student(messages, "wei", messages=3)
    for _ in range(3):
        order_of(ma, wei, noodles)
    ma("call", marchSn="1,2,3")
    for _ in range(3):
        (job,) = outbox.claim_due(9)
        assert outbox.claim_due(9) == []
        job()
    assert len(come_to(messages, "wei")) == 3


def test_a_message_that_hangs_holds_up_no_other_person(messages, ma, wei, noodles):
    order_of(ma, wei, noodles)
    order_of(ma, wei, noodles)
    order_of(ma, student(messages, "bo"), noodles)
    ma("call", marchSn="1,2,3")
    assert len(outbox.claim_due(9)) == 2
    assert sorted(Order.objects.filter(message="sending").values_list("number", flat=True)) == [1, 3]


def test_somebody_elses_is_found_behind_one_that_has_to_wait(messages, ma, wei, noodles, monkeypatch):
    for phone in (wei, wei, student(messages, "bo")):
        order_of(ma, phone, noodles)
    ma("call", marchSn="1,2,3")
    assert len(outbox.claim_due(1)) == len(outbox.claim_due(1)) == 1
    assert message_of(3) == "sending"


def test_a_message_is_claimed_once(messages, called):
    order, now = Order.objects.get(), timezone.now()
    assert [outbox.claim(order.pk, order.buyer_id, now) for _ in range(2)] == [True, False]


def test_how_an_earlier_sending_ended_says_nothing_of_a_later_one(messages, called, clock):
    mood(messages, errcode=43101, times=1)
    (late,) = outbox.claim_due(9)
    clock.shift(1)
    with unannounced():
        Order.objects.update(message_at=timezone.now())  # as if it had been tried again, and claimed, since
    late()
    assert columns(1).items() >= {"message": "sending", "message_at": timezone.now()}.items()


def test_no_more_are_claimed_than_can_be_sent(messages, ma, noodles):
    for place in range(4):
        order_of(ma, student(messages, f"bo{place}"), noodles)
    ma("call", marchSn="1,2,3,4")
    assert len(outbox.claim_due(3)) == 3
    assert len(outbox.claim_due(3)) == 1


def test_the_longest_due_goes_first(messages, ma, noodles, clock):
    for place in range(3):
        order_of(ma, student(messages, f"bo{place}"), noodles)
    for number in (2, 3, 1):
        ma("call", marchSn=number)
        clock.shift(1)
    outbox.claim_due(1)
    assert message_of(2) == "sending"
    outbox.claim_due(1)
    assert message_of(3) == "sending"


def test_nobody_waits_for_wechat_with_a_connection_to_the_database(messages, called, monkeypatch):
    held = []
    monkeypatch.setattr(pool, "give_back", lambda: held.append(threading.current_thread()))
    assert send_due() == 1
    assert held


def test_an_order_without_its_buyer_is_left_alone(messages, called):
    with unannounced():
        Order.objects.update(buyer=None)
    assert send_due() == 0


def test_its_template_is_the_one_of_the_settings(messages, called, settings):
    assert settings.MESSAGE_TEMPLATE_ID == TEMPLATE
    settings.MESSAGE_TEMPLATE_ID = "none-of-wechats"
    assert send_due() == 1
    assert (message_of(1), Stop.objects.present().errcode) == ("due", 40037)


def test_messages_that_are_turned_off_wait(messages, called, settings, clock):
    settings.MESSAGE_TEMPLATE_ID, template = "", settings.MESSAGE_TEMPLATE_ID
    assert send_due() == 0
    clock.shift(timedelta(minutes=5))
    settings.MESSAGE_TEMPLATE_ID = template
    assert send_due() == 1
