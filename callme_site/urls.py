"""Addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.static import serve

from callme_site import gateway
from callme_site.health import health

admin.site.site_header = admin.site.site_title = _("callme")
admin.site.index_title = _("Administration")

urlpatterns = [
    path("", gateway.view),
    path("health", health),
    path("admin/", admin.site.urls),
    # In production nginx answers these before they get here (deploy/nginx.conf).
    re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
