"""Eight pictures as large as is taken come in at once: the server's memory stays bounded, and polls are answered."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from callme_site.testing import processes
from callme_site.testing.phones import NOT_READY, query_fields
from callme_site.testing.pictures import encoded
from callme_site.testing.serving import machine_on

pytestmark = pytest.mark.faults

AT_ONCE = 8
SIDE = 4000  # pixels: 16 million of them
PEAK = 300  # MiB more than before
LEFT = 50  # MiB more than before, that may stay
MINUTE = 60  # seconds
STUDENTS = 4
PACE = 0.02  # seconds between two polls of a student
TARGET = 0.2  # seconds that 99 of 100 polls take at most


def memory(server):
    """Return what the processes of the server take in MiB, counting once what they share."""
    return processes.memory(processes.tree(server.process.pid))["pss"]


class Watch:
    """Students who poll, and somebody who looks at the memory, until the context ends."""

    def __init__(self, server):
        self.server = server
        self.most, self.seconds = 0.0, []
        self.over = threading.Event()
        self.sessions = [server.ask("login", code=f"sandbox-li{place}")["sessionKey"] for place in range(STUDENTS)]

    def __enter__(self):
        self.pool = ThreadPoolExecutor(STUDENTS + 1)
        self.running = [self.pool.submit(self.poll, session) for session in self.sessions]
        self.running.append(self.pool.submit(self.look))
        return self

    def __exit__(self, *_exception):
        self.over.set()
        for running in self.running:
            running.result()
        self.pool.shutdown()

    def look(self):
        while not self.over.wait(0.05):
            self.most = max(self.most, memory(self.server))

    def poll(self, session_key):
        with requests.Session() as http:
            while not self.over.wait(PACE):
                began = time.monotonic()
                fields = query_fields("hungry", session_key, sellerId=1, marchSn=1)
                assert http.post(self.server.url, data=fields, timeout=MINUTE).json() == NOT_READY
                self.seconds.append(time.monotonic() - began)

    @property
    def p99(self):
        return sorted(self.seconds)[len(self.seconds) * 99 // 100]


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "P"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGBA")])
def test_eight_pictures_at_once_are_opened_one_after_the_other(tmp_path, kind, mode):
    content = encoded(kind, (SIDE, SIDE), mode)
    with machine_on(tmp_path, f"sqlite:///{tmp_path / 'callme.sqlite3'}") as machine:
        server = machine.start()
        stall = server.ask("login", isseller="yes", code="sandbox-stall1")["sessionKey"]
        fields = {"query": "update", "sessionKey": stall}

        def upload(_place):
            files = {"sellerImage": ("stall", content)}
            return requests.post(server.url, fields, files=files, timeout=MINUTE).json()

        with Watch(server) as watch, ThreadPoolExecutor(AT_ONCE) as stalls:
            time.sleep(1)  # polls of a quiet server, which load what there is to load
            idle, watch.seconds = memory(server), []
            answers = list(stalls.map(upload, range(AT_ONCE)))
        assert answers == [{"updateSuccess": "success", "updateImageSuccess": "success"}] * AT_ONCE
        grown = watch.most - idle
        print(f"{kind} {mode}: {grown:+.0f} MiB at most; 99 of 100 polls within {watch.p99:.3f} s")
        assert grown < PEAK
        assert watch.p99 < TARGET
        until = time.monotonic() + MINUTE
        while (left := memory(server) - idle) >= LEFT:
            assert time.monotonic() < until, f"{left:.0f} MiB stay"
            time.sleep(0.5)
