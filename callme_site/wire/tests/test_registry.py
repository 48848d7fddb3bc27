"""What a declaration of a query has to hold to; one that cannot hold does not let the server start."""

from typing import get_type_hints

import pytest

from callme_site.wire.registry import Caller, Who, query, registry
from sellers.queries import all_sellers
from sellers.sessions import PersonCaller, SellerCaller

CALLERS = {Who.ANYBODY: Caller[None, None], Who.SELLER: SellerCaller}  # anybody else has a session: PersonCaller


def declared(caller, data):
    return None


@pytest.mark.parametrize("who", [Who.ANYBODY, Who.STAFF])
def test_what_is_kept_depends_on_a_session_alone(who):
    with pytest.raises(ValueError, match="kept_and_more: what is kept depends on the session"):
        query("kept_and_more", kept=[all_sellers], who=who)
    assert "kept_and_more" not in registry


def test_no_two_queries_have_one_name():
    with pytest.raises(ValueError, match="two queries are called hungry"):
        query("hungry")(declared)


@pytest.mark.parametrize("name", registry)
def test_each_query_takes_the_kind_of_caller_that_it_is_for(name):
    """The registry holds functions of all kinds of callers, so that mypy cannot compare a query's with its `who`."""
    declaration = registry[name]
    assert get_type_hints(declaration.answer)["caller"] == CALLERS.get(declaration.who, PersonCaller)
