"""How the tests run: anywhere, and what decides whether a change lands is not green because something is missing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

BROWSER = "callme_site/trial/tests/test_phones_in_browser.py"
OTHER_DATABASE = {"sqlite": "queueing/tests/test_races.py", "mysql": "callme_site/operation/tests/test_crontab.py"}


def run(tests: str, *arguments: str) -> tuple[int, list[str]]:
    """Run tests where there is no browser; return pytest's status and how many ended how."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments, tests]
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(pytest, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, re.findall(r"\d+ (?:passed|skipped|failed|error)", done.stdout.splitlines()[-1])


def test_a_test_that_needs_what_is_missing_is_skipped():
    assert run(BROWSER, "-k", "life_of") == (0, ["2 skipped"])


def test_it_fails_where_nothing_may_be_missing():
    assert run(BROWSER, "-k", "life_of", "--no-skips") == (1, ["2 error"])


@pytest.mark.parametrize("arguments", [[], ["--no-skips"]], ids=["", "no-skips"])
def test_what_is_for_the_other_database_is_skipped_all_the_same(arguments):
    only = {"sqlite": "clears_no_order", "mysql": "cron_runs"}[connection.vendor]
    assert run(OTHER_DATABASE[connection.vendor], "-k", only, *arguments) == (0, ["1 skipped"])


def test_ctrl_c_reaches_what_tests_start():
    ask = "import signal; print(signal.getsignal(signal.SIGINT) == signal.default_int_handler)"
    assert subprocess.check_output([sys.executable, "-c", ask], text=True) == "True\n"


def test_it_does_where_it_was_ignored_when_the_tests_began():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(f"{__file__}::{test_ctrl_c_reaches_what_tests_start.__name__}") == (0, ["1 passed"])
    finally:
        signal.signal(signal.SIGINT, before)
