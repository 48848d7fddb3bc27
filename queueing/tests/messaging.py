"""Students who want a message, the outbox that sends it to the sandbox WeChat, and what has come there."""

from django.db import connection
from django.utils import timezone

from conftest import Phone
from queueing import outbox
from queueing.models import Order

TEMPLATE = "sandbox-template"
FIELDS = {"thing1": "stall", "character_string2": "number", "thing3": "note", "time4": "called"}
KEY = "bWVzc2FnZXMtYXJlLWVuY3J5cHRlZC1ieS10aGlzLTE="
SEND = "/cgi-bin/message/subscribe/send"


def messages_on(settings):
    settings.OPENID_KEYS, settings.MESSAGE_TEMPLATE_ID, settings.MESSAGE_FIELDS = [KEY], TEMPLATE, dict(FIELDS)


def student(sandbox, name, messages=1):
    """Return the phone of somebody who has logged in at the sandbox WeChat and allows so many messages."""
    answer = Phone()("login", code=f"sandbox-{name}-{timezone.now().timestamp()}")
    assert answer == {"loginSuccess": "success", "sessionKey": answer["sessionKey"], "templateIds": [TEMPLATE]}
    for _ in range(messages):
        sandbox.subscribe({"name": name, "template_id": TEMPLATE})
    return Phone(answer["sessionKey"])


def order_of(ma, phone, seller, note="牛肉面", subscribe="yes"):
    """Let the stall take a number and the student bind it; return the number."""
    fetched = ma("fetch")
    assert fetched["fetchSuccess"] == "success", fetched
    number = fetched["marchSn"]
    pushed = phone("push", sellerId=seller.pk, marchSn=number, noteContent=note, subscribe=subscribe)
    assert pushed == {"pushSuccess": "success"}
    return number


def send_due():
    """Send what is due, one after the other; return how many messages that were."""
    jobs = outbox.claim_due(100)
    for job in jobs:
        job()
    return len(jobs)


def come_to(sandbox, name="li"):
    """Return what each message that has come to the student says, and the page that it opens."""
    return [(message["page"], message["values"]) for message in sandbox.messages_of({"name": name})["messages"]]


def message_of(number):
    """Return how the message of the newest order with that number stands."""
    return Order.objects.filter(number=number).latest("pk").message


def columns(number):
    """Return the columns of the message of the newest order with that number, as the database has them."""
    order = Order.objects.filter(number=number).order_by("-pk")
    return order.values("message", "message_at", "message_tries", "message_to", "openid").first()


def on_a_connection(job):
    """Return a job that closes its thread's connection at its end."""

    def run():
        try:
            return job()
        finally:
            connection.close()

    return run
