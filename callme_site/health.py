"""What a monitor asks."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from callme_site.gateway import RETRY_AFTER, as_json


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            # A Galera node that has lost the others still answers what takes no table.
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except (DatabaseError, InterfaceError):
        return as_json({"database": "unreachable"}, 503, {"Retry-After": str(RETRY_AFTER)})
    return as_json({"database": "reached"})
