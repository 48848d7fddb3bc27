"""Openids are kept encrypted, or not at all."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone

from accounts import openids
from accounts.models import Session

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_without_a_key_none_is_kept():
    assert openids.encrypted("oABC") == openids.NONE
    assert openids.decrypted(openids.NONE) is None


def test_what_is_kept_does_not_show_it(settings):
    settings.OPENID_KEYS = [NEW]
    kept = openids.encrypted("oABC")
    assert "oABC" not in kept
    assert kept != openids.encrypted("oABC"), "nobody can tell that two are the same"
    assert openids.decrypted(kept) == "oABC"


def test_a_new_key_in_front_reads_what_the_old_one_wrote(settings):
    settings.OPENID_KEYS = [OLD]
    kept = openids.encrypted("oABC")
    settings.OPENID_KEYS = [NEW, OLD]
    assert openids.decrypted(kept) == "oABC"
    later = openids.encrypted("oABC")
    settings.OPENID_KEYS = [NEW]
    assert openids.decrypted(later) == "oABC"
    assert openids.decrypted(kept) is None


def test_what_was_tampered_with_is_none(settings):
    settings.OPENID_KEYS = [NEW]
    kept = openids.encrypted("oABC")
    assert openids.decrypted(kept[:-4] + "AAA=") is None


def test_the_longest_fits(settings):
    settings.OPENID_KEYS = [NEW]
    assert len(openids.encrypted("o" * 128)) <= openids.KEPT_LENGTH


def test_a_session_keeps_it(settings, db):
    settings.OPENID_KEYS = [NEW]
    _, person = Session.objects.start("oABC", "the-session-key", "buyer")
    assert openids.decrypted(Session.objects.openid_of(person, "buyer")) == "oABC"
    assert Session.objects.openid_of(person, "seller") == ""
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert Session.objects.openid_of(person, "buyer") == "", "a session's hour is over"


def test_a_session_keeps_none_without_a_key(db):
    _, person = Session.objects.start("oABC", "the-session-key", "buyer")
    assert Session.objects.get().openid == Session.objects.openid_of(person, "buyer") == ""


@pytest.mark.django_db
def test_logging_in_again_keeps_the_present_one(settings):
    settings.OPENID_KEYS = [OLD]
    Session.objects.start("oABC", "the-session-key", "buyer")
    settings.OPENID_KEYS = [NEW]
    _, person = Session.objects.start("oABC", "the-session-key", "buyer")
    assert openids.decrypted(Session.objects.openid_of(person, "buyer")) == "oABC"
