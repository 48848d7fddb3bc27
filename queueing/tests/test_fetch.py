"""Q05: a stall takes a number."""


def test_it_takes_the_lowest_free_number(ma):
    assert [ma("fetch") for _ in range(3)] == [{"fetchSuccess": "success", "marchSn": number} for number in (1, 2, 3)]
    ma("done", isseller="yes", marchSn=2)
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 2}
    assert ma("fetch") == {"fetchSuccess": "success", "marchSn": 4}
