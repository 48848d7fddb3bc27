"""The calling board: the screen over a stall, or over a counter of several; numbers and their states, of nobody."""

import hashlib
import logging
import re
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from callme_site.gateway import RETRY_AFTER, as_json
from callme_site.pages import own_files_only
from sellers.models import Seller

logger = logging.getLogger(__name__)

SELLERS_AT_MOST = 20
DATABASE_AWAY = (OperationalError, InterfaceError)


def seller_ids(text: str) -> list[int]:
    """Return the ids in a text like `3,1,2`, each once; none where it is no such list, or one of over 20."""
    parts = list(dict.fromkeys(part.strip() for part in text.split(",")))
    if len(parts) > SELLERS_AT_MOST or not all(re.fullmatch("[1-9][0-9]{0,17}", part) for part in parts):
        return []
    return [int(part) for part in parts]


def on_board(ids: list[int]) -> list[dict[str, Any]]:
    """Return the live numbers of these sellers, in this order, without the switched-off and unknown ones."""
    # Put like this, both databases go by (seller, live_number). Without the sellers in the join, MariaDB reads their
    # whole history, and with IS NOT NULL for the numbers SQLite does (20 sellers, 150,000 orders: 160 ms, not 3).
    live = FilteredRelation("orders", condition=Q(orders__seller__in=ids, orders__live_number__gt=0))
    rows = (
        Seller.objects.filter(pk__in=ids, switched_off=False)
        .annotate(live=live)
        .values_list("pk", "name", "live__live_number", Coalesce("live__last_called_at", "live__called_at"))
    )
    sellers: dict[int, dict[str, Any]] = {}
    for pk, name, number, called_at in rows:
        seller = sellers.setdefault(pk, {"id": pk, "name": name, "making": [], "ready": []})
        if called_at:
            # Another time is another call; in milliseconds, which JavaScript can hold.
            seller["ready"].append({"number": number, "called": round(called_at.timestamp() * 1000)})
        elif number:
            seller["making"].append(number)
    for seller in sellers.values():
        seller["making"].sort()
        seller["ready"].sort(key=lambda ready: ready["number"])
    return [sellers[pk] for pk in ids if pk in sellers]


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Answer a board's poll: 200, 304 where nothing has changed, 404 where there is no such seller in service."""
    try:
        sellers = on_board(seller_ids(request.GET.get("sellers", "")))
    except DATABASE_AWAY as error:
        logger.error("database_unavailable error=%s code=%s", type(error).__name__, error.args[:1])
        return as_json({"database": "unreachable"}, 503, {"Retry-After": str(RETRY_AFTER)})
    headers = {"Cache-Control": "no-cache"}
    if not sellers:
        return as_json({"sellers": []}, 404, headers)
    response = as_json({"sellers": sellers}, headers=headers)
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response["ETag"], response=response)


@require_safe
@own_files_only
def board(request: HttpRequest, sellers: str | None = None) -> HttpResponse:
    """Show the page. Whatever the status, it goes on asking, so that nobody has to switch a screen off and on."""
    ids = seller_ids(request.GET.get("sellers", "") if sellers is None else sellers)
    try:
        status = 200 if Seller.objects.filter(pk__in=ids, switched_off=False).exists() else 404
    except DATABASE_AWAY:
        status = 503
    context = {"ids": ",".join(map(str, ids)), "several": len(ids) > 1, "missing": status == 404}
    return render(request, "board.html", context, status=status)
