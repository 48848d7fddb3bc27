"""Rubbish at the door: requests made of valid ones by chance, sent to bin/serve byte for byte.

FUZZ_SECONDS is how long (3), FUZZ_SEED which chance (a new one each time). The same seed makes the same requests; a
failure prints both the seed and the request.
"""

import itertools
import json
import os
import random
import re
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urlencode

import pytest

from callme_site.testing.pictures import encoded
from callme_site.testing.sockets import PATIENCE, Answer, send
from callme_site.wire.registry import registry

SECONDS = float(os.environ.get("FUZZ_SECONDS", 3))
THREADS = 6
PLAIN = {200, 413}  # for a request that is one, whatever is in it
KNOWN = PLAIN | {301, 302, 400, 403, 404, 405, 408, 411, 414, 417, 431}
# A trace of our inside: Python's, the database's, a path, a setting.
INSIDE = re.compile(rb"Traceback|File \"|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) [`\"]|sandbox-(buyer|seller)-secret")

# Whose session a request is of: in its place stand so many characters of no key.
PEOPLE = {name: f"{name:_<40}" for name in ("stall", "student", "staff", "nobody")}

ODD_TEXTS = [
    *["", " ", "0", "-1", "1e5", "5.0", "9" * 400, "１", "\0", "a\0b", "🍜" * 201, "\u202e", "%00", "%", "&", "=", "+"],
    *["{}", "[", "[[[[", '["面"]', "{'a': 1}", "' OR '1'='1", "<script>", "../../.env", "x" * 5000, "null", "NaN"],
    *["yes", "YES", "sandbox-stall1", "13800000001", "138 0000 0001", "\r\nSet-Cookie: a=b", "${jndi}", "{{7*7}}"],
]
ODD_VALUES = [
    *[None, True, False, 0, -1, 1.5, 1e400, 10**400, [], {}, [[]], [1], {"a": 1}, "\ud800", "a\udfff", ["a", None]],
    *[["面"] * 61, {"": ""}, [[[[[[]]]]]]],
]
USUAL = {
    "sellerId": [1, 2, 3, 4, "1", 5],
    "marchSn": [1, 2, 3, "1", 99, 100],
    "noteContent": ["牛肉面", "", "多放香菜 🌿", "x" * 200],
    "isseller": ["yes", "no"],
    "code": ["sandbox-li", "sandbox-stall1", "sandbox-staff", "x"],
    "phoneCode": ["sandbox-13800000004", "sandbox-13800000002", "x", ""],
    "telNum": ["13800000001", "13800000004", 13800000002, "13912345678"],
    "term": [1, "2", 36, 37],
    "sellerName": ["兰州拉面", "面"],
    "personName": ["马师傅"],
    "menuList": ["牛肉面,刀削面", '["牛肉面"]', ["牛肉面", "炒拉条"]],
    "imageName": ["photo", "sellerImage"],
    "proof": ["yes", "no"],
    "subscribe": ["yes", "no", ""],
    "claim": ["0047", "1234"],
}
ODD_BYTES = [
    *[b"\0", b"\xff", b"\xed\xa0\x80", b"\r\n", b"\n", b"%", b"%u0041", b"%ff", b"&", b"=", b"\\ud800", b'"', b"\\"],
    *[b"--B", b"--B--", b"[" * 2000, b'{"a":' * 2000, b"\xef\xbb\xbf", b"query=fetch&", b"9" * 5000, "🍜".encode()],
]
CHARSETS = ["utf-8", "utf-7", "utf-16", "hex", "idna", "undefined", "nope", "rot13", "", "'", "\xff", "a" * 3000]
TYPES = [
    *["", ";", ";;;=", "application/json; a*=nope''x", "application/json; a*=x; a*0=y"],
    *["application/json; a*=idna''%ff", f"application/json; a*{'9' * 5000}=x", 'application/json; a="', "text/plain"],
    *["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="', "multipart/mixed"],
    *[f"multipart/form-data; boundary={'B' * 300}", "multipart/form-data; boundary=B; boundary=C", "\xff/\xff"],
    *["multipart/form-data; boundary*=hex''%42", "multipart/form-data; boundary*0=B; boundary*1=B"],
    *[
        "multipart/form-data; boundary*0*=utf-16''B",
        "MULTIPART/FORM-DATA; BOUNDARY=B",
    ],
]
HEADERS = [
    *["Cookie: sessionid=x; csrftoken=\xff", f"Cookie: {'a=b; ' * 500}", "Cookie: =;;=", "Accept-Language: \xff;q=x"],
    *[f"Accept-Language: {'a-' * 500}", "Accept-Language: zh-hans, en;q=nan", "Accept-Encoding: gzip;q=x"],
    *["Host: evil.example", "Host: ", "Host: localhost:99999", "Host: [::1", "Host: \xff", "Range: bytes=0-"],
    *["X-Forwarded-Proto: x", "X_Forwarded_Proto: https", "X-HTTP-Method-Override: GET", "If-None-Match: *"],
    *["Upgrade: h2c", "Connection: Upgrade", "Connection: close", "Expect: x", "A: "],
    *[": a", "A", " A: b", "A : b", "A: \0", f"A: {'x' * 9000}", "Content-Type: text/plain", "Origin: null"],
    *["Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding: xchunked", "Trailer: Host"],
]
LENGTHS = ["-1", "0", "+5", "0x10", "1_0", "1048577", "2097153", "9" * 30, "", "5, 5", "x", "\xb2"]
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "post", "PRI", "", "A" * 2000]
TARGETS = [
    *["/?", "/?query=fetch", f"/?{'a' * 9000}", "//", "/%", "/%00", "/%ff", "/\xff", "*", "", "/..", "/./", "/admin/"],
    *["/admin/login/?next=//evil.example", "/media/../.env", "/media/%2e%2e/.env", "/media/", "/media/%00", "/health"],
    *["/static/../manage.py", "/static/", "http://evil.example/", "/admin/jsi18n/?\xff", f"/{'a/' * 2000}"],
    *["/admin/r/1/1/", "/admin/sellers/seller/?e=1&p=x", "/static/admin/css/base.css%00", "/media/sellers"],
]
VERSIONS = ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.9", "HTTP", "", "http/1.1", "HTTP/1.1 "]


PICTURE = encoded("PNG", (8, 8))


@dataclass
class Request:
    """A request in the making. `framed` tells that its end is where it says."""

    method: str
    target: str
    version: str
    headers: list[str]
    body: bytes
    length: str | None = None
    framed: bool = True

    @property
    def plain(self) -> bool:
        """Whether the gateway gets to see it: then the answer is the protocol's."""
        return self.framed and (self.method, self.target, self.version) == ("POST", "/", "HTTP/1.1")

    def __bytes__(self) -> bytes:
        lines = [f"{self.method} {self.target} {self.version}", *self.headers]
        lines.append(f"Content-Length: {len(self.body) if self.length is None else self.length}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


def make(chance: random.Random) -> tuple[Request, Callable[[bytes], bytes]]:
    """Return a request, and what is done to its bytes at last."""
    encode = chance.choice([as_form, as_json, as_multipart])
    content_type, body = encode(chance, some_fields(chance))
    request = Request("POST", "/", "HTTP/1.1", ["Host: localhost", f"Content-Type: {content_type}"], body)
    for _time in range(chance.choice([0, 0, 1, 1, 2, 3])):
        chance.choice(MUTATIONS)(chance, request)
    if chance.random() < 0.05:
        request.framed = False
        return request, lambda content: mangled(chance, content)
    return request, lambda content: content


def some_fields(chance: random.Random) -> list[tuple[str, object]]:
    """Return the fields of a query as somebody might send it, in any order, some of them odd, twice or too many."""
    query = chance.choice([*registry, "", "eat"])
    names = [*registry[query].fields.declared, "isseller"] if query in registry else list(USUAL)
    fields = [(name, chance.choice(USUAL[name])) for name in names if chance.random() < 0.9]
    for place, (name, _value) in enumerate(fields):
        if chance.random() < 0.15:
            fields[place] = (name, chance.choice(ODD_TEXTS + ODD_VALUES))
    fields += [("query", query), ("sessionKey", chance.choice(list(PEOPLE.values())))]
    if chance.random() < 0.1:
        fields.append(chance.choice([*fields, ("", ""), ("query", ["fetch"]), (chance.choice(ODD_TEXTS), "x")]))
    chance.shuffle(fields)
    return fields


def as_form(chance: random.Random, fields: list[tuple[str, object]]) -> tuple[str, bytes]:
    pairs = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in fields]
    return "application/x-www-form-urlencoded", urlencode(pairs, errors="surrogatepass").encode()


def as_json(chance: random.Random, fields: list[tuple[str, object]]) -> tuple[str, bytes]:
    pairs = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields)
    return "application/json", f"{{{', '.join(pairs)}}}".encode()


def as_multipart(chance: random.Random, fields: list[tuple[str, object]]) -> tuple[str, bytes]:
    body = b""
    for name, value in fields:
        text = value if isinstance(value, str) else json.dumps(value)
        body += b'--B\r\nContent-Disposition: form-data; name="%s"\r\n' % quote_from_bytes(name.encode()).encode()
        if chance.random() < 0.05:
            body += part_header(chance)
        body += b"\r\n%s\r\n" % text.encode(errors="surrogatepass")
    if chance.random() < 0.5:
        name = chance.choice(["a.png", "", "../../a.html", "a\\", "\xff"])
        content = PICTURE if chance.random() < 0.6 else mangled(chance, PICTURE)
        body += f'--B\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n'.encode()
        body += b"Content-Type: image/png\r\n\r\n" + content + b"\r\n"
    return "multipart/form-data; boundary=B", body + b"--B--\r\n"


def part_header(chance: random.Random) -> bytes:
    """Return a header of a part, more or less."""
    odd = chance.choice([*TYPES, *(f"text/plain; charset={name}" for name in CHARSETS), "form-data; name*=x; name*0=y"])
    name = chance.choice(["Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "", "A" * 2000])
    return f"{name}: {odd}\r\n".encode("latin-1")


def mangled(chance: random.Random, content: bytes) -> bytes:
    """Return the bytes with a few of them changed, left out, put in, repeated, or cut off."""
    changed = bytearray(content)
    for _time in range(chance.choice([1, 1, 2, 5])):
        begin = chance.randrange(len(changed) + 1)
        end = min(len(changed), begin + chance.choice([0, 1, 1, 2, 10, 100]))
        part = bytes(changed[begin:end])
        flipped = bytes(byte ^ 1 << chance.randrange(8) for byte in part)
        changed[begin:end] = chance.choice([flipped, flipped, b"", part * 2, part + chance.choice(ODD_BYTES)])
    return bytes(changed[: chance.randrange(len(changed) + 1)] if chance.random() < 0.1 else changed)


def mangle_body(chance: random.Random, request: Request) -> None:
    request.body = mangled(chance, request.body)


def change_type(chance: random.Random, request: Request) -> None:
    odd = chance.choice([*TYPES, None, None])
    kept = request.headers[1].removeprefix("Content-Type: ")
    request.headers[1] = f"Content-Type: {odd if odd is not None else f'{kept}; charset={chance.choice(CHARSETS)}'}"


def add_header(chance: random.Random, request: Request) -> None:
    request.headers.insert(chance.choice([2, len(request.headers)]), chance.choice(HEADERS))
    request.framed = False  # hyper refuses some, and Django some hosts


def change_length(chance: random.Random, request: Request) -> None:
    near = len(request.body) + chance.choice([-10, -1, 1, 10])
    request.length = chance.choice([*LENGTHS, str(max(0, near)), f"{len(request.body)}\r\nContent-Length: {near}"])
    request.framed = False


def chunk(chance: random.Random, request: Request) -> None:
    request.headers.append("Transfer-Encoding: chunked")
    size = chance.choice([len(request.body), 5, 2**70])
    request.body = b"%x%s\r\n%s\r\n0\r\n\r\n" % (size, chance.choice([b"", b";a=b", b" "]), request.body)
    request.framed = False


def change_line(chance: random.Random, request: Request) -> None:
    which, values = chance.choice([("method", METHODS), ("target", TARGETS), ("version", VERSIONS)])
    setattr(request, which, chance.choice(values))


MUTATIONS = [*[mangle_body] * 3, *[change_type] * 2, add_header, change_length, chunk, change_line]


def check(request: Request, answers: list[Answer]) -> None:
    """Raise AssertionError for an answer that ought not to be."""
    if request.plain:
        assert len(answers) == 1
        assert answers[0].status in PLAIN
        content = answers[0].json
        assert "queryErr" in content or any(name.endswith("Success") for name in content)
    for answer in answers:
        assert answer.status in KNOWN
        assert not INSIDE.search(answer.body)
        if answer.headers.get("content-type") == "application/json" and request.method != "HEAD":
            assert isinstance(answer.json, dict)


@pytest.fixture
def sessions(machine):
    """bin/serve, and the session keys of the people on the phones."""
    server = machine.start()
    codes = {"stall": "sandbox-stall1", "student": "sandbox-li", "staff": "sandbox-staff"}
    keys = {
        name: server.ask("login", isseller="no" if name == "student" else "yes", code=f"{code}-fuzz")["sessionKey"]
        for name, code in codes.items()
    }
    return server, {**keys, "nobody": "0" * 40}


def test_whatever_comes_in_is_answered_in_the_protocols_form(machine, sessions):
    server, keys = sessions
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(4)
    numbers, until = itertools.count(), time.monotonic() + SECONDS

    def knock() -> int:
        """Send requests until the time is over; return how many."""
        sent = 0
        while time.monotonic() < until:
            number = next(numbers)
            request, finish = make(random.Random(f"{seed} {number}"))
            content = ready = finish(bytes(request))
            for name, stand_in in PEOPLE.items():
                ready = ready.replace(stand_in.encode(), keys[name].encode())
            answers = None
            try:
                answers = send(machine.port, ready, patience=PATIENCE if request.plain else 0.3)
                check(request, answers)
            except Exception as error:
                raise AssertionError(f"FUZZ_SEED={seed}, request {number}:\n{content}\n{answers}") from error
            sent += 1
        return sent

    with ThreadPoolExecutor(THREADS) as threads:
        sent = sum(future.result() for future in [threads.submit(knock) for _thread in range(THREADS)])
    print(f"FUZZ_SEED={seed}: {sent} requests")
    assert server.ask("note", keys["stall"])["noteSuccess"] == "success"
    machine.manage("check_balances")
    assert server.stop() == 0
    after_start = server.said.partition("callme is up")[2]
    assert not INSIDE.search(after_start.encode()), after_start
    assert not any(key in after_start for key in keys.values() if key != keys["nobody"]), after_start
