"""The gateway reads forms by itself, as Django reads those that are UTF-8."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from callme_site.wire.gateway import read_form
from conftest import noted

PIECES = [
    b"=",
    b"&",
    b"%",
    b"+",
    b";",
    b"%41",
    b"%ff",
    b"%E9%9D%A2",
    b"\xff",
    "面".encode(),
    b"%00",
    b"\0",
    b"\n",
    b"q",
    b"1",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join) | st.binary(max_size=30))
def test_it_reads_what_django_reads(body):
    # Of a body that is not, Django makes Latin-1.
    text = body.decode(errors="replace")
    assert read_form(body) == QueryDict(text.encode(), encoding="utf-8").dict()


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8"])
def test_it_reads_what_is_no_utf8_as_a_mark(li, ma, noodles, charset):
    assert ma("fetch")["marchSn"] == 1
    body = f"query=push&sessionKey={li.session_key}&sellerId={noodles.pk}&marchSn=1&noteContent=".encode()
    content_type = f"application/x-www-form-urlencoded{charset}"
    # The bytes as they are and percent-encoded, beside good ones, which stay what they are.
    response = li.client.generic("POST", "/", body + b"\xff%ff" + "面".encode(), content_type=content_type)
    assert response.json() == {"pushSuccess": "success"}
    assert ma("note")["orderList"]["notedList"] == [noted(noodles, 1, "\ufffd\ufffd面")]


def test_it_reads_as_many_fields_as_django_and_no_more():
    assert len(read_form(b"&".join(b"f%d=1" % place for place in range(1000)))) == 1000
    with pytest.raises(ValueError):
        read_form(b"a=1&" * 1000 + b"b=1")
