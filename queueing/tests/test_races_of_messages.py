"""Messages under many hands at once on MariaDB. Each race has its control: without the protection it must go wrong."""

from functools import partial

import pytest
from django.utils import timezone

from callme_site.storage.statements import Update
from callme_site.testing.racing import meeting, race, without_constraint
from conftest import Phone
from queueing import outbox
from queueing.models import Order
from queueing.parameters import BUYER, NOW, ORDER
from queueing.states import Message
from queueing.tests.messaging import SEND, come_to, message_of, order_of, send_due, student

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

UNDONE = {"undoSuccess": "success"}


@pytest.fixture
def twice(messages, ma, noodles):
    """Wei, who allows two messages, has number 1, which is called; return the stall."""
    order_of(ma, student(messages, "wei", messages=2), noodles)
    ma("call", marchSn=1)
    return noodles


def claim_anything(monkeypatch):
    """Let whoever has found a message claim it, be it claimed meanwhile or not."""
    monkeypatch.setattr(
        outbox,
        "CLAIM",
        Update(
            lambda: (
                Order.objects.filter(pk=ORDER),
                {"message": Message.SENDING, "message_at": NOW, "message_to": BUYER},
            )
        ),
    )


class Late:
    """A statement before which several threads meet, so that none knows what the others are about to write."""

    def __init__(self, statement, parties):
        self.statement, self.meet = statement, meeting(parties)

    def run(self, **values):
        self.meet()
        return self.statement.run(**values)


def two_workers(monkeypatch):
    """Let two workers find what is due before either claims it; return how many messages each of them sent."""
    monkeypatch.setattr(outbox, "CLAIM", Late(outbox.CLAIM, 2))
    return race(send_due, send_due)


def test_two_workers_send_one_message_once(monkeypatch, messages, twice):
    assert sorted(two_workers(monkeypatch)) == [0, 1]
    assert len(come_to(messages, "wei")) == 1
    assert message_of(1) == "sent"


def test_without_the_comparison_both_would_send_it(monkeypatch, messages, twice):
    claim_anything(monkeypatch)
    assert two_workers(monkeypatch) == [1, 1]
    assert len(come_to(messages, "wei")) == 2


def two_of_one_person(monkeypatch, messages, ma, noodles):
    """Let two workers claim one of two messages to the same person each; return how many are being sent at once."""
    wei = student(messages, "wei", messages=2)
    for number in (1, 2):
        order_of(ma, wei, noodles)
        ma("call", marchSn=number)
    orders = {order.number: order for order in Order.objects.all()}
    monkeypatch.setattr(outbox, "CLAIM", Late(outbox.CLAIM, 2))
    jobs = [partial(outbox.claim, order.pk, order.buyer_id, timezone.now()) for order in orders.values()]
    claimed = race(*jobs)
    assert set(map(type, claimed)) == {bool}, claimed
    return sum(claimed)


def test_two_messages_to_one_person_go_one_after_the_other(monkeypatch, messages, ma, noodles):
    assert two_of_one_person(monkeypatch, messages, ma, noodles) == 1
    assert sorted(map(message_of, (1, 2))) == ["due", "sending"]


def test_without_the_constraint_they_would_go_at_once(monkeypatch, messages, ma, noodles):
    with without_constraint(Order, "one_message_to_a_person"):
        assert two_of_one_person(monkeypatch, messages, ma, noodles) == 2


def undo_against_a_worker(monkeypatch, ma):
    """Let the stall take its call back when a worker has found the message; return whether each of them did it."""
    monkeypatch.setattr(outbox, "CLAIM", Late(outbox.CLAIM, 2))
    meet = outbox.CLAIM.meet

    def undo():
        meet()
        return Phone(ma.session_key)("undo", marchSn=1) == UNDONE

    undone, sent = race(undo, send_due)
    assert undone is True
    return sent


@pytest.mark.parametrize("time", range(5))
def test_a_call_that_is_taken_back_is_told_or_not_and_never_both(monkeypatch, messages, ma, twice, time):
    sent = undo_against_a_worker(monkeypatch, ma)
    assert len(come_to(messages, "wei")) == sent
    assert message_of(1) == ("sent" if sent else "wanted")


def test_without_the_comparison_a_call_that_was_taken_back_would_be_told(monkeypatch, messages, ma, twice):
    claim_anything(monkeypatch)
    claim = outbox.claim

    def after_the_undo(*args):
        assert Phone(ma.session_key)("undo", marchSn=1) == UNDONE
        return claim(*args)

    monkeypatch.setattr(outbox, "claim", after_the_undo)
    assert send_due() == 1
    assert len(come_to(messages, "wei")) == 1


def test_with_it_it_is_not(monkeypatch, messages, ma, twice):
    claim = outbox.claim

    def after_the_undo(*args):
        assert Phone(ma.session_key)("undo", marchSn=1) == UNDONE
        return claim(*args)

    monkeypatch.setattr(outbox, "claim", after_the_undo)
    assert send_due() == 0
    assert message_of(1) == "wanted"


def test_many_messages_by_four_workers_each_come_once(messages, ma, noodles):
    for place in range(25):
        order_of(ma, student(messages, f"s{place}", messages=2), noodles)
    messages.set_mood({"path": SEND, "seconds": 0.005})

    def work():
        sent = 0
        for _ in range(40):
            sent += send_due()
        return sent

    ma("call", marchSn=",".join(map(str, range(1, 26))))
    assert sum(race(work, work, work, work)) == 25
    assert [len(come_to(messages, f"s{place}")) for place in range(25)] == [1] * 25
    assert set(map(message_of, range(1, 26))) == {"sent"}
