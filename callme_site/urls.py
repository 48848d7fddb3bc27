"""Addresses."""

from pathlib import PurePosixPath

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve

from callme_site import gateway, phones
from callme_site.health import health
from queueing import board

admin.site.site_header = admin.site.site_title = _("callme")
admin.site.index_title = _("Administration")


# As in deploy/nginx.conf; what a picture is called decides, not what it holds or what the machine's mime.types says.
PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@csrf_exempt
def root(request: HttpRequest) -> HttpResponse:
    """Answer the queries; where the sandbox is on, show a browser the two phones."""
    if settings.WECHAT_SANDBOX and request.method in ("GET", "HEAD"):
        return phones.page(request)
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


urlpatterns = [
    path("", root),
    path("health", health),
    path("board/", board.board, name="board"),
    path("board/numbers", board.numbers, name="board_numbers"),
    path("board/<sellers>/", board.board),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media),
]
