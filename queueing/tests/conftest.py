"""The ways that a poll may take."""

from dataclasses import replace

import pytest

from callme_site.wire.registry import registry


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
