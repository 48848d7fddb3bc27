"""What a monitor asks."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from callme_site.storage import versions
from callme_site.wire.answers import RETRY_AFTER, as_json


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            # A Galera node that has lost the others still answers what takes no table.
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except (DatabaseError, InterfaceError):
        return as_json({"database": "unreachable"}, 503, {"Retry-After": str(RETRY_AFTER)}).as_response()
    return as_json({"database": "reached", "memory": memory()}).as_response()


def memory() -> str:
    """Return whether the memory is "used", "off", or for now of no use as all that it holds is "changing"."""
    if settings.MEMORY == "off":
        return "off"
    return "used" if versions.is_still() else "changing"
