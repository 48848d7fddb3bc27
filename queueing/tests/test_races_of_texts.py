"""Workers, writers and verdicts at once. Each race has its control: without the protection it must go wrong."""

import threading
from functools import partial

import pytest

from accounts.models import TextCheck
from accounts.text_checks import claim_due
from accounts.texts import TextCheckManager
from callme_site.testing import racing
from callme_site.testing.racing import meet_before, race, unlocked
from callme_site.testing.texts import FINE, RISKY, visitor, work
from conftest import Phone, make_seller
from queueing.models import Order
from sellers import text_checks
from sellers.models import Seller

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stall(checking):
    phone = Phone(*visitor("ma", "seller"))
    make_seller(person=phone.person)
    return phone


def write_notes(stall, count):
    """Let so many students write a note."""
    (seller,) = Seller.objects.values_list("pk", flat=True)
    for place in range(count):
        number = stall("fetch")["marchSn"]
        answer = Phone(*visitor(f"student{place}"))("push", sellerId=seller, marchSn=number, noteContent=RISKY)
        assert answer == {"pushSuccess": "success"}


@pytest.mark.parametrize("protected", [True, False])
def test_two_workers_never_ask_about_one_text_at_once(monkeypatch, stall, protected):
    write_notes(stall, 6)
    if not protected:
        whoever = property(lambda text: TextCheck.objects.filter(pk=text.pk))
        monkeypatch.setattr(TextCheck, "as_claimed", whoever)
    meet_before(monkeypatch, TextCheck, "record", 2)
    claimed = race(*[partial(claim_due, 6)] * 2)
    pks = [job.args[0].pk for jobs in claimed for job in jobs]
    assert set(pks) == set(TextCheck.objects.values_list("pk", flat=True))
    assert (len(pks) == 6) is protected, claimed


def test_two_workers_do_all_there_is(stall):
    write_notes(stall, 12)
    assert sum(race(work, work, work)) == 12
    assert not TextCheck.objects.exists()
    assert Order.objects.filter(note_hidden=True).count() == 12


@pytest.mark.parametrize("protected", [True, False])
def test_a_verdict_and_a_newer_text_at_once_never_hide_the_newer_one(monkeypatch, stall, protected):
    """The stall writes anew between the worker's look at its row and the worker's write."""
    stall("update", sellerName=RISKY)
    if not protected:
        unlocked(monkeypatch)
    looked, written, look = threading.Event(), threading.Event(), text_checks.parts

    def look_late(text):
        looked.set()
        written.wait(1)  # with the lock, in vain: the stall waits for the worker
        return look(text)

    def write():
        assert looked.wait(racing.TIMEOUT)
        stall("update", sellerName=FINE)
        written.set()

    monkeypatch.setattr(text_checks, "parts", look_late)
    race(work, write)
    seller = Seller.objects.get()
    assert (seller.name, seller.name_hidden) == (FINE, not protected)


@pytest.mark.parametrize("protected", [True, False])
def test_of_two_texts_at_once_the_one_that_stands_is_checked(monkeypatch, stall, protected):
    """Each hand has read the profile before the other wrote it."""
    if not protected:
        monkeypatch.setattr(TextCheckManager, "forget", lambda self, kind, subjects: None)
    meet_before(monkeypatch, Seller, "anew", 2)
    race(*[partial(Phone(stall.session_key), "update", sellerName=name) for name in (RISKY, FINE)])
    checked = list(TextCheck.objects.values_list("text", flat=True))
    assert (checked == [Seller.objects.get().name]) is protected, checked
