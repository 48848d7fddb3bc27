"""bin/backup and bin/restore, as processes: the drill on a day of rush, changing pictures, and all refusals."""

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import threading
import time
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import MySQLdb
import pytest
import requests
from django.db import connection
from PIL import Image

from callme_site.operation import backups
from callme_site.operation.snapshots import KINDS, Refused
from callme_site.testing.phones import query_fields
from callme_site.testing.rush import Phone, Rush, Visit, twice
from callme_site.testing.serving import machine_in

MEMBER = KINDS[connection.vendor].member


@pytest.fixture
def elsewhere(tmp_path_factory):
    """Another machine, with an empty database of its own."""
    with machine_in(tmp_path_factory.mktemp("elsewhere")) as machine:
        settle(machine)
        yield machine


def settle(machine):
    """Write the .env that manage.py's other commands ask for."""
    (machine.checkout / ".env").write_text("DEBUG=on\nWECHAT_SANDBOX=on\n")


@pytest.fixture
def shelf(tmp_path):
    """A folder for backups, with a name of the kind that people give."""
    folder = tmp_path / "USB 备份"
    folder.mkdir()
    return folder


@pytest.fixture
def stalls(machine):
    """The machine, never served from yet: sample stalls, the first with a picture and a code to scan."""
    settle(machine)
    machine.manage("migrate", "-v0")
    machine.manage("demo")
    shell(machine, "stall.replace_picture(b'first'); stall.keep_qrcode(b'code')")
    return machine


def shell(machine, code):
    """Run Python in manage.py's shell, where `stall` is the first sample stall; return what it prints."""
    begin = "from sellers.models import Seller; stall = Seller.objects.get(telephone='13800000001')"
    return machine.manage("shell", "-v0", "-c", f"{begin}\n{code}")


def command(machine, script, *arguments, **environment):
    """Start one of the two scripts from the file system's root, and return its process."""
    # With DEBUG off, neither SECRET_KEY nor WeChat's credentials are set: they need none.
    told = {"PATH": os.environ["PATH"], "LANGUAGE_CODE": "en", "DEBUG": "off", "PORT": str(machine.port)}
    return subprocess.Popen(
        [machine.checkout / "bin" / script, *arguments],
        cwd="/",
        env=told | machine.settings | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(machine, script, *arguments, **environment):
    """Run one of the two scripts; return its status and what it said."""
    with command(machine, script, *arguments, **environment) as process:
        said, complained = process.communicate(timeout=120)
    return process.returncode, said + complained


def back_up(machine, shelf, complaint=""):
    """Return the file that bin/backup makes."""
    status, said = run(machine, "backup", shelf)
    (file,) = shelf.iterdir()
    size = file.stat().st_size // 1024 + 1
    assert (status, said) == (0, f"Backed up into {file} ({size} KiB).\n{complaint}")
    return file


def refuses(machine, script, *arguments, **environment):
    """Return the one line that the script ends with, having failed."""
    status, said = run(machine, script, *arguments, **environment)
    assert status == 1
    assert said.count("\n") == 1, said
    return said.strip()


def everything(machine):
    """Return all that the database holds, and the pictures."""
    media = machine.checkout / "media"
    pictures = {str(path.relative_to(media)): path.read_bytes() for path in media.rglob("*") if path.is_file()}
    return json.loads(machine.manage("dumpdata")), pictures


def test_the_drill_a_rush_is_backed_up_and_restored_elsewhere(machine, elsewhere, shelf):
    server = machine.start()
    with Rush(server.url, stalls=3, hands=2) as rush, painting(server, rush) as painted:
        rush.goes_on()
        known = [(visit, set(visit.acknowledged)) for visit in list(rush.visits)]
        sold = {stall.id: stall.renewals[True] for stall in rush.stalls}
        pictures, done = len(painted), rush.done()
        file = back_up(machine, shelf)
        assert rush.done() > done, "nobody was in a hurry meanwhile"
        wait_until(lambda: len(painted) > pictures + 6, seconds=180)  # it is one of many who write
    assert rush.surprises == []
    assert twice(rush.visits) == []
    assert server.stop() == 0
    shutil.rmtree(machine.checkout / "media")

    status, said = run(elsewhere, "restore", file)
    assert status == 0, said
    stored = json.loads(elsewhere.manage("dumpdata", "queueing.order", "sellers"))
    rows = {name: [row for row in stored if row["model"] == name] for name in {row["model"] for row in stored}}
    entries = [row["fields"] for row in rows["sellers.balanceentry"]]
    orders = [row["fields"] for row in rows["queueing.order"]]
    live = sum(order["live_number"] is not None for order in orders)
    named = [
        name for row in rows["sellers.seller"] for name in (row["fields"]["picture"], row["fields"]["qrcode"]) if name
    ]
    assert f": 7 sellers, {live} live orders, {len(entries)} entries of the ledger, {len(named)} pictures." in said
    assert said.endswith("\n7 balances are right.\n")
    for stall in rush.stalls:
        counted = sum(entry["seller"] == stall.id for entry in entries)
        assert sold[stall.id] <= counted <= stall.renewals.total()
    # What was acknowledged before the backup began is there; what came later may be.
    rush.visits = [
        Visit(visit.seller, visit.number, visit.note, visit.asked, visit.taken, acknowledged, visit.end_asked)
        for visit, acknowledged in known
    ]
    rush.check_orders(orders)
    for order in orders:
        assert_whole(order)
    goes_on_elsewhere(elsewhere.start(), rush, named)


@contextmanager
def painting(server, rush):
    """Somebody gives one stall after the other a new picture; each is left alone for some seconds in between."""
    keys = [server.ask("login", isseller="yes", code=f"sandbox-stall{n}-paint")["sessionKey"] for n in (1, 2, 3)]
    keys += [stall.phone.session_key for stall in rush.stalls]
    over, painted = threading.Event(), []

    def paint():
        while not over.is_set():
            content = io.BytesIO()
            Image.new("RGB", (60, 40), (len(painted) % 256, 0, 0)).save(content, "PNG")
            files = {"sellerImage": ("stall.png", content.getvalue(), "image/png")}
            fields = query_fields("update", keys[len(painted) % len(keys)])
            answer = requests.post(f"{server.url}/?", fields, files=files, timeout=15)
            if answer.status_code != 503:  # SQLite has one writer at a time, and may keep others waiting for too long
                painted.append(answer.json())
            over.wait(0.5)

    painter = threading.Thread(target=paint)
    painter.start()
    try:
        wait_until(lambda: len(painted) >= len(keys))
        yield painted
    finally:
        over.set()
        painter.join()
    assert {answer["updateImageSuccess"] for answer in painted} == {"success"}


def wait_until(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.02)


def assert_whole(order):
    """No step of an order is there without those before it."""
    assert bool(order["closed_at"]) == bool(order["ending"]) == (order["live_number"] is None), order
    assert bool(order["bound_at"]) == bool(order["buyer"]) == bool(order["note"]), order
    times = [order[name] for name in ("taken_at", "bound_at", "called_at", "closed_at") if order[name]]
    assert times == sorted(times), order


def goes_on_elsewhere(server, rush, named):
    """The phones find their stalls, their numbers and their pictures at the restored server."""
    elsewhere = Rush.__new__(Rush)  # the phones of the old rush: new stalls are not wanted
    elsewhere.urls, elsewhere.unanswered, elsewhere.surprises = (server.url,), [], []
    elsewhere.over = threading.Event()
    for stall in rush.stalls:
        phone = Phone(elsewhere, stall.phone.name, seller=True)
        noted = phone.ask("note")
        assert noted["sellerId"] == stall.id
        out = {order["marchSn"] for order in noted["orderList"]["notedList"] + noted["orderList"]["unnotedList"]}
        number = phone.ask("fetch")["marchSn"]
        assert number in set(range(1, 100)) - out
        picture = requests.get(phone.ask("info")["imageUrl"], timeout=10)
        assert Image.open(io.BytesIO(picture.content)).format == "JPEG"
    assert len(named) == 6
    for name in named:
        assert requests.get(f"{server.url}/media/{name}", timeout=10).status_code == 200


# The first sample stall's picture is replaced around the moment at which the snapshot is taken, so many times.
WHILE_IT_IS_TAKEN = """
from pathlib import Path
from callme_site.operation import backups
from django.db import connection
kind = backups.KINDS[connection.vendor]
take, plan = kind.take, {plan}
def taking(self, copy):
    before, after = plan.pop(0) if plan else (0, 0)
    for n in range(before): Seller.objects.get(pk=stall.pk).replace_picture(b"before %d" % n)
    take(self, copy)
    for n in range(after): Seller.objects.get(pk=stall.pk).replace_picture(b"after %d" % n)
kind.take = taking
print(backups.make(Path({target!r})), len(plan))
"""


def test_a_picture_that_is_replaced_meanwhile_is_there(stalls, elsewhere, shelf):
    plans = [
        ([(0, 1), (0, 0), None], b"after 0"),
        ([(1, 0), (0, 0), None], b"before 0"),
        ([(1, 1), (0, 0), None], b"after 0"),  # the first snapshot's picture was never to be seen
        ([(0, 1), (0, 1), (0, 1), None], b"after 0"),  # it is never quiet
    ]
    for number, (plan, picture) in enumerate(plans):
        file = shelf / f"{number}.tar.gz"
        said = shell(stalls, WHILE_IT_IS_TAKEN.format(plan=plan, target=str(file)))
        assert said == f"[] {plan.count(None)}\n"
        assert run(elsewhere, "restore", "--replace", file)[0] == 0
        (restored,) = json.loads(elsewhere.manage("dumpdata", "sellers.seller", "--pks", "1"))
        assert (elsewhere.checkout / "media" / restored["fields"]["picture"]).read_bytes() == picture


def test_a_picture_that_is_lost_is_told_by_name_and_the_rest_is_saved(stalls, elsewhere, shelf):
    outside = stalls.checkout / "secret"
    outside.write_text("secret")
    for pk, name in enumerate(["sellers/it's (lost), 图.jpg", "../secret", str(outside)], start=2):
        shell(stalls, f"Seller.objects.filter(pk={pk}).update(name='sellers/no.jpg', picture={name!r})")
    lost = ["../secret", str(outside), "sellers/it's (lost), 图.jpg"]
    complaint = "".join(f"The database names a picture that does not exist: {name}\n" for name in lost)
    file = back_up(stalls, shelf, complaint)
    with tarfile.open(file) as archive:
        pictures, codes = archive.getnames()[1], archive.getnames()[0]
        assert len(archive.getnames()) == 4
    assert pictures.startswith("media/sellers/1-")
    assert codes.startswith("media/qrcodes/1-")
    status, said = run(elsewhere, "restore", file)
    assert status == 0
    assert "sellers/it's (lost), 图.jpg\n" in said


def test_it_gives_back_exactly_what_was_there(stalls, elsewhere, shelf):
    file = back_up(stalls, shelf)
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(elsewhere, "restore", file) == (
        0,
        f"Restored what was backed up at {manifest_of(file)['made_at']}: 4 sellers, 0 live orders,"
        " 4 entries of the ledger, 2 pictures.\n4 balances are right.\n",
    )
    assert everything(elsewhere) == everything(stalls)
    (picture,) = (elsewhere.checkout / "media" / "sellers").iterdir()
    assert picture.stat().st_mode & 0o777 == 0o644


def test_replace_puts_it_in_the_place_of_what_is_there(stalls, shelf):
    file, before = back_up(stalls, shelf), everything(stalls)
    shell(stalls, "stall.replace_picture(b'second'); Seller.objects.renew('13800000009', 3, None)")
    changed = everything(stalls)
    assert "The database is not empty" in refuses(stalls, "restore", file)
    assert everything(stalls) == changed
    status, said = run(stalls, "restore", "--replace", file)
    assert (status, said.splitlines()[-1]) == (0, "4 balances are right.")
    assert everything(stalls) == (before[0], before[1] | changed[1])


def test_an_older_backup_is_brought_up_to_date(stalls, elsewhere, shelf):
    stalls.manage("migrate", "-v0", "queueing", "0001")
    file = back_up(stalls, shelf)
    assert run(elsewhere, "restore", file)[0] == 0
    elsewhere.manage("migrate", "--check")


def test_a_backup_that_does_not_fit_is_refused(stalls, elsewhere, shelf):
    stalls.manage("migrate", "-v0", "queueing", "0001")
    stalls.manage(
        "shell",
        "-v0",
        "-c",
        "from django.db.migrations.recorder import *; from django.db import connection;"
        "MigrationRecorder(connection).record_applied('queueing', '0999_tomorrow')",
    )
    file = back_up(stalls, shelf)
    assert refuses(elsewhere, "restore", file) == (
        f"CommandError: {file} was made by a newer callme, which has queueing.0999_tomorrow: update this one first."
    )
    other = {"sqlite": "mysql", "mysql": "sqlite"}[connection.vendor]
    content = contents(file)
    content[KINDS[other].member] = content.pop(MEMBER)
    pack(file, content, database=other)
    assert refuses(elsewhere, "restore", file) == (
        f"CommandError: {file} is of {other}, and DATABASE_URL names {connection.vendor}."
    )
    assert refuses(elsewhere, "restore", "/nowhere").endswith("/nowhere: No such file or directory")
    assert not (elsewhere.checkout / "media").exists()
    assert refuses(elsewhere, "backup", shelf).endswith("There is nothing to back up: the database has no tables.")


def test_it_does_not_restore_under_a_running_server(machine, shelf):
    server = machine.start()
    file = back_up(machine, shelf)
    line = refuses(machine, "restore", "--replace", file)
    assert line == f"CommandError: A server answers at 127.0.0.1, port {machine.port}: stop it first."
    assert server.stop() == 0
    assert run(machine, "restore", "--replace", file)[0] == 0


def contents(file):
    with tarfile.open(file) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def manifest_of(file):
    return json.loads(contents(file)["manifest.json"])


def pack(file, content, *, links=(), **manifest):
    """Write a backup whose manifest is true of what is in it; links lead to the picture of WHOLE."""
    content = {name: data for name, data in content.items() if name != "manifest.json"}
    files = {name: sha256(data).hexdigest() for name, data in content.items()}
    made = {"made_at": "2026-11-22T20:00:00+08:00", "database": connection.vendor, "migrations": []}
    files |= {name: files["media/sellers/1.jpg"] for name, _kind in links}
    content["manifest.json"] = json.dumps({**made, "files": files, **manifest}).encode()
    with tarfile.open(file, "w:gz") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, kind in links:
            link = tarfile.TarInfo(name)
            link.type = kind
            link.linkname = "media/sellers/1.jpg" if kind == tarfile.LNKTYPE else "sellers/1.jpg"
            archive.addfile(link)


WHOLE = {"media/sellers/1.jpg": os.urandom(5000), MEMBER: os.urandom(5000)}


def test_a_whole_backup_is_whole(tmp_path):
    pack(tmp_path / "b", WHOLE)
    assert backups.verify(tmp_path / "b")["database"] == connection.vendor


@pytest.mark.parametrize("name", ["../b.jpg", "media/../../b.jpg", "/etc/b", "media//b.jpg", "manage.py", "media"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    pack(tmp_path / "b", {name: b"x", **WHOLE})
    with pytest.raises(Refused):
        backups.verify(tmp_path / "b")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_no_plain_file_is_refused(tmp_path, kind):
    pack(tmp_path / "b", WHOLE, links=[("media/b.jpg", kind)])
    with pytest.raises(Refused):
        backups.verify(tmp_path / "b")


@pytest.mark.parametrize(
    "manifest",
    [
        {"files": {}},
        {"files": {MEMBER: sha256(WHOLE[MEMBER]).hexdigest()}},
        {"files": None},
        {"database": "postgresql"},
        {"database": []},
        {"migrations": [1]},
        {"migrations": None},
    ],
)
def test_a_manifest_that_does_not_tell_what_is_there_is_refused(tmp_path, manifest):
    pack(tmp_path / "b", WHOLE, **manifest)
    with pytest.raises(Refused):
        backups.verify(tmp_path / "b")


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "b"
    pack(file, WHOLE)
    whole = file.read_bytes()
    damaged = [whole[: len(whole) * part // 20] for part in range(20)]
    damaged += [bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in range(100, len(whole) - 100, 500)]
    for content in [*damaged, b"not a backup", os.urandom(10_000)]:
        file.write_bytes(content)
        with pytest.raises(Refused):
            backups.verify(file)


def test_a_damaged_file_changes_nothing(stalls, shelf):
    file, before = back_up(stalls, shelf), everything(stalls)
    file.write_bytes(file.read_bytes()[:-2000])
    assert refuses(stalls, "restore", "--replace", file).endswith("is damaged, or no backup of callme.")
    assert everything(stalls) == before


def test_a_restore_that_fails_leaves_no_half(stalls, elsewhere, shelf):
    """MariaDB: an empty database, in which the next one succeeds. SQLite: the old one."""
    file = back_up(stalls, shelf)
    good = file.read_bytes()
    if connection.vendor == "mysql":
        pack(file, {MEMBER: contents(file)[MEMBER] + b"NO SQL;\n"})
        assert "mariadb: ERROR 1064" in refuses(elsewhere, "restore", file)
        file.write_bytes(good)
        assert run(elsewhere, "restore", file)[0] == 0
    else:
        before = everything(stalls)
        obstacle = Path(urlsplit(stalls.settings["DATABASE_URL"]).path + "-restored")
        obstacle.mkdir()
        assert "Is a directory" in refuses(stalls, "restore", "--replace", file)
        assert everything(stalls) == before


def test_a_backup_that_cannot_be_written_leaves_nothing(stalls, shelf):
    taken = shelf / "taken.tar.gz"
    taken.write_text("precious")
    assert refuses(stalls, "backup", taken) == f"CommandError: No backup was made. {taken} exists already."
    assert taken.read_text() == "precious"
    taken.unlink()
    assert refuses(stalls, "backup", "/proc").startswith("CommandError: No backup was made. /proc/.callme-")
    assert "No such file" in refuses(stalls, "backup", shelf / "no folder" / "b.tar.gz")
    # A disk that is full, as a limit on the files of one process, in KiB: less than the snapshot.
    limit = {"sqlite": 100, "mysql": 16}[connection.vendor]
    limited = shelf.parent / "backup"
    limited.write_text(f'ulimit -f {limit} && exec "{stalls.checkout}/.venv/bin/python" manage.py backup -- "$1"')
    environment = {"PATH": os.environ["PATH"], "LANGUAGE_CODE": "en", **stalls.settings}
    done = subprocess.run(
        ["bash", limited, shelf], cwd=stalls.checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
    assert done.stderr.startswith("CommandError: No backup was made.")
    assert list(shelf.iterdir()) == []


def test_a_backup_that_is_interrupted_leaves_nothing(stalls, shelf):
    (picture,) = (stalls.checkout / "media" / "sellers").iterdir()
    picture.unlink()
    os.mkfifo(picture)  # whoever reads it waits
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with command(stalls, "backup", shelf) as process:
            try:
                wait_until(lambda: list(shelf.glob(".callme-*/backup")))
                process.send_signal(number)
                _said, complained = process.communicate(timeout=30)
            finally:
                process.kill()  # else a failure would wait for it, and it for the picture, for ever
        assert (process.returncode, complained) == (128 + number, "")
        assert list(shelf.iterdir()) == []


@pytest.mark.mariadb
def test_what_is_in_a_backup_cannot_make_the_client_run_anything(elsewhere, shelf):
    trace = shelf / "trace"
    pack(shelf / "b", {MEMBER: f"\\! touch '{trace}'\nSELECT 1;\n".encode()})
    assert "ERROR" in refuses(elsewhere, "restore", shelf / "b")
    assert not trace.exists()


@pytest.mark.mariadb
def test_it_needs_no_more_rights_than_the_server(machine, elsewhere, shelf):
    """And whatever is in the password, it is not on a command line."""
    password = """p@:/?#[]% "quoted' \\back `tick` $HOME 密码"""
    grants = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES"
    deployed = Path(machine.checkout, "deploy", "mariadb.sql").read_text()
    assert f"\nGRANT {grants} ON " in deployed
    with closing(MySQLdb.connect(**{**connection.get_connection_params(), "db": ""})) as server:
        user = f"callme{os.urandom(3).hex()}"
        server.cursor().execute(f"CREATE USER {user}@localhost IDENTIFIED BY %s", [password])
        for place in (machine, elsewhere):
            url = urlsplit(place.settings["DATABASE_URL"])
            server.query(f"GRANT {grants} ON {url.path[1:]}.* TO {user}@localhost")
            netloc = f"{user}:{quote(password, safe='')}@localhost"
            place.settings["DATABASE_URL"] = urlunsplit(url._replace(netloc=netloc))
        settle(machine)
        try:
            machine.manage("migrate", "-v0")
            machine.manage("demo")
            file = back_up(machine, shelf)
            assert run(elsewhere, "restore", file)[0] == 0
            assert run(elsewhere, "restore", "--replace", file)[0] == 0
            assert everything(elsewhere) == everything(machine)
            wrong = urlunsplit(urlsplit(machine.settings["DATABASE_URL"])._replace(netloc=f"{user}:wrong@localhost"))
            said = refuses(machine, "backup", shelf, DATABASE_URL=wrong)
            assert said.startswith("callme: the database does not answer")
            assert "wrong" not in said
        finally:
            server.query(f"DROP USER {user}@localhost")
