"""bin/lib.sh brings the Python packages up to date in place, and outlives a day without a network."""

import os
import shutil
import subprocess

import pytest
from django.conf import settings


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(settings.BASE_DIR / "bin" / "lib.sh", tmp_path / "bin")
    (tmp_path / "requirements.txt").touch()
    return tmp_path


def need_venv(checkout):
    """Ask for the packages where none can be had from anywhere; return the status and the last line."""
    command = ["bash", "-c", "source bin/lib.sh && need_venv requirements.txt"]
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines()[-1:]


def test_an_update_that_cannot_be_installed_can_be_taken_back_without_a_network(checkout):
    requirements = checkout / "requirements.txt"
    assert need_venv(checkout)[0] == 0
    (checkout / ".venv" / "installed before").touch()
    requirements.write_text("nobody-has-this-package==1\n")
    for _again in range(2):
        failed = "callme: could not install the Python packages of requirements.txt; see above"
        assert need_venv(checkout) == (1, [failed])
    requirements.write_text("")
    assert need_venv(checkout)[0] == 0
    assert (checkout / ".venv" / "installed before").exists()
    assert need_venv(checkout) == (0, [])  # at once
