"""The WSGI application that bin/serve runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callme_site.settings")
application = get_wsgi_application()

from callme_site import changes  # noqa: E402

changes.tally().forget()
