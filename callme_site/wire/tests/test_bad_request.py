"""Requests that are no query of the protocol, callers who may not ask, and faults of ours: always JSON, and no more."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import Http404
from django.utils import timezone

from accounts.models import Session
from callme_site.testing.announced import unannounced
from callme_site.testing.bodies import (
    END,
    FETCH_FORM,
    FETCH_JSON,
    FETCH_PARTS,
    FORM,
    JSON,
    MULTIPART,
    part,
    post,
)
from callme_site.testing.tables import rows
from callme_site.wire.registry import registry
from conftest import ENCODINGS, MA_TELEPHONE, Phone, make_staff
from sellers import sessions

ILLEGAL = {"queryErr": "Illegal query"}
TIME_OUT = {"queryErr": "Session Time Out"}
SERVER_ERROR = {"queryErr": "Server Error"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FETCH_FORM, FORM),
        (FETCH_FORM, f"{FORM}; charset=UTF-8"),
        (FETCH_FORM.replace(b"&", b"&padding=1&padding=2&"), FORM.title()),
        (FETCH_JSON, JSON),
        (FETCH_JSON, f"{JSON}; charset=utf-8"),
        (b"\xef\xbb\xbf \r\n" + FETCH_JSON + b"\r\n", JSON),
        (FETCH_PARTS + END, MULTIPART),
        (FETCH_PARTS + part("a", "x", filename="a") + END, f"{MULTIPART}; charset=utf-8"),
    ],
    ids=range(8),
)
def test_it_answers_a_body_that_is_right(ma, body, content_type):
    """The control: the bodies below would be answered too, but for their one fault."""
    assert post(ma, body, content_type) == (200, {"fetchSuccess": "success", "marchSn": 1})


def test_it_takes_nothing_from_the_address(ma):
    address = f"/?query=fetch&sessionKey={ma.session_key}"
    assert ma.client.post(address).json() == ILLEGAL
    assert ma.client.post("/?", {"query": "fetch", "sessionKey": ma.session_key}).json()["fetchSuccess"] == "success"
    before = rows()
    assert ma.client.get(address).json() == {"queryErr": "Method Not Allowed"}
    assert rows() == before


NO_QUERIES = {
    "empty form": (b"", FORM),
    "empty json": (b"", JSON),
    "empty multipart": (b"", MULTIPART),
    "no parts": (END, MULTIPART),
    "no query in form": (b"sessionKey=KEY", FORM),
    "no query in json": (b'{"sessionKey": "KEY"}', JSON),
    "no query in multipart": (part("sessionKey", "KEY") + END, MULTIPART),
    "query as a file": (part("query", "fetch", filename="query") + part("sessionKey", "KEY") + END, MULTIPART),
    "an unknown query at last": (FETCH_FORM + b"&query=eat", FORM),
    "json array": (b'[{"query": "fetch", "sessionKey": "KEY"}]', JSON),
    "json string": (b'"query=fetch&sessionKey=KEY"', JSON),
    "json number": (b"1", JSON),
    "json null": (b"null", JSON),
    "json cut off": (FETCH_JSON[:-1], JSON),
    "json and more": (FETCH_JSON + b"}", JSON),
    "json twice": (FETCH_JSON * 2, JSON),
    "json of python": (FETCH_JSON.replace(b'"', b"'"), JSON),
    "json with a comment": (b"// hello\n" + FETCH_JSON, JSON),
    "json with a bare newline": (FETCH_JSON.replace(b"}", b', "a": "\n"}'), JSON),
    "json that is no utf-8": (FETCH_JSON.replace(b"}", b', "a": "\xff"}'), JSON),
    "100,000 brackets": (b"[" * 100_000 + b"]" * 100_000, JSON),
    "100,000 brackets in a field": (FETCH_JSON.replace(b"}", b', "a": ' + b"[" * 100_000), JSON),
    "100,000 objects": (b'{"query":' * 100_000, JSON),
    "json as form": (FETCH_JSON, FORM),
    "json as multipart": (FETCH_JSON, MULTIPART),
    "form as json": (FETCH_FORM, JSON),
    "form as multipart": (FETCH_FORM, MULTIPART),
    "multipart as form": (FETCH_PARTS + END, FORM),
    "multipart as json": (FETCH_PARTS + END, JSON),
    "form as text": (FETCH_FORM, "text/plain"),
    "json as text": (FETCH_JSON, "text/plain"),
    "form without a type": (FETCH_FORM, ""),
    "form of a senseless type": (FETCH_FORM, ";;;=/\xff"),
    "multipart/mixed": (FETCH_PARTS + END, "multipart/mixed; boundary=B"),
    "form in gbk": (FETCH_FORM, f"{FORM}; charset=gbk"),
    "form in utf-16": (FETCH_FORM.decode().encode("utf-16"), f"{FORM}; charset=utf-16"),
    "form in hex": (FETCH_FORM, f"{FORM}; charset=hex"),
    "multipart in utf-16": (FETCH_PARTS + END, f"{MULTIPART}; charset=utf-16"),
    "multipart in hex": (FETCH_PARTS + END, f"{MULTIPART}; charset=hex"),
    "multipart without a boundary": (FETCH_PARTS + END, "multipart/form-data"),
    "multipart with an empty boundary": (FETCH_PARTS + END, "multipart/form-data; boundary="),
    "multipart with another boundary": (FETCH_PARTS + END, "multipart/form-data; boundary=A"),
    "multipart with an enormous boundary": (FETCH_PARTS + END, f"multipart/form-data; boundary={'B' * 5000}"),
    "multipart with a chinese boundary": (FETCH_PARTS + END, "multipart/form-data; boundary=界"),
    "multipart with a file in false base64": (
        FETCH_PARTS + part("a", "!", filename="a", headers="Content-Transfer-Encoding: base64\r\n") + END,
        MULTIPART,
    ),
    "2,000 fields in form": (FETCH_FORM + b"&a=1" * 2000, FORM),
    "2,000 fields in multipart": (FETCH_PARTS + part("a", "1") * 2000 + END, MULTIPART),
    "200 files": (FETCH_PARTS + part("a", "1", filename="a") * 200 + END, MULTIPART),
}


@pytest.mark.parametrize(("body", "content_type"), NO_QUERIES.values(), ids=NO_QUERIES)
def test_it_refuses_a_body_that_is_no_query(ma, body, content_type):
    before = rows()
    assert post(ma, body, content_type) == (200, ILLEGAL)
    assert rows() == before


def test_it_refuses_a_multipart_body_that_was_cut_off_anywhere(ma):
    """What was cut off may be the rest of a note."""
    body = FETCH_PARTS + part("a", "x", filename="a") + part("b", "12") + END
    body = body.replace(b"KEY", ma.session_key.encode())
    before = rows()
    taken = [length for length in range(len(body) - 2) if post(ma, body[:length], MULTIPART) != (200, ILLEGAL)]
    assert {length: body[length - 20 : length] for length in taken} == {}
    assert rows() == before


@pytest.mark.parametrize(
    ("body", "content_type"), [(FETCH_FORM, FORM), (FETCH_JSON, JSON), (FETCH_PARTS + END, MULTIPART)], ids=ENCODINGS
)
def test_it_refuses_a_body_that_is_shorter_than_it_said(ma, body, content_type):
    """The phone lost its connection on the way; what is missing may be the rest of a note."""
    body = body.replace(b"KEY", ma.session_key.encode())
    before = rows()
    environ = {"CONTENT_LENGTH": str(len(body) + 1), "wsgi.input": io.BytesIO(body)}
    assert post(ma, b"", content_type, **environ) == (200, ILLEGAL)
    assert rows() == before


@pytest.mark.parametrize("content_type", [FORM, JSON, MULTIPART])
@pytest.mark.parametrize("length", ["", "0", "-1", "abc", "1e3", "9" * 5000], ids=["empty", 0, -1, "abc", "1e3", "9"])
def test_it_survives_a_length_that_is_none(ma, content_type, length):
    before = rows()
    answer = post(ma, FETCH_FORM, content_type, CONTENT_LENGTH=length)
    assert answer in [(200, ILLEGAL), (413, {"queryErr": "Body Too Large"})]
    assert rows() == before


QUERIES = ["", " ", "eat", "Fetch", "fetch ", " fetch", "fetchSuccess", "__class__", "fetch\0", "🍜", "x" * 5000]
NO_TEXTS = [None, ["fetch"], {"fetch": 1}, [], {}, True, 0, 1.5, "\ud800"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_knows_no_other_query_whatever_the_session(ma, encoding):
    before = rows()
    for session_key in [ma.session_key, "0" * 40, "", None]:
        phone = Phone(session_key)
        phone.client = ma.client
        for query in QUERIES + (NO_TEXTS if encoding == "json" else []):
            response = phone.send({"query": query}, encoding)
            assert (response.status_code, response.json()) == (200, ILLEGAL), (query, session_key)
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_refuses_every_query_but_login_without_a_session_key(ma, stranger, encoding):
    before = rows()
    for query in registry.keys() - {"login"}:
        fields = {"query": query} | ({"sessionKey": None} if encoding == "json" else {})
        response = stranger.send(fields, encoding)
        assert (response.status_code, response.json()) == (200, ILLEGAL), query
    assert rows() == before


def test_it_ignores_a_session_key_at_login(stranger):
    for session_key in ["", "rubbish", ["0"], None]:
        answer = stranger("login", sessionKey=session_key, encoding="json")
        assert answer == {"loginSuccess": "fail", "failMsg": "Login Error"}, session_key


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_times_out_a_session_key_that_is_not_alive(ma, encoding):
    key = ma.session_key
    stored = Session.objects.get().digest
    keys = ["", " ", "0" * 40, key[:-1], key + "0", f" {key}", f"{key}\n", f"{key}\0", key.upper(), stored, stored[:40]]
    keys += [ma.person.openid_hash, "' OR '1'='1", "%", "🍜" * 40, "０" * 40, "x" * 100_000, "1" * 40, -1, 10**39]
    if encoding == "json":
        keys += [[key], {key: key}, [], {}, True, False, 1.5, "\ud800", f"{key}\udfff"]
    before = rows()
    for wrong in keys:
        response = ma.send({"query": "fetch", "sessionKey": wrong}, encoding)
        assert (response.status_code, response.json()) == (200, TIME_OUT), wrong
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_times_out_every_query_but_login_after_the_hour(ma, encoding):
    with unannounced():
        Session.objects.update(started_at=timezone.now() - timedelta(hours=1))
    before = rows()
    for query in registry.keys() - {"login"}:
        assert ma(query, encoding=encoding) == TIME_OUT, query
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_lets_nobody_but_a_seller_be_one(ma, li, encoding):
    before = rows()
    for query, fail_msg in [
        *[(name, "Invalid Session Error") for name in ("fetch", "note", "call", "info", "clear", "qrcode")],
        ("update", "Need Signup Error"),
    ]:
        for fields in [{}, {"marchSn": 1, "sellerName": "饺子"}, {"marchSn": "x", "sellerName": ""}]:
            answer = li(query, encoding=encoding, **fields)
            assert answer == {f"{query}Success": "fail", "failMsg": fail_msg}, (query, fields)
    answer = li("done", encoding=encoding, isseller="yes", marchSn=1)
    assert answer == {"doneSuccess": "fail", "failMsg": "Invalid Session Error"}
    assert rows() == before


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_lets_nobody_but_staff_be_one(ma, li, encoding):
    clerk = Phone.of("clerk")
    user = make_staff(clerk)
    assert clerk("admin")["adminSuccess"] == "success"
    right = user.user_permissions.get()

    def refuse(*phones):
        before = rows()
        for phone in phones:
            for query, fields in [("admin", {}), ("renew", {"telNum": MA_TELEPHONE, "term": 1}), ("renew", {})]:
                answer = phone(query, encoding=encoding, **fields)
                assert answer == {f"{query}Success": "fail", "failMsg": "Not Admin Error"}, (query, fields)
        assert rows() == before

    user.user_permissions.clear()
    refuse(ma, li, clerk)
    user.user_permissions.add(right)
    for wrong in [{"is_staff": False, "is_active": True}, {"is_staff": True, "is_active": False}]:
        User.objects.update(**wrong)
        refuse(clerk)
    User.objects.update(is_active=True)
    assert clerk("admin")["adminSuccess"] == "success"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "FETCH"])
def test_it_refuses_every_method_but_post(ma, method):
    before = rows()
    body = FETCH_FORM.replace(b"KEY", ma.session_key.encode())
    response = ma.client.generic(method, "/?query=fetch", body, content_type=FORM)
    assert (response.status_code, response["Allow"], response["Content-Type"]) == (405, "POST", "application/json")
    if method != "HEAD":
        assert response.json() == {"queryErr": "Method Not Allowed"}
    assert rows() == before


def padded(body, size):
    """Return the body made as long as that with what changes nothing."""
    return body.replace(b"PAD", b" " * (size - len(body) + len(b"PAD")))


SIZES = {
    "form": (b"PAD=&" + FETCH_FORM, FORM, 2**20),
    "json": (b"PAD" + FETCH_JSON, JSON, 2**20),
    "multipart": (FETCH_PARTS + part("a", "PAD") + END, MULTIPART, 2**21),
    "multipart with a file": (FETCH_PARTS + part("a", "PAD", filename="a") + END, MULTIPART, 2**21),
}


@pytest.mark.parametrize(("body", "content_type", "limit"), SIZES.values(), ids=SIZES)
def test_it_takes_a_body_exactly_at_the_limit(ma, body, content_type, limit):
    body = padded(body.replace(b"KEY", ma.session_key.encode()), limit)
    assert len(body) == limit
    assert post(ma, body, content_type) == (200, {"fetchSuccess": "success", "marchSn": 1})


@pytest.mark.parametrize("more", [1, 10**30])
@pytest.mark.parametrize(("content_type", "limit"), [(FORM, 2**20), (JSON, 2**20), ("", 2**20), (MULTIPART, 2**21)])
def test_it_refuses_a_body_over_the_limit_before_reading_it(ma, content_type, limit, more):
    before = rows()
    stream = io.BytesIO(b"query=fetch")
    environ = {"CONTENT_LENGTH": str(limit + more), "wsgi.input": stream}
    assert post(ma, b"", content_type, **environ) == (413, {"queryErr": "Body Too Large"})
    assert stream.tell() == 0
    assert rows() == before


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/", "/health", "/admin/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_refuses_a_host_that_is_not_ours(ma, settings, debug, path, method):
    settings.DEBUG = debug
    before = rows()
    for host in ["evil.example", "testserver.evil.example", "a b", "<script>", "testserver:port", "[::1", "", "牛"]:
        body = FETCH_FORM.replace(b"KEY", ma.session_key.encode())
        response = ma.client.generic(method, path, body, content_type=FORM, HTTP_HOST=host)
        assert (response.status_code, response["Content-Type"]) == (400, "application/json"), host
        assert response.json() == ILLEGAL, host
    assert rows() == before


@pytest.fixture
def fetch_raises(monkeypatch):
    """Make the query fetch raise an error."""

    def install(error):
        def broken(caller, data):
            raise error

        monkeypatch.setitem(registry, "fetch", replace(registry["fetch"], answer=broken))

    return install


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("secret"),
        KeyError("secret"),
        RecursionError("secret"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "secret"),
        Http404("secret"),
        PermissionDenied("secret"),
        SuspiciousOperation("secret"),
        ProgrammingError(1064, "You have an error in your SQL syntax near 'SELECT secret'"),
        IntegrityError("UNIQUE constraint failed: secret"),
        DatabaseError("secret"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_it_tells_nothing_of_a_fault_of_ours(ma, settings, caplog, fetch_raises, error, debug):
    settings.DEBUG = debug
    fetch_raises(error)
    before = rows()
    response = ma.send({"query": "fetch"})
    assert (response.status_code, response["Content-Type"]) == (500, "application/json")
    assert response.content == b'{"queryErr": "Server Error"}'
    assert "Retry-After" not in response
    assert rows() == before
    assert [record.exc_info[1] for record in caplog.records if record.message == "query_failed"] == [error]
    assert ma.session_key not in caplog.text


@pytest.mark.parametrize("number", [1j, "\ud800"], ids=["object", "surrogate"])
def test_it_tells_nothing_of_an_answer_that_cannot_be_sent(ma, monkeypatch, number):
    broken = replace(registry["fetch"], answer=lambda caller, data: {"marchSn": number})
    monkeypatch.setitem(registry, "fetch", broken)
    response = ma.send({"query": "fetch"})
    assert (response.status_code, response.json()) == (500, SERVER_ERROR)


UNREACHABLE = [
    OperationalError(2002, "Can't connect to server on 'secret'"),
    OperationalError(1205, "Lock wait timeout exceeded"),
    OperationalError("database is locked"),
    OperationalError(),
    InterfaceError(0, "secret"),
]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("error", UNREACHABLE, ids=repr)
def test_it_asks_to_come_back_while_the_database_is_away(ma, settings, caplog, fetch_raises, error, debug):
    settings.DEBUG = debug
    fetch_raises(error)
    response = ma.send({"query": "fetch"})
    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert (response["Content-Type"], response.content) == ("application/json", b'{"queryErr": "Server Error"}')
    assert "secret" not in caplog.text
    assert ma.session_key not in caplog.text


def test_it_asks_to_come_back_where_the_session_cannot_be_looked_up(ma, monkeypatch):
    def away(**values):
        raise UNREACHABLE[0]

    monkeypatch.setattr(sessions.KNOWN_SESSION, "rows", away)
    response = ma.send({"query": "fetch"})
    assert (response.status_code, response["Retry-After"], response.json()) == (503, "3", SERVER_ERROR)
