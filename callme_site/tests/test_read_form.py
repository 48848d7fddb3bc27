"""The gateway reads forms by itself, exactly as Django does."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from callme_site.gateway import read_form

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
    assert read_form(body) == QueryDict(body, encoding="utf-8").dict()


def test_it_reads_as_many_fields_as_django_and_no_more():
    assert len(read_form(b"&".join(b"f%d=1" % place for place in range(1000)))) == 1000
    with pytest.raises(ValueError):
        read_form(b"a=1&" * 1000 + b"b=1")
