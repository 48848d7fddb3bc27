"""Which loads a run has."""

import pytest

from bench.loads import CONNECTIONS, SENT_TO_PHP, Load, plan
from bench.options import LOADS, loads

SETS = ["S", "L"]


def test_without_php_nothing_is_sent_to_it():
    names = [name for name in LOADS if name != "php"]
    assert [load for load in plan(names, SETS) if "php" in load.site] == []


def test_php_adds_its_turns_and_changes_nothing_else():
    without = plan([name for name in LOADS if name != "php"], SETS)
    planned = plan(list(LOADS), SETS)
    added = [load for load in planned if load.site == "phpS"]
    assert [load for load in planned if load not in added] == without
    assert len(added) == len(CONNECTIONS) * len(SENT_TO_PHP)


def test_php_has_its_turn_right_after_callme():
    planned = plan(["php", "hungry", "rush"], ["S"])
    turns = [load for load in planned if load.connections == 16]
    assert turns == [
        Load("hungry", "S", 16, "nginx"),
        Load("php-hungry", "S", 16, "nginx"),
        Load("hungry", "S", 16, "server"),
        Load("rush", "S", 16, "nginx"),
        Load("php-rush", "S", 16, "nginx"),
    ]
    assert [load.sent for load in turns] == ["hungry", "hungry", "hungry", "rush", "rush"]
    assert [load.name for load in turns if not load.is_promised] == ["php-rush"]


def test_php_alone_is_refused():
    with pytest.raises(Exception, match="name that too"):
        loads("php")


def test_the_mix_comes_with_the_one_in_which_phones_ask_when_they_are_told_to():
    assert loads("mix") == loads("mix,mix-told") == ["mix", "mix-told"]
    assert loads("mix-told,hungry") == ["mix-told", "hungry"]
    assert [(load.name, load.connections, load.seconds(10)) for load in plan(loads("mix"), SETS)] == [
        ("mix", 3020, 60),
        ("mix-told", 3020, 60),
    ]
