"""The machine under the server has a bad day: its disk is full, its clock is set back."""

import io
import json
import subprocess
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from PIL import Image

from callme_site.testing.phones import NOT_READY
from callme_site.testing.serving import machine_on

pytestmark = pytest.mark.faults

OVER = {"queryErr": "Session Time Out"}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs to mount a small disk, which root may")
    yield folder
    subprocess.run(["umount", folder], check=True)


def picture(color):
    content = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(content, "JPEG", quality=90)
    return {"sellerImage": (f"{color}.jpg", content.getvalue(), "image/jpeg")}


def test_the_disk_is_full_when_a_picture_is_saved(small_disk, tmp_path):
    with machine_on(tmp_path, f"sqlite:///{tmp_path / 'callme.sqlite3'}", MEDIA_ROOT=str(small_disk)) as machine:
        server = machine.start()
        stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        saved = {"updateSuccess": "success", "updateImageSuccess": "success"}
        assert server.ask("update", stall, files=picture("red"), sellerName="红") == saved
        before = server.ask("info", stall)["imageUrl"]
        content = requests.get(before, timeout=10).content
        files = list(small_disk.rglob("*"))
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - 8192)  # so that a part of the picture finds room
        not_saved = {"updateSuccess": "success", "updateImageSuccess": "fail", "failMsg": "Save Error"}
        assert server.ask("update", stall, files=picture("blue"), sellerName="蓝") == not_saved
        told = server.ask("info", stall)
        assert (told["sellerName"], told["imageUrl"]) == ("蓝", before)
        assert requests.get(before, timeout=10).content == content
        assert sorted(small_disk.rglob("*")) == sorted([*files, filler])
        filler.unlink()
        assert server.ask("update", stall, files=picture("blue")) == saved
        after = server.ask("info", stall)["imageUrl"]
        assert Image.open(io.BytesIO(requests.get(after, timeout=10).content)).format == "JPEG"
        assert requests.get(before, timeout=10).status_code == 404


class Clock:
    """The clock of processes that have `settings` in their environment, so many seconds off the machine's."""

    def __init__(self, folder: Path) -> None:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        if library is None:
            pytest.skip("needs libfaketime: apt-get install libfaketime")
        self.file = folder / "clock"
        self.settings = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(0)

    def set(self, seconds: float) -> None:
        self.file.write_text(f"{seconds:+.0f}")


def test_the_clock_is_set_back_an_hour(tmp_path):
    clock = Clock(tmp_path)
    with machine_on(tmp_path, f"sqlite:///{tmp_path / 'callme.sqlite3'}", **clock.settings) as machine:
        server = machine.start()

        def login():
            answer = server.ask("login", code=f"sandbox-li-{time.monotonic()}")
            assert "sessionKey" in answer, (answer, server.said)
            return answer["sessionKey"]

        def poll(session):
            return server.ask("hungry", session, sellerId=1, marchSn=1)

        first = login()
        assert poll(first) == NOT_READY
        clock.set(3599 - 60)
        assert poll(first) == NOT_READY
        clock.set(3600)
        assert poll(first) == OVER
        late = login()
        assert poll(late) == NOT_READY
        clock.set(0)
        assert (poll(first), poll(late)) == (NOT_READY, OVER)
        machine.manage("expire_sessions")
        clock.set(3600)
        assert (poll(first), poll(late)) == (OVER, OVER)
        server.kill()  # with a library between it and the clock, it takes its time to end by itself


def test_no_month_is_charged_twice_when_the_clock_is_set_back(tmp_path):
    clock = Clock(tmp_path)
    trial = {"DEBUG": "on", "WECHAT_SANDBOX": "on", **clock.settings}
    with machine_on(tmp_path, f"sqlite:///{tmp_path / 'callme.sqlite3'}", **trial) as machine:
        machine.manage("migrate")
        machine.manage("demo")

        def charges():
            entries = json.loads(machine.manage("dumpdata", "sellers.balanceentry"))
            return sorted(
                (entry["fields"]["seller"], entry["fields"]["due_on"])
                for entry in entries
                if entry["fields"]["kind"] == "charge"
            )

        sellers = json.loads(machine.manage("dumpdata", "sellers.seller"))
        due_on = {seller["fields"]["next_charge_on"] for seller in sellers}.pop()
        first_hour = datetime.fromisoformat(due_on).replace(minute=30, tzinfo=SHANGHAI)
        once = [(seller["pk"], due_on) for seller in sellers]
        for seconds in (0, -3600, 0):  # to the first half hour of that day, back to the day before, and again
            clock.set((first_hour - datetime.now(SHANGHAI)).total_seconds() + seconds)
            machine.manage("charge_months")
            assert charges() == once
        machine.manage("check_balances")
