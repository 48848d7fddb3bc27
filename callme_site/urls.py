"""Addresses."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.static import serve

from callme_site import gateway
from callme_site.health import health

admin.site.site_header = admin.site.site_title = _("callme")
admin.site.index_title = _("Administration")


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve an uploaded picture; in production nginx answers before the request gets here (deploy/nginx.conf)."""
    return serve(request, path, settings.MEDIA_ROOT)


urlpatterns = [
    path("", gateway.view),
    path("health", health),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media),
]
