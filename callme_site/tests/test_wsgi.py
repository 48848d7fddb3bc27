"""The door before Django: what its request cannot even be made of."""

import io
import json

import pytest

from callme_site.wsgi import application

pytestmark = pytest.mark.django_db  # the end of a request looks after the connection


def post(content_type, body=b'{"query": "login"}'):
    """Send a body as the server would hand it on; return the status and the answer."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    statuses = []
    response = application(environ, lambda status, headers: statuses.append(status))
    return statuses[0], json.loads(b"".join(response))


def test_it_answers_a_query():
    """The control: the bodies below would be answered too, but for their types."""
    for content_type in ("application/json", "application/json; a*=utf-8''x"):
        assert post(content_type) == ("200 OK", {"loginSuccess": "fail", "failMsg": "Login Error"})


@pytest.mark.parametrize("parameter", ["a*=nope''x", "a*=idna''%ff", f"a*{'9' * 5000}=x"], ids=range(3))
def test_a_type_that_no_request_can_be_made_of_is_no_fault_of_ours(parameter):
    assert post(f"application/json; {parameter}") == ("200 OK", {"queryErr": "Illegal query"})


def test_a_type_that_only_newer_pythons_read_is_no_fault_of_ours():
    answers = {"queryErr": "Illegal query"}, {"loginSuccess": "fail", "failMsg": "Login Error"}
    status, answer = post("application/json; a*=x; a*0=y")
    assert (status, answer in answers) == ("200 OK", True)


def test_a_path_may_hold_any_character(client):
    for method in ("GET", "POST"):
        statuses = []
        environ = client._base_environ(PATH_INFO="/a/\ufeff", REQUEST_METHOD=method)
        list(application(environ, lambda status, headers, statuses=statuses: statuses.append(status)))
        assert statuses == ["404 Not Found"]


def test_it_reads_what_the_answer_did_without(client):
    """What is left in the connection would be taken for the next request, or end it under somebody else's."""
    for method, path, size, left in [
        ("POST", "/", 2**20 + 1, 0),
        ("GET", "/health", 10, 0),
        ("POST", "/", 2**22, 2**22),
    ]:
        body = io.BytesIO(b"a" * size)
        environ = client._base_environ(PATH_INFO=path, REQUEST_METHOD=method, CONTENT_LENGTH=str(size))
        for _part in application({**environ, "wsgi.input": body}, lambda status, headers: None):
            pass
        assert len(body.read()) == left


def test_a_fault_of_ours_is_not_taken_for_a_type():
    with pytest.raises(KeyError, match="REQUEST_METHOD"):
        application({"PATH_INFO": "/", "CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO()}, None)
