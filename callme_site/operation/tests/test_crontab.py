"""The crontab, with the real crontab program and the real cron: what is installed is what the settings say."""

import fcntl
import gc
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django_crontab.crontab import Crontab

from callme_site.models import JobRun
from callme_site.operation.jobs import Job
from callme_site.sentences import said

# django-crontab 0.7.1 reads from os.popen, and neither closes it nor waits for its end.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning", "ignore:subprocess:ResourceWarning")
needs_crontab = pytest.mark.skipif(not shutil.which("crontab"), reason="there is no crontab program here")


def test_every_job_of_the_settings_is_a_command_that_leaves_a_record():
    names = [args for _time, _function, args in django_settings.CRONJOBS]
    assert len(names) == 6
    for (name,) in names:
        assert isinstance(load_command_class(get_commands()[name], name), Job)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_leaves_its_record_too(monkeypatch):
    command = load_command_class("sellers", "charge_months")
    monkeypatch.setattr(command, "run", lambda **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call_command(command)
    run = JobRun.objects.get()
    assert (run.name, run.ok, run.said) == ("charge_months", False, "ZeroDivisionError")
    assert run.ended_at >= run.started_at


@pytest.fixture
def crontab(settings, tmp_path):
    """The real program with a marker of the test's own, one test at a time; other lines of the crontab stay."""
    settings.CRONTAB_EXECUTABLE = shutil.which("crontab")
    settings.CRONTAB_COMMENT = f"callme test in {tmp_path}"
    with (Path(tempfile.gettempdir()) / "callme-test-crontab.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        call_command("crontab", "remove", verbosity=0)
        gc.collect()
        while subprocess._active:  # here its warnings are ignored, in the next test they would not be
            subprocess._active.pop().wait()


def check():
    said = StringIO()
    call_command("check_crontab", stdout=said, stderr=said)
    return said.getvalue()


@needs_crontab
def test_it_compares_what_is_installed_with_the_settings(crontab, settings):
    with pytest.raises(CommandError):
        check()
    call_command("crontab", "add", verbosity=0)
    assert check() == "6 个任务均已安装。\n"
    settings.CRONJOBS = [("1 2 3 4 5", *settings.CRONJOBS[0][1:]), *settings.CRONJOBS[1:]]
    with pytest.raises(CommandError):
        check()
    call_command("crontab", "add", verbosity=0)
    assert check() == "6 个任务均已安装。\n"
    with Crontab() as installed:
        installed.crontab_lines.append(installed.crontab_lines[-1])
    with pytest.raises(CommandError):
        check()


def test_it_says_that_there_is_no_cron(settings):
    settings.CRONTAB_EXECUTABLE = "/nonexistent/crontab"
    with pytest.raises(CommandError, match="/nonexistent/crontab"):
        check()


UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def can_unshare():
    trial = [*UNSHARE, "true"]
    return shutil.which("cron") and subprocess.run(trial, stderr=subprocess.DEVNULL, check=False).returncode == 0


CRON_IN_A_WORLD_OF_ITS_OWN = """
    mount --bind "$SPOOL" /var/spool/cron/crontabs
    mount -t tmpfs tmpfs /run
    mount -t tmpfs tmpfs /etc/cron.d
    mount --bind /dev/null /etc/crontab
    {python} manage.py crontab add -v 0
    {python} manage.py check_crontab
    crontab -l | sed 's:^[*]/10:*:' | crontab -
    exec cron -f
"""


@pytest.mark.sqlite
@pytest.mark.skipif(not can_unshare(), reason="needs cron, and a mount namespace for it")
def test_cron_runs_an_installed_job(tmp_path):
    """cron starts a job in $HOME with no environment, so all settings come from .env; only the minute is hurried."""
    checkout = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(".*", "*.sqlite3*", "__pycache__", "media")
    shutil.copytree(django_settings.BASE_DIR, checkout, ignore=ignored)
    (checkout / ".env").write_text("DEBUG=on\nWECHAT_SANDBOX=on\n")
    spool = tmp_path / "spool"
    spool.mkdir(mode=0o1730)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SPOOL": str(spool)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=checkout, env=environment, check=True)
    script = CRON_IN_A_WORLD_OF_ITS_OWN.format(python=shlex.quote(sys.executable))
    command = [*UNSHARE, "sh", "-ec", script]
    with closing(sqlite3.connect(checkout / "callme.sqlite3")) as database:
        cron = subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL)
        try:
            ended = "SELECT name, ok, said FROM callme_site_jobrun WHERE ended_at IS NOT NULL"
            # Others may be due in the same minute.
            runs = wait_for(cron, database, f"{ended} AND name = 'expire_sessions'")
        finally:
            cron.terminate()
            cron.wait()
    assert [(name, ok, said(told)) for name, ok, told in runs] == [("expire_sessions", 1, "0 个会话已过期。")]


def wait_for(cron, database, query, seconds=90):
    """Return the rows as soon as there are any; cron looks at its clock once a minute."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert cron.poll() is None, "cron has ended"
        if rows := database.execute(query).fetchall():
            return rows
        time.sleep(0.2)
    raise AssertionError("cron ran nothing")
