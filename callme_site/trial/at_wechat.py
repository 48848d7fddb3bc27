"""What the phones in the browser do at WeChat itself, passed on to the sandbox WeChat.

The sandbox listens at another port, and the phones' pages may ask nobody but this server.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

TIMEOUT = 3  # seconds
# What the fields of the sandbox's template are called, in the order in which WeChat shows them.
LABELS = {
    "thing1": gettext_lazy("Stall"),
    "character_string2": gettext_lazy("Pick-up number"),
    "thing3": gettext_lazy("Remark"),
    "time4": gettext_lazy("Called at"),
}


def at_the_sandbox(view: Callable[[HttpRequest], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """Let the view be there only with the sandbox, and answer 502 where that does not."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> JsonResponse:
        if not settings.WECHAT_SANDBOX:
            raise Http404
        try:
            return view(request)
        except requests.RequestException:
            return JsonResponse({"errmsg": _("The sandbox WeChat does not answer.")}, status=502)

    return guarded


@csrf_exempt  # it changes nothing but the sandbox, which anybody may tell anything
@require_POST
@at_the_sandbox
def subscribe(request: HttpRequest) -> JsonResponse:
    """Let the person `name` allow one message of the template `template_id`; answers what the sandbox answers."""
    sent = {name: request.POST.get(name, "") for name in ("name", "template_id")}
    return JsonResponse(ask("POST", "/sandbox/subscribe", json=sent))


@require_GET
@at_the_sandbox
def messages(request: HttpRequest) -> JsonResponse:
    """Tell what came to the person `name` within the last `seconds`, the oldest first, as phones show messages."""
    try:
        seconds = float(request.GET.get("seconds", ""))
    except ValueError:
        return JsonResponse({"errmsg": "seconds is a number"}, status=400)
    answer = ask("GET", "/sandbox/messages", params={"name": request.GET.get("name", "")})
    came = enumerate(zip(answer["messages"], answer["ages"], strict=True))
    cards = [{"place": place, **card(message, age)} for place, (message, age) in came if age <= seconds]
    return JsonResponse({"messages": cards})


def card(message: dict[str, Any], age: float) -> dict[str, Any]:
    """Return what a phone shows of a message that came so many seconds ago."""
    came = timezone.localtime() - timedelta(seconds=age)
    lines = [[str(label), message["values"].get(field, "")] for field, label in LABELS.items()]
    return {"page": message["page"], "came": f"{came:%H:%M}", "lines": lines}


def ask(method: str, path: str, **options: Any) -> dict[str, Any]:
    """Return the sandbox's answer; raises requests.RequestException where it does not answer with JSON."""
    response = requests.request(method, settings.WECHAT_API_URL + path, timeout=TIMEOUT, **options)
    response.raise_for_status()
    return response.json()
