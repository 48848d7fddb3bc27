"""The ways that a poll may take, and messages."""

from dataclasses import replace

import pytest

from callme_site.wire.registry import registry
from queueing import outbox
from queueing.tests import messaging


def usual_way(monkeypatch, settings):
    monkeypatch.setitem(registry, "hungry", replace(registry["hungry"], shortcut=None))


def one_statement(monkeypatch, settings):
    settings.MEMORY = "off"


def from_memory(monkeypatch, settings):
    pass


@pytest.fixture(params=[usual_way, one_statement, from_memory], ids=lambda way: way.__name__)
def way(request, monkeypatch, settings):
    """Let the polls take one of the ways there are."""
    request.param(monkeypatch, settings)


@pytest.fixture
def messages(settings, monkeypatch, sandbox_wechat, db):
    """The sandbox WeChat, which takes messages that the settings let be sent."""
    messaging.messages_on(settings)
    monkeypatch.setattr(outbox.Answering, "now", True)
    return sandbox_wechat


@pytest.fixture
def wei(messages):
    """The phone of Wei, who allows one message."""
    return messaging.student(messages, "wei")
