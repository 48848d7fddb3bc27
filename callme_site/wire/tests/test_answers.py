"""Answers are JSON, however they were encoded."""

import pytest

from callme_site.wire.answers import encoded, encoded_once

LISTS = {"notedList": [{"marchSn": 1, "noteContent": '不要"辣"\\'}], "unnotedList": []}


@pytest.mark.parametrize(
    "answer",
    [
        {"noteSuccess": "success", "sellerId": 1, "noteContent": LISTS, "orderList": LISTS},
        {"noteSuccess": "success", "sellerId": 1, "noteContent": LISTS, "orderList": {**LISTS, "unnotedList": [LISTS]}},
        {"seller_listSuccess": "success", "count": 1, "list": {"1": {"name": "拉面", "open": True, "wait": None}}},
        {"menuSuccess": "success", "menuContent": ["面"], "taken": []},
        {"todaySuccess": "success", "list": {}},
    ],
)
def test_what_is_encoded_once_is_the_same_answer(answer):
    assert encoded_once(answer) == encoded(answer)
