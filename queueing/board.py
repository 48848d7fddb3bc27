"""The calling board: the screen over a stall, or over a counter of several; numbers and their states, of nobody."""

import hashlib
import re
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from callme_site.pages import own_files_only
from callme_site.storage.caches import Cache
from callme_site.storage.retries import AWAY
from callme_site.storage.versions import SELLERS, current, orders_of
from callme_site.wire.answers import as_json, database_away, encoded
from queueing.models import Order, has_live_number, last_call
from queueing.uncollected import is_uncollected, uncollected_at
from queueing.waiting import LATELY, called_lately, lines_from
from sellers.models import Seller, is_paused
from sellers.texts import shown

SELLERS_AT_MOST = 20

# What boards were sent, by their sellers.
kept_numbers: Cache[bytes] = Cache(most=1000)


def seller_ids(text: str) -> list[int]:
    """Return the ids in a text like `3,1,2`, each once; none where it is no such list, or one of over 20."""
    parts = list(dict.fromkeys(part.strip() for part in text.split(",")))
    if len(parts) > SELLERS_AT_MOST or not all(re.fullmatch("[1-9][0-9]{0,17}", part) for part in parts):
        return []
    return [int(part) for part in parts]


def on_board(ids: list[int]) -> tuple[list[dict[str, Any]], datetime | None]:
    """Return what is shown of these sellers, in this order, without the switched-off and unknown ones.

    And until when that is so if nobody does anything: None where time alone changes nothing.
    """
    # Without the sellers in the join, MariaDB reads their whole history.
    orders = FilteredRelation("orders", condition=Q(orders__seller__in=ids) & has_live_number("orders__"))
    rows = (
        Seller.objects.filter(pk__in=ids, switched_off=False)
        .annotate(live=orders)
        .values_list("pk", shown("name"), "paused_until", "live__live_number", "live__called_at", last_call("live__"))
    )
    now = timezone.now()
    ends: list[datetime] = []
    sellers: dict[int, dict[str, Any]] = {}
    for pk, name, paused_until, number, called_at, last_called_at in rows:
        if pk not in sellers:
            paused = is_paused(paused_until)
            sellers[pk] = {"id": pk, "name": name, "paused": paused, "making": [], "ready": []}
            ends += [paused_until] if paused else []
        if called_at:
            uncollected = is_uncollected(called_at, now)
            ends += [] if uncollected else [uncollected_at(called_at)]
            # A later time is another call; in milliseconds, which JavaScript can hold.
            called = round(last_called_at.timestamp() * 1000)
            sellers[pk]["ready"].append({"number": number, "called": called, "uncollected": uncollected})
        elif number:
            sellers[pk]["making"].append(number)
    for pk, line in lines_from((), called_lately(Order.objects.filter(seller__in=sellers), now - LATELY)).items():
        if line.wait is not None and line.until is not None:
            sellers[pk]["wait"] = line.wait
            ends.append(line.until)
    for seller in sellers.values():
        seller["making"].sort()
        seller["ready"].sort(key=lambda ready: ready["number"])
    return [sellers[pk] for pk in ids if pk in sellers], min(ends, default=None)


def shown_of(ids: list[int]) -> tuple[bytes, datetime | None]:
    """Return what `on_board` does, as it is sent."""
    sellers, until = on_board(ids)
    return encoded({"sellers": sellers}), until


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Answer a board's poll: 200, 304 where nothing has changed, 404 where there is no such seller in service."""
    ids = seller_ids(request.GET.get("sellers", ""))
    try:
        version = current(SELLERS, *map(orders_of, ids))
        shown = kept_numbers.kept(tuple(ids), version, lambda: shown_of(ids))
    except AWAY as error:
        return database_away(error).as_response()
    headers = {"Cache-Control": "no-cache"}
    if shown == encoded({"sellers": []}):
        return as_json(shown, 404, headers).as_response()
    response = as_json(shown, headers=headers).as_response()
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@require_safe
@own_files_only
def board(request: HttpRequest, sellers: str | None = None) -> HttpResponse:
    """Show the page. Whatever the status, it goes on asking, so that nobody has to switch a screen off and on."""
    if sellers is None and "sellers" not in request.GET:
        return boards(request)
    ids = seller_ids(request.GET.get("sellers", "") if sellers is None else sellers)
    try:
        status = 200 if Seller.objects.filter(pk__in=ids, switched_off=False).exists() else 404
    except AWAY:
        status = 503
    context = {"ids": ",".join(map(str, ids)), "several": len(ids) > 1, "missing": status == 404}
    return render(request, "board.html", context, status=status)


def boards(request: HttpRequest) -> HttpResponse:
    """Show the stalls, each with the way to its board."""
    example = request.build_absolute_uri("?sellers=1,2,3")
    context: dict[str, Any] = {"title": gettext("Calling boards"), "example": example}
    try:
        context["sellers"] = list(Seller.objects.filter(switched_off=False).order_by("pk").only("name", "name_hidden"))
    except AWAY:
        return render(request, "boards.html", {**context, "away": True}, status=503)
    return render(request, "boards.html", context)
