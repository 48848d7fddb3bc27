"""The one view: every query of the mini-programs comes in here, and every answer leaves from here."""

import functools
import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Person, Session
from callme_site.storage import versions
from callme_site.storage.caches import Cache
from callme_site.storage.pool import MustWait, own_connection
from callme_site.storage.retries import AWAY
from callme_site.wire.addresses import client_address
from callme_site.wire.answers import Answer, Fail, as_json, database_away, encoded, encoded_once
from callme_site.wire.registry import Caller, Query, Until, Who, registry
from sellers.models import Seller
from sellers.sessions import KnownSession, find_session

logger = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024  # bytes
MULTIPART_LIMIT = 2 * 1024 * 1024  # bytes
PLAIN = "application/x-www-form-urlencoded"
FORM = "callme.form"  # in the environ: the body of a form, once it was read
POLL_LENGTH = 300  # bytes; a poll is no longer


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


# Answers as they were sent, by query, fields and whose they are.
kept_answers: Cache[bytes] = Cache(most=10_000)


def phones_first(get_response: Callable) -> Callable:
    """Answer the phones before all that is there for browsers, which costs more than their queries."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = phones_answer(request)
        return get_response(request) if answer is None else answer.as_response()

    return middleware


def phones_answer(request: HttpRequest, *, may_wait: bool = True) -> Answer | None:
    """Return the answer to a query of the phones, None where it is none, or has to come by https; raises as `reply`.

    A host that is not ours is refused to everybody in the protocol's form: Django's page shows settings under DEBUG.
    """
    meta = request.META
    host = meta.get("HTTP_HOST")
    try:
        checked_host(host, tuple(settings.ALLOWED_HOSTS), settings.DEBUG) if host else request.get_host()
    except DisallowedHost:
        return as_json({"queryErr": ILLEGAL}, 400)
    phone = meta["REQUEST_METHOD"] == "POST" and meta["PATH_INFO"] == "/"
    if phone and (not settings.SECURE_SSL_REDIRECT or request.is_secure()):
        return reply(request, may_wait=may_wait)
    return None


@functools.lru_cache(maxsize=1000)
def checked_host(host: str, allowed: tuple[str, ...], debug: bool) -> None:
    """Let Django check the host that a request names, once by these settings; raises DisallowedHost, each time."""
    request = HttpRequest()
    request.META["HTTP_HOST"] = host
    request.get_host()


@csrf_exempt
def view(request: HttpRequest) -> HttpResponse:
    return reply(request).as_response()


def reply(request: HttpRequest, *, may_wait: bool = True) -> Answer:
    """Answer one request of the protocol; whatever happens, the answer is JSON and tells nothing of our inside.

    Raises MustWait, unless it `may_wait`.
    """
    try:
        return as_json(respond(request, may_wait))
    except MustWait:
        raise
    except QueryError as error:
        return as_json({"queryErr": error.text}, error.status, error.headers)
    except AWAY as error:
        return database_away(error)
    except Exception:
        logger.exception("query_failed")
        return as_json({"queryErr": "Server Error"}, 500)


def respond(request: HttpRequest, may_wait: bool) -> bytes:
    """Return the answer to a request; raises QueryError where it is no query."""
    if request.META["REQUEST_METHOD"] != "POST":
        raise QueryError("Method Not Allowed", 405, Allow="POST")
    body = read_body(request)
    name = body.get("query")
    query = registry.get(name) if isinstance(name, str) else None
    if query is None:
        raise QueryError(ILLEGAL)
    if query.waits and not may_wait:
        raise MustWait
    try:
        return answer(query, body, request)
    except Fail as fail:
        return encoded({f"{query.name}Success": "fail", "failMsg": fail.reason, **fail.beside})
    except tuple(query.fails) as error:
        reason = next(reason for kind, reason in query.fails.items() if isinstance(error, kind))
        return encoded({f"{query.name}Success": "fail", "failMsg": reason})


def answer(query: Query, body: dict[str, Any], request: HttpRequest) -> bytes:
    """Check who asks and what was sent, then let the query answer; raises QueryError, Fail and what the query does."""
    success = query.shortcut(body) if query.shortcut else NotImplemented
    if success is not NotImplemented:
        return succeeded(query, success)
    if query.who is Who.ANYBODY:
        return ask(query, Caller(address=client_address(request)), query.fields.clean(body))[0]
    session = session_of(body)
    caller = None if query.kept else caller_of(query, session, request)
    if not may_ask(session, caller, query.who):
        raise Fail(query.refusal)
    values = query.fields.clean(body)
    dependencies = [dependency(session, values) for dependency in query.kept]
    if not dependencies or None in dependencies:
        return ask(query, caller or caller_of(query, session, request), values)[0]
    whose, depends = zip(*filter(None, dependencies), strict=True)
    key, version = (query.name, *values.values(), *whose), versions.current(*chain(*depends))
    return kept_answers.kept(key, version, lambda: ask(query, caller or caller_of(query, session, request), values))


def ask(query: Query, caller: Caller, values: dict[str, Any]) -> tuple[bytes, datetime | None]:
    """Let the query answer, and return until when that holds, if it says so.

    What has to wait for a connection is told so before it has begun anything.
    """
    if not query.waits:
        own_connection()
    language = settings.LANGUAGE_CODE
    # What a query writes into a history is for everybody, whatever language a browser has left on this thread.
    with nullcontext() if get_language() == language else override(language):
        success = query.answer(caller, values)
    if isinstance(success, Until):
        return succeeded(query, success.success), success.moment
    return succeeded(query, success), None


def succeeded(query: Query, success: dict[str, Any] | None) -> bytes:
    return encoded_once({f"{query.name}Success": "success", **success}) if success else plainly_succeeded(query.name)


@functools.cache
def plainly_succeeded(name: str) -> bytes:
    return encoded({f"{name}Success": "success"})


def caller_of(query: Query, session: KnownSession, request: HttpRequest) -> Caller[Person, Seller | None]:
    files = {} if FORM in request.META else request.FILES
    return Caller(session.person, session.seller, files, client_address(request) if query.waits else "")


def may_ask(session: KnownSession, caller: Caller[Person, Seller | None] | None, who: Who) -> bool:
    """Return whether the query is for whom the session stands for; what staff may do stands in the database."""
    match who:
        case Who.SELLER:
            return session.seller_id is not None
        case Who.SELLERS_APP:
            return session.app != Session.App.BUYER  # one from before that was known lives its hour
        case Who.STAFF:
            return caller is not None and caller.person.may_renew
    return True


def session_of(body: dict[str, Any]) -> KnownSession:
    """Return the live session that the body names; raises QueryError."""
    if "sessionKey" not in body:
        raise QueryError(ILLEGAL)
    session = find_session(body["sessionKey"])
    if session is None:
        raise QueryError("Session Time Out")
    return session


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a form, multipart or JSON body by name, each one value as text; raises QueryError.

    Of a value given twice the last counts; a JSON null counts as not sent; JSON arrays and objects stay what they are.
    """
    plain = is_plain_form(request)
    multipart = not plain and request.content_type == "multipart/form-data"
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > (MULTIPART_LIMIT if multipart else BODY_LIMIT):
            raise QueryError("Body Too Large", 413)
        sent = form_of(request, max(length, 0)) if plain else request.body
        # The server hands on what had arrived when a phone lost its connection: half a note, perhaps.
        if len(sent) < length or (multipart and not ends_in_its_boundary(request)):
            raise ValueError("cut off")
        if plain:
            return read_form(sent)
        return read_json(sent) if request.content_type == "application/json" else request.POST.dict()
    except UNREADABLE:
        raise QueryError(ILLEGAL) from None


def form_of(request: HttpRequest, length: int) -> bytes:
    """Return the body of a form, for a thread that may wait too; how Django reads one costs a tenth of a poll."""
    meta = request.META
    if FORM not in meta:
        meta[FORM] = meta["wsgi.input"].read(length)
    return meta[FORM]


def is_plain_form(request: HttpRequest) -> bool:
    if request.META.get("CONTENT_TYPE") == PLAIN:
        return True
    return request.content_type == PLAIN and (request.encoding or "utf-8").lower() == "utf-8"


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields as request.POST has them, without its lists of values: those cost a quarter of a poll.

    What is no UTF-8 becomes U+FFFD, as in multipart bodies; request.POST would take the whole body for Latin-1.
    A phone that polls sends the same body again and again, and it is read once.
    """
    read = form_fields if len(body) <= POLL_LENGTH else form_fields.__wrapped__
    return dict(read(body, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS))


@functools.lru_cache(maxsize=5000)
def form_fields(body: bytes, most: int) -> dict[str, str]:
    """Return the fields of a form of so many at most; raises ValueError where there are more.

    What urllib's parse_qsl would return, which takes twice as long; test_read_form.py compares it with QueryDict.
    """
    text = body.decode(errors="replace")
    if text.count("&") >= most:
        raise ValueError("too many fields")
    pairs = [pair.partition("=") for pair in text.replace("+", " ").split("&") if pair]
    return {unquote(name): unquote(value) for name, _, value in pairs}


def ends_in_its_boundary(request: HttpRequest) -> bool:
    """Return whether a multipart body is whole; Django takes a part that was cut off for a whole one."""
    boundary = (request.content_params or {}).get("boundary", "")
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
