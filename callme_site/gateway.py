"""The one view: every query of the mini-programs comes in here, and every answer leaves from here."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Session
from callme_site import changes
from callme_site.protocol import Caller, Fail, Query, Who, registry

logger = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024  # bytes
MULTIPART_LIMIT = 2 * 1024 * 1024  # bytes
RETRY_AFTER = 3  # seconds; the phones' own pace of polling


class QueryError(Exception):
    """A request that is not answered as a query: the text of queryErr, and the HTTP status."""

    def __init__(self, text: str, status: int = 200, **headers: str) -> None:
        super().__init__(text)
        self.text, self.status, self.headers = text, status, headers


ILLEGAL = "Illegal query"
# LookupError: a charset that is none of text. TypeError: a part's parameter in two of RFC 2231's ways at once.
# RecursionError: JSON that is nested too deep.
UNREADABLE = (
    BadRequest,
    SuspiciousOperation,
    UnreadablePostError,
    MultiPartParserError,
    ValueError,
    LookupError,
    TypeError,
    RecursionError,
)


# Answers that are the same for everybody, by query.
common_answers: changes.Memory[bytes] = changes.Memory(most=10)


def encoded(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def as_json(
    content: dict[str, Any] | bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return the answer in the form that every client parses."""
    content = content if isinstance(content, bytes) else encoded(content)
    response = HttpResponse(content, "application/json", status, headers=headers)
    # These are the middlewares' business elsewhere; see phones_first.
    response.headers["Content-Length"] = str(len(content))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def phones_first(get_response: Callable) -> Callable:
    """Answer the phones before all that is there for browsers, which costs more than their queries.

    A host that is not ours is refused to everybody in the protocol's form: Django's page shows settings under DEBUG.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return as_json({"queryErr": ILLEGAL}, 400)
        phone = request.method == "POST" and request.path_info == "/"
        if phone and (request.is_secure() or not settings.SECURE_SSL_REDIRECT):
            return view(request)
        return get_response(request)

    return middleware


@csrf_exempt
def view(request: HttpRequest) -> HttpResponse:
    """Answer one request of the protocol; whatever happens, the answer is JSON and tells nothing of our inside."""
    try:
        return as_json(respond(request))
    except QueryError as error:
        return as_json({"queryErr": error.text}, error.status, error.headers)
    except (OperationalError, InterfaceError) as error:
        logger.error("database_unavailable error=%s code=%s", type(error).__name__, error.args[:1])
        return as_json({"queryErr": "Server Error"}, 503, {"Retry-After": str(RETRY_AFTER)})
    except Exception:
        logger.exception("query_failed")
        return as_json({"queryErr": "Server Error"}, 500)


def respond(request: HttpRequest) -> bytes:
    """Return the answer to a request; raises QueryError where it is no query."""
    if request.method != "POST":
        raise QueryError("Method Not Allowed", 405, Allow="POST")
    body = read_body(request)
    name = body.get("query")
    query = registry.get(name) if isinstance(name, str) else None
    if query is None:
        raise QueryError(ILLEGAL)
    state = None if query.common is None else changes.state(query.common)
    return encoded(envelope(query, body, request)) if state is None else common_answer(query, state, body, request)


def common_answer(query: Query, state: changes.State, body: dict[str, Any], request: HttpRequest) -> bytes:
    """Return an answer that is the same for everybody, kept as it was sent until what it tells of has changed."""
    find_person(body)
    kept = common_answers.recall(query.name, state)
    if kept is None:
        kept = encoded(envelope(query, body, request))
        common_answers.keep(query.name, state, kept)
    return kept


def envelope(query: Query, body: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """Let the query answer, and say whether it succeeded; raises QueryError."""
    try:
        success = query.shortcut(body) if query.shortcut else NotImplemented
        if success is NotImplemented:
            person = None if query.who is Who.ANYBODY else find_person(body)
            files = {} if is_plain_form(request) else request.FILES
            success = answer(query, Caller(person, files), body)
    except Fail as fail:
        return {f"{query.name}Success": "fail", "failMsg": fail.reason, **fail.beside}
    return {f"{query.name}Success": "success", **(success or {})}


def answer(query: Query, caller: Caller, body: dict[str, Any]) -> dict[str, Any] | None:
    """Check who asks and what was sent, then let the query answer; raises Fail."""
    if (query.who is Who.SELLER and caller.seller is None) or (query.who is Who.STAFF and not caller.person.may_renew):
        raise Fail(query.refusal)
    form = query.fields(body)
    if not form.is_valid():
        raise Fail(form.failure)
    return query.answer(caller, form.cleaned_data)


def find_person(body: dict[str, Any]) -> Any:
    """Return the person whose live session the body names; raises QueryError."""
    if "sessionKey" not in body:
        raise QueryError(ILLEGAL)
    person = Session.objects.person(body["sessionKey"])
    if person is None:
        raise QueryError("Session Time Out")
    return person


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a form, multipart or JSON body by name, each one value as text; raises QueryError.

    Of a value given twice the last counts; a JSON null counts as not sent; JSON arrays and objects stay what they are.
    """
    multipart = request.content_type == "multipart/form-data"
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > (MULTIPART_LIMIT if multipart else BODY_LIMIT):
            raise QueryError("Body Too Large", 413)
        # The server hands on what had arrived when a phone lost its connection: half a note, perhaps.
        if len(request.body) < length or (multipart and not ends_in_its_boundary(request)):
            raise ValueError("cut off")
        if request.content_type == "application/json":
            return read_json(request.body)
        return read_form(request.body) if is_plain_form(request) else request.POST.dict()
    except UNREADABLE:
        raise QueryError(ILLEGAL) from None


def is_plain_form(request: HttpRequest) -> bool:
    return request.content_type == "application/x-www-form-urlencoded" and request.encoding in (None, "utf-8")


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields as request.POST has them, without its lists of values: those cost a quarter of a poll."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("iso-8859-1")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS))


def ends_in_its_boundary(request: HttpRequest) -> bool:
    """Return whether a multipart body is whole; Django takes a part that was cut off for a whole one."""
    boundary = request.content_params.get("boundary", "")
    return request.body.rstrip().endswith(f"--{boundary}--".encode())


def read_json(text: bytes) -> dict[str, Any]:
    """Return the fields of a JSON object; raises ValueError or RecursionError."""
    # Numbers stay the text that was sent: the same value then arrives in every encoding.
    fields = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    return {
        name: json.dumps(value) if isinstance(value, bool) else value
        for name, value in fields.items()
        if value is not None
    }
