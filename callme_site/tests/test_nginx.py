"""callme behind nginx with the shipped file, as in production: what nginx lets through, and what it answers itself."""

import socket
import threading
import time
from contextlib import ExitStack

import pytest
import requests

from callme_site.testing.nginx import Nginx, nginx_in
from callme_site.testing.pictures import HTML, TRAVERSALS
from callme_site.testing.processes import free_ports
from callme_site.testing.serving import machine_in
from callme_site.testing.sockets import PATIENCE, send
from conftest import needs_nginx

pytestmark = needs_nginx

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
TAIL = b"0\r\n\r\n"  # the end of a chunked body, for whoever believes in one


def post(headers: bytes, body: bytes, line: bytes = b"POST / HTTP/1.1") -> bytes:
    return line + b"\r\nHost: localhost\r\n" + FORM + headers + b"\r\n" + body


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


class Stall:
    """A stall's phone on two ways to callme: through nginx, and straight at its server."""

    def __init__(self, server, nginx: Nginx, port: int) -> None:
        self.server, self.nginx, self.port = server, nginx, port
        self.key = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        self.note = f"query=note&sessionKey={self.key}".encode()
        fetch = f"query=fetch&sessionKey={self.key}".encode()
        self.fetch = post(length(fetch), fetch)

    def numbers(self) -> int:
        """Return how many numbers the stall has out."""
        return len(self.server.ask("note", self.key)["orderList"]["unnotedList"])


@pytest.fixture(scope="module")
def canteen(tmp_path_factory, django_db_setup):
    """bin/serve, and nginx in front of it; the folder of pictures has a few files."""
    folder = tmp_path_factory.mktemp("n")
    with machine_in(folder) as machine:
        server = machine.start()
        media = machine.checkout / "media"
        (media / "folder").mkdir(parents=True)
        for name in ("a.jpg", "a.png", "a.html", "a.svg"):
            (media / name).write_bytes(HTML)
        with nginx_in(folder / "nginx", machine.port, media) as nginx:
            yield Stall(server, nginx, machine.port)


@pytest.fixture
def stall(canteen):
    """The stall's phone, with no number out."""
    assert canteen.server.ask("clear", canteen.key) == {"clearSuccess": "success"}
    return canteen


def test_a_query_passes(stall):
    """The control: the requests below would be answered too, but for their oddity."""
    for port in (stall.nginx.port, stall.port):
        answers = send(port, post(length(stall.note), stall.note) + stall.fetch)
        assert [next(iter(answer.json.items())) for answer in answers] == [
            ("noteSuccess", "success"),
            ("fetchSuccess", "success"),
        ]
    assert stall.numbers() == 2


def smuggled(stall, headers: bytes) -> bytes:
    """Return a request that ends, for one who believes in chunks or a length of 5, where a fetch begins in it."""
    return post(headers.replace(b"ALL", b"%d" % len(TAIL + stall.fetch)), TAIL + stall.fetch)


# ALL stands for the length of the whole.
SMUGGLING = {
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: ALL\r\n",
    "a length and chunks": b"Content-Length: ALL\r\nTransfer-Encoding: chunked\r\n",
    "chunks and a short length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: ALL\r\n",
    "two lengths, the long one first": b"Content-Length: ALL\r\nContent-Length: 5\r\n",
    "a length twice": b"Content-Length: ALL\r\nContent-Length: ALL\r\n",
    "a list of lengths": b"Content-Length: 5, ALL\r\n",
    "a length with a sign": b"Content-Length: +ALL\r\n",
    "a length in hex": b"Content-Length: 0x5\r\n",
    "a length below nothing": b"Content-Length: -1\r\n",
    "a length past all": b"Content-Length: 99999999999999999999999\r\n",
    "a space before the colon of chunks": b"Transfer-Encoding : chunked\r\nContent-Length: ALL\r\n",
    "a space before the colon of the length": b"Content-Length : 5\r\nContent-Length: ALL\r\n",
    "xchunked": b"Transfer-Encoding: xchunked\r\nContent-Length: ALL\r\n",
    "chunks after a tab": b"Transfer-Encoding:\tchunked\r\nContent-Length: ALL\r\n",
    "chunks after a vertical tab": b"Transfer-Encoding: \x0bchunked\r\nContent-Length: ALL\r\n",
    "chunks on the next line": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: ALL\r\n",
    "chunks and identity": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: ALL\r\n",
    "identity": b"Transfer-Encoding: identity\r\nContent-Length: ALL\r\n",
    "chunks after a bare line feed": b"A: b\nTransfer-Encoding: chunked\r\nContent-Length: ALL\r\n",
    "chunks after a bare return": b"A: b\rTransfer-Encoding: chunked\r\nContent-Length: ALL\r\n",
    "a NUL": b"A: \0\r\nContent-Length: ALL\r\n",
}
ONE_REQUEST = {
    "chunks with an underscore": b"Transfer_Encoding: chunked\r\nContent-Length: ALL\r\n",
    "a length with an underscore": b"Content_Length: 5\r\nContent-Length: ALL\r\n",
    "bare line feeds": b"Content-Length: ALL\n",
}


@pytest.mark.parametrize("headers", SMUGGLING.values(), ids=SMUGGLING)
def test_nginx_refuses_a_request_of_two_lengths(stall, headers):
    answers = send(stall.nginx.port, smuggled(stall, headers))
    assert [answer.status for answer in answers] in ([400], [413], [501])
    assert stall.numbers() == 0


@pytest.mark.parametrize("headers", ONE_REQUEST.values(), ids=ONE_REQUEST)
def test_nginx_and_callme_take_an_odd_request_for_one(stall, headers):
    answers = send(stall.nginx.port, smuggled(stall, headers))
    assert [answer.json for answer in answers] == [{"queryErr": "Illegal query"}]
    assert stall.numbers() == 0


@pytest.mark.parametrize("headers", [*SMUGGLING.values(), *ONE_REQUEST.values()], ids=[*SMUGGLING, *ONE_REQUEST])
def test_callme_alone_takes_no_second_request_out_of_the_first(stall, headers):
    answers = send(stall.port, smuggled(stall, headers))
    assert len(answers) == 1
    assert answers[0].status == 400 or answers[0].json == {"queryErr": "Illegal query"}
    assert stall.numbers() == 0


LINES = {
    "HTTP/0.9": (b"GET /", None),
    "HTTP/0.9 with a method of later": (b"POST /", None),
    "HTTP/2.0": (b"POST / HTTP/2.0", 505),
    "no version": (b"POST / HTTP", 400),
    "lower case": (b"post / HTTP/1.1", 400),
    "a space in front": (b" POST / HTTP/1.1", 400),
    "two spaces": (b"POST /  / HTTP/1.1", 400),
    "a tunnel": (b"CONNECT 127.0.0.1:22 HTTP/1.1", 400),
    "an encoded NUL": (b"POST /%00 HTTP/1.1", 400),
    "an asterisk": (b"OPTIONS * HTTP/1.1", 400),
    "a long address": (b"POST /?" + b"a" * 70_000 + b" HTTP/1.1", 414),
}


@pytest.mark.parametrize(("line", "status"), LINES.values(), ids=LINES)
def test_nginx_refuses_an_odd_first_line(stall, line, status):
    fetch = stall.fetch.replace(b"POST / HTTP/1.1", line)
    if status is None:
        with pytest.raises(AssertionError, match=r"<html>|Illegal query"):  # a body alone, as was the custom
            send(stall.nginx.port, fetch)
    else:
        assert [answer.status for answer in send(stall.nginx.port, fetch)] == [status]
    assert stall.numbers() == 0


HEADERS = {
    "no host": (b"Host: localhost\r\n", b"", 400),
    "two hosts": (b"Host: localhost\r\n", b"Host: localhost\r\nHost: evil.example\r\n", 400),
    "a foreign host": (b"Host: localhost\r\n", b"Host: evil.example\r\n", 400),
    "a large header": (FORM, FORM + b"A: " + b"x" * 70_000 + b"\r\n", 400),
    "many headers": (FORM, FORM + b"A: b\r\n" * 200, 431),
    "a space before a colon": (FORM, FORM + b"A : b\r\n", 400),
}


@pytest.mark.parametrize(("usual", "odd", "status"), HEADERS.values(), ids=HEADERS)
def test_odd_headers_are_refused(stall, usual, odd, status):
    answers = send(stall.nginx.port, stall.fetch.replace(usual, odd))
    assert [answer.status for answer in answers] == [status]
    assert stall.numbers() == 0


def test_an_absolute_address_changes_nothing(stall):
    """The host is the Host header's to callme, which knows what hosts are its own."""
    for line in (b"POST http://localhost/ HTTP/1.1", b"POST http://evil.example/ HTTP/1.1"):
        (answer,) = send(stall.nginx.port, stall.fetch.replace(b"POST / HTTP/1.1", line))
        assert answer.json["fetchSuccess"] == "success"
    assert stall.numbers() == 2


def test_a_body_without_a_length_is_whole_behind_nginx(stall):
    """nginx gathers the chunks: callme itself counts them as nothing."""
    chunks = b"%x\r\n%s\r\n%s" % (len(stall.note), stall.note, TAIL)
    (answer,) = send(stall.nginx.port, post(b"Transfer-Encoding: chunked\r\n", chunks))
    assert answer.json["noteSuccess"] == "success"


def test_a_large_body_is_refused_in_the_protocols_form(stall):
    for size in (2**20 + 1, 2**21 + 1):  # callme's own limit, and nginx's
        (answer,) = send(stall.nginx.port, post(b"Content-Length: %d\r\n" % size, b"a" * size))
        assert (answer.status, answer.json) == (413, {"queryErr": "Body Too Large"})


@pytest.mark.parametrize("line", [b"POST / HTTP/1.1", b"GET / HTTP/1.1", b"POST /health HTTP/1.1"])
def test_a_body_that_nobody_read_costs_nobody_else_an_answer(stall, line):
    """nginx keeps its connection to callme, and the next request on it is somebody else's."""
    size = 2**20 + 1
    large = post(b"Content-Length: %d\r\n" % size, b"a" * size, line)
    for _time in range(40):
        # One answer: `send` takes its own request's off, where that is what it should be.
        assert [answer.status for answer in send(stall.nginx.port, large)] in ([200], [403], [405], [413])


def log_in(stall, source=""):
    """Return the answer to a login to the admin, which callme refuses for want of a token."""
    login = post(b"Content-Length: 10\r\n", b"username=a", b"POST /admin/login/ HTTP/1.1")
    (answer,) = send(stall.nginx.port, login, source=source)
    return answer


def test_one_address_logs_in_to_the_admin_so_often_and_no_more(stall):
    answers = [log_in(stall) for _ in range(45)]
    assert [answer.status for answer in answers[:31]] == [403] * 31
    refused = next(answer for answer in answers if answer.status != 403)
    assert (refused.status, refused.headers["retry-after"]) == (429, "60")
    assert refused.headers["content-type"] == "text/plain; charset=utf-8"
    assert "登录次数过多" in refused.body.decode()
    assert log_in(stall, "127.0.0.2").status == 403
    others = (b"GET /admin/login/ HTTP/1.1", b"POST /admin/logout/ HTTP/1.1")
    answers = [send(stall.nginx.port, post(b"Content-Length: 0\r\n", b"", line))[0] for line in others]
    assert [answer.status for answer in answers] == [200, 403]
    for _ in range(50):
        assert send(stall.nginx.port, post(length(stall.note), stall.note))[0].json["noteSuccess"] == "success"


def answer_to(stall, body, source=""):
    (answer,) = send(stall.nginx.port, post(length(body), body), source=source)
    return answer


@pytest.mark.parametrize(
    "unfinished",
    [post(b"Content-Length: 10000\r\n", b"a" * 5000), post(b"Transfer-Encoding: chunked\r\n", b"1388\r\n")],
    ids=["by its length", "in chunks"],
)
def test_one_address_sends_so_many_large_bodies_at_once_and_no_more(stall, unfinished):
    large = stall.note + b"&padding=" + b"a" * 10_000
    small = stall.note + b"&padding=" + b"a" * 9_000
    with ExitStack() as uploads:
        for _ in range(19):
            upload = uploads.enter_context(socket.create_connection(("127.0.0.1", stall.nginx.port)))
            upload.sendall(unfinished)
        assert answer_to(stall, large).json["noteSuccess"] == "success"
        twentieth = uploads.enter_context(socket.create_connection(("127.0.0.1", stall.nginx.port)))
        twentieth.sendall(unfinished)
        # nginx takes its time to read what was sent to it, and to see that somebody has gone.
        until = time.monotonic() + PATIENCE
        while (refused := answer_to(stall, large)).status != 503:
            assert time.monotonic() < until
        assert (refused.json, refused.headers["retry-after"]) == ({"queryErr": "Server Error"}, "3")
        assert answer_to(stall, small).json["noteSuccess"] == "success"
        assert answer_to(stall, large, "127.0.0.2").json["noteSuccess"] == "success"
        twentieth.close()
        until = time.monotonic() + PATIENCE
        while answer_to(stall, large).status == 503:
            assert time.monotonic() < until


def test_phones_are_told_to_come_back_while_callme_is_away(tmp_path):
    with nginx_in(tmp_path / "nginx", *free_ports(1), tmp_path) as nginx:
        answer = send(nginx.port, post(b"Content-Length: 0\r\n", b""))[0]
    assert (answer.status, answer.headers["retry-after"]) == (503, "3")
    assert answer.json == {"queryErr": "Server Error"}


def test_people_are_told_in_words_and_their_page_comes_back_by_itself(tmp_path):
    line = b"GET /board/1/ HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n"
    with nginx_in(tmp_path / "nginx", *free_ports(1), tmp_path) as nginx:
        page = send(nginx.port, line + b"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n\r\n")[0]
        poll = send(nginx.port, line + b"Accept: */*\r\n\r\n")[0]
    assert (page.status, page.headers["retry-after"]) == (503, "3")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    assert 'http-equiv="refresh" content="5"' in text
    assert "每 5 秒自动重试" in text
    assert "tries again every 5 seconds" in text
    assert poll.json == {"queryErr": "Server Error"}


def test_nginx_replaces_what_a_client_says_of_its_way(tmp_path):
    spoofs = b"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n"
    spoofs += spoofs.replace(b"-", b"_")
    with (
        socket.create_server(("127.0.0.1", 0)) as upstream,
        nginx_in(tmp_path / "nginx", upstream.getsockname()[1], tmp_path) as nginx,
    ):
        upstream.settimeout(PATIENCE)
        phone = threading.Thread(target=send, args=(nginx.port, post(spoofs + b"Content-Length: 0\r\n", b"")))
        phone.start()
        connection, _address = upstream.accept()
        with connection:
            passed = connection.recv(65536).decode().lower()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        upstream.close()
        phone.join(PATIENCE)
    ways = sorted(line for line in passed.split("\r\n") if line.startswith("x"))
    assert ways == ["x-forwarded-for: 127.0.0.1", "x-forwarded-proto: http"]


def test_nginx_writes_no_key_down(stall):
    key = stall.key.encode()
    for request in (
        b"POST /?sessionKey=" + key + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        b"GET /?sessionKey=" + key + b" HTTP/1.1\r\nHost: localhost\r\nReferer: http://localhost/?" + key + b"\r\n\r\n",
        b"GET /?sessionKey=" + key + b"\r\n",
        b"POST /?sessionKey=" + key + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n",
        b"GET /media/no.jpg?" + key + b" HTTP/1.1\r\nHost: localhost\r\nCookie: a=" + key + b"\r\n\r\n",
        b"POST /?" + key + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", stall.nginx.port), timeout=PATIENCE) as connection:
            connection.sendall(request)
            assert connection.recv(65536)
    assert "POST / 200" in stall.nginx.said
    assert stall.key not in stall.nginx.said


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
    ],
)
def test_nginx_takes_the_type_from_the_name_alone(stall, name, content_type):
    response = requests.get(f"http://127.0.0.1:{stall.nginx.port}/media/{name}", timeout=PATIENCE)
    assert (response.status_code, response.headers["Content-Type"]) == (200, content_type)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content == HTML


@pytest.mark.parametrize(
    "path", ["", "folder/", "folder", *TRAVERSALS, "../.env", "%2e%2e/.env", "..%2f.env", "../media../.env"]
)
def test_nginx_lists_no_folder_and_leads_out_of_none(stall, path):
    for prefix in (b"/media/", b"/media"):
        request = b"GET " + prefix + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        (answer,) = send(stall.nginx.port, request)
        assert answer.status in (301, 400, 403, 404)
        assert b"SECRET_KEY=" not in answer.body
        assert b"a.jpg" not in answer.body


def test_pictures_are_only_for_looking_at(stall):
    for method in (b"POST", b"PUT", b"DELETE"):
        (answer,) = send(stall.nginx.port, stall.fetch.replace(b"POST / ", method + b" /media/a.jpg "))
        assert answer.status == 403
