"""The floor of Django: one view, no middleware, one statement, and the least answer that hungry gives.

What callme does beyond it: the registry, the fields' declarations, two statements by way of the ORM, the checks of the
host and of the connection, and all that makes an answer right when something is wrong.
"""

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.floors.selects import IS_READY, digest

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}},
    SECRET_KEY=os.urandom(32).hex(),
)


def view(request: HttpRequest) -> JsonResponse:
    """Answer hungry, for a session that is alive and fields that are right."""
    form = request.POST
    with connection.cursor() as cursor:
        cursor.execute(IS_READY, [digest(form["sessionKey"]), form["sellerId"], form["marchSn"]])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return JsonResponse({"hungrySuccess": "fail", "failMsg": "Not Ready Yet"})
    return JsonResponse({"hungrySuccess": "success"})


urlpatterns = [path("", view)]
application = get_wsgi_application()
