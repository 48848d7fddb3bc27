"""What all commands have in common: they explain themselves."""

import pytest
from django.core.management import get_commands, load_command_class
from django.utils.translation import override

APPS = ("accounts", "sellers", "queueing", "callme_site")
OURS = sorted(name for name, app in get_commands().items() if app in APPS)


def test_they_are_all_here():
    assert len(OURS) == 12


@pytest.mark.parametrize("name", OURS)
def test_it_explains_itself_in_both_languages(name):
    explanations = []
    for language in ("zh-hans", "en"):
        with override(language):
            command = load_command_class(get_commands()[name], name)
            explanations.append(command.create_parser("manage.py", name).format_help())
    chinese, english = explanations
    assert chinese != english
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)
