"""The browsers' sessions of the admin, which expire by themselves, and are deleted by a job."""

from datetime import timedelta
from io import StringIO

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from callme_site.models import JobRun


def log_in(**expiry):
    """Store a browser's session that ends so much later, and return its key."""
    session = SessionStore()
    session.set_expiry(timezone.now() + timedelta(**expiry))
    session.create()
    return session.session_key


def test_it_deletes_what_has_expired_and_leaves_a_record(db):
    log_in(days=-1)
    log_in(seconds=-1)
    alive = log_in(minutes=1)
    for deleted in (2, 0):
        call_command("clearsessions", stdout=(said := StringIO()))
        assert said.getvalue() == f"已删除 {deleted} 个浏览器会话。\n"
    assert [session.pk for session in Session.objects.all()] == [alive]
    runs = [(run.name, run.ok, run.told) for run in JobRun.objects.order_by("pk")]
    assert list(runs) == [("clearsessions", True, f"已删除 {deleted} 个浏览器会话。") for deleted in (2, 0)]
