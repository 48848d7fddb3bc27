"""What all commands have in common: they explain themselves."""

import signal
import subprocess
import sys

import pytest
from django.core.management import get_commands, load_command_class
from django.utils.translation import override

APPS = ("accounts", "sellers", "queueing", "callme_site")
OURS = sorted(name for name, app in get_commands().items() if app.startswith(APPS))


def test_they_are_all_here():
    assert len(OURS) == 15


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


@pytest.mark.parametrize("ignored", [False, True])
def test_one_that_was_begun_with_nohup_outlives_its_terminal(ignored):
    tidy = "import os; from callme_site.operation.commands import end_tidily; end_tidily(); os.kill(0, 1)"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        process = subprocess.Popen([sys.executable, "-c", tidy], start_new_session=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert process.wait(60) == (0 if ignored else 128 + signal.SIGHUP)
