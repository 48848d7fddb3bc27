"""What a message says: each value fits its field, as WeChat's document of the message has it."""

from datetime import UTC, datetime

import pytest

from queueing.messages import Call, body
from queueing.tests.messaging import messages_on

CALL = Call(7, "拉面", 37, "牛肉面", datetime(2027, 3, 15, 4, 30, tzinfo=UTC))
# Five people, of four characters each beyond U+FFFF: eight of UTF-16's units and three joiners a family.
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture(autouse=True)
def on(settings):
    messages_on(settings)


def test_it_is_what_wechat_wants(settings):
    assert body(CALL, "o-of-wei") == {
        "touser": "o-of-wei",
        "template_id": "sandbox-template",
        "page": "pages/wait/wait?sellerId=7&marchSn=37",
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "data": {
            "thing1": {"value": "拉面"},
            "character_string2": {"value": "37"},
            "thing3": {"value": "牛肉面"},
            "time4": {"value": "2027-03-15 12:30"},
        },
    }


def test_in_english_and_in_the_sandbox(settings):
    settings.LANGUAGE_CODE, settings.WECHAT_SANDBOX = "en", True
    message = body(CALL._replace(note=""), "o-of-wei")
    assert (message["lang"], message["miniprogram_state"]) == ("en_US", "developer")
    assert message["data"]["thing3"] == {"value": "Please collect it"}


@pytest.mark.parametrize(
    ("field", "note", "said"),
    [
        ("thing3", "", "请取餐"),
        ("thing3", " \n\t ", "请取餐"),
        ("thing3", "牛肉面\n多放香菜\r\n\x00\x1b\x7f\u2028不要辣", "牛肉面 多放香菜 不要辣"),
        ("thing3", "面" * 20, "面" * 20),
        ("thing3", "面" * 21, "面" * 19 + "…"),
        ("thing3", "🍜" * 10, "🍜" * 10),
        ("thing3", "🍜" * 11, "🍜" * 9 + "…"),
        ("thing3", "a" * 18 + " b c", "a" * 18 + "…"),
        ("thing12", FAMILY * 2, FAMILY + FAMILY[:5] + "…"),
        ("phrase3", "牛肉面", "牛肉面"),
        ("phrase3", "牛肉面，多放香菜", "牛肉面多放"),
        ("phrase3", "no chili", "请取餐"),
        ("phrase3", "", "请取餐"),
    ],
)
def test_a_note_fits_its_field(settings, field, note, said):
    settings.MESSAGE_FIELDS = {field: "note"}
    assert body(CALL._replace(note=note), "o")["data"] == {field: {"value": said}}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("number1", "number", "37"),
        ("thing1", "number", "37"),
        ("thing1", "called", "2027-03-15 12:30"),
        ("date1", "called", "2027-03-15 12:30"),
        ("name1", "stall", "兰州正宗牛肉拉面号窗"),
        ("phrase1", "stall", "兰州正宗牛"),
    ],
)
def test_the_other_values_fit_theirs(settings, field, value, said):
    settings.MESSAGE_FIELDS = {field: value}
    assert body(CALL._replace(seller_name="兰州正宗牛肉拉面3号窗口北区"), "o")["data"] == {field: {"value": said}}


@pytest.mark.parametrize("field", ["thing1", "phrase1", "name1"])
def test_a_stall_without_a_name_has_something_to_say(settings, field):
    settings.MESSAGE_FIELDS = {field: "stall"}
    assert body(CALL._replace(seller_name=""), "o")["data"][field]["value"] == "请取餐"
