"""Addresses."""

from pathlib import PurePosixPath

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language
from django.views.static import serve

from accounts import hashing
from callme_site import errors, pages
from callme_site.operation.health import health
from callme_site.trial import at_wechat, phones
from callme_site.wire import gateway
from queueing import board

admin.site.site_header = admin.site.site_title = _("callme")
admin.site.index_title = _("Administration")


# As in deploy/nginx.conf; what a picture is called decides, not what it holds or what the machine's mime.types says.
PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@csrf_exempt
def root(request: HttpRequest) -> HttpResponse:
    """Answer the queries; to a browser, show what this is, or the two phones where the sandbox is on."""
    if request.method in ("GET", "HEAD"):
        if settings.WECHAT_SANDBOX:
            return phones.page(request)
        if pages.is_for_people(request):
            return pages.home(request)
    return gateway.view(request)


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve an uploaded picture; in production nginx answers before the request gets here (deploy/nginx.conf).

    Raises Http404 for whatever else may lie there.
    """
    content_type = PICTURE_TYPES.get(PurePosixPath(path).suffix)
    if content_type is None:
        raise Http404
    response = serve(request, path, settings.MEDIA_ROOT)
    response["Content-Type"] = content_type
    return response


handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.not_allowed,
    errors.not_found,
    errors.broken,
)

urlpatterns = [
    path("", root, name="home"),
    # It changes nothing but a cookie: no token is worth a page that cannot be cached, or fails without cookies.
    path("language", csrf_exempt(set_language), name="set_language"),
    path("health", health),
    path("phone/<program>/", phones.phone),
    path("phone/wechat/subscribe", at_wechat.subscribe),
    path("phone/wechat/messages", at_wechat.messages),
    path("board/", board.board, name="board"),
    path("board/numbers", board.numbers, name="board_numbers"),
    path("board/<sellers>/", board.board, name="board_of"),
    path("admin/login/", hashing.login),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media),
]
