"""Q09 with several numbers at once: what several bowls from one wok need."""

import pytest
from django.utils import timezone

from conftest import ENCODINGS, Phone, make_seller, noted
from queueing import taking
from queueing.models import Order

READY = {"hungrySuccess": "success"}
NOT_READY = {"hungrySuccess": "fail", "failMsg": "Not Ready Yet"}
REFUSED = {"callSuccess": "fail", "failMsg": "Invalid Sn Error"}


@pytest.fixture
def orders(ma, li, noodles):
    """Numbers 1 to 4, of which 2 is Li's and 3 has ended."""
    for _ in range(4):
        ma("fetch")
    li("push", sellerId=noodles.pk, marchSn=2, noteContent="牛肉面")
    ma("done", isseller="yes", marchSn=3)


def several(called, failed):
    return {"callSuccess": "success", "called": called, "failed": failed}


def called_numbers():
    return set(Order.objects.live().exclude(called_at=None).values_list("number", flat=True))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_calls_several_and_tells_which(ma, li, noodles, orders, encoding):
    assert ma("call", marchSn="4,3,2,99", encoding=encoding) == several([4, 2], [3, 99])
    assert called_numbers() == {2, 4}
    assert li("hungry", sellerId=noodles.pk, marchSn=2) == READY
    assert li("hungry", sellerId=noodles.pk, marchSn=1) == NOT_READY


def test_it_may_be_one_of_them_alone(ma, orders):
    assert ma("call", marchSn="3,2") == several([2], [3])
    assert called_numbers() == {2}


def test_it_takes_an_array(ma, orders):
    assert ma("call", marchSn=[1, "4", "２", " 3 "], encoding="json") == several([1, 4, 2], [3])
    assert called_numbers() == {1, 2, 4}


@pytest.mark.parametrize("numbers", [" 2 , 4,2，０４ ", "2,4"])
def test_it_ignores_blanks_and_a_number_that_comes_twice(ma, orders, numbers):
    assert ma("call", marchSn=numbers) == several([2, 4], [])
    assert called_numbers() == {2, 4}


def test_one_number_in_an_array_is_answered_with_the_lists(ma, orders):
    assert ma("call", marchSn=[2], encoding="json") == several([2], [])
    assert ma("call", marchSn=[3], encoding="json") == {**REFUSED, "called": [], "failed": [3]}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("number", ["2", " 2 ", "２"])
def test_one_plain_number_is_answered_as_ever(ma, orders, encoding, number):
    response = ma.send({"query": "call", "marchSn": number}, encoding)
    assert response.content == b'{"callSuccess": "success"}'
    ma("done", isseller="yes", marchSn=2)
    response = ma.send({"query": "call", "marchSn": number}, encoding)
    assert response.content == b'{"callSuccess": "fail", "failMsg": "Invalid Sn Error"}'


def test_it_fails_where_none_of_them_is_live(ma, orders):
    assert ma("call", marchSn="99,3") == {**REFUSED, "called": [], "failed": [99, 3]}
    assert called_numbers() == set()


def test_it_calls_the_whole_pool(ma, noodles):
    numbers = [taking.take(noodles).number for _ in range(99)]
    assert ma("call", marchSn=numbers, encoding="json") == several(numbers, [])
    assert called_numbers() == set(range(1, 100))


def test_it_calls_nothing_where_one_of_them_is_no_number_of_the_pool(ma, orders):
    for numbers in ("1,2,100", "1,2,", ",1", "1,,2", "1,a", "1,2.0", "0,1", ",", ",".join(["1"] * 100)):
        assert ma("call", marchSn=numbers) == REFUSED, numbers
    assert called_numbers() == set()


def test_a_recall_among_them_keeps_the_first_time(ma, orders):
    ma("call", marchSn=2)
    first = Order.objects.get(live_number=2).called_at
    before = timezone.now()
    assert ma("call", marchSn="2,4") == several([2, 4], [])
    called, other = Order.objects.filter(live_number__in=(2, 4)).order_by("number")
    assert (called.called_at, called.last_called_at) == (first, other.last_called_at)
    assert before <= other.called_at == other.last_called_at


def test_it_calls_no_other_stalls(ma, noodles, orders):
    rice = Phone.of("chen")
    make_seller("13800000002", person=rice.person)
    assert rice("call", marchSn="1,2") == {**REFUSED, "called": [], "failed": [1, 2]}
    assert called_numbers() == set()


def test_a_stall_sees_them_in_its_very_next_note(ma, noodles, orders):
    ma("note")
    ma("call", marchSn="2,4")
    lists = ma("note")["orderList"]
    assert lists["notedList"] == [noted(noodles, 2, "牛肉面")]
    assert [entry["called"] for entry in lists["notedList"] + lists["unnotedList"]] == [True, False, True]
