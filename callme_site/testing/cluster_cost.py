"""What a cluster costs: `python -m callme_site.testing.cluster_cost` asks two servers as fast as they answer.

Once each beside a node of its own, once both beside one node, once both beside one MariaDB without a cluster. All of
it, phones included, shares this machine, and no commit waits for a disk: compare the lines with each other only.
"""

import os
import re
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callme_site.testing.settings")

from callme_site.testing.cluster import GaleraCluster, Node, missing
from callme_site.testing.phones import query_fields
from callme_site.testing.rush import Phone, Rush
from callme_site.testing.serving import machine_on

SECONDS = 10
WRITES = 200


def measure(name: str, nodes: list[Node], galera: str) -> None:
    """Start a server beside each of the two nodes, ask them, and print a line."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="callme-cost-") as folder:
        urls = []
        for place, node in enumerate(nodes):
            machine = machine_on(Path(folder) / str(place), node.url(), GALERA=galera)
            urls.append(stack.enter_context(machine).start().url)
        polls = poll(urls, Path(folder) / "poll.lua")
        milliseconds = write(urls[0])
        rush = Rush(*urls)
        for place, (_, at_stall, student) in enumerate(rush.hands):
            phone = at_stall if place % 2 else student
            phone.url = next(phone.urls)
        with rush:
            time.sleep(SECONDS)
        lives = rush.done() / SECONDS
        print(f"{name:32} {polls:6.0f} polls/s  {milliseconds:5.1f} ms a write  {lives:5.1f} meals/s", flush=True)


def poll(urls: list[str], script: Path) -> float:
    """Return how many times a second a phone that waits is answered, at all servers together."""
    waiting = Phone(Rush(*urls, stalls=0), "li")
    body = urlencode(query_fields("hungry", waiting.session_key, sellerId=1, marchSn=1))
    form = 'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"'
    script.write_text(f'wrk.method = "POST"\nwrk.body = "{body}"\n{form}\n')
    wrk = ["wrk", "-t1", "-c16", f"-d{SECONDS}", "-s", str(script)]
    runs = [subprocess.Popen([*wrk, url], stdout=subprocess.PIPE, text=True) for url in urls]
    said = [run.communicate()[0] for run in runs]
    assert not any("Non-2xx" in text for text in said), said
    return sum(float(re.search(r"Requests/sec: *([0-9.]+)", text)[1]) for text in said)


def write(url: str) -> float:
    """Return the median of the milliseconds that a fetch takes while nobody else asks."""
    phone = Phone(Rush(url, stalls=0), "stall1", seller=True)
    times = []
    for _ in range(WRITES):
        started = time.perf_counter()
        number = phone.ask("fetch")["marchSn"]
        times.append(time.perf_counter() - started)
        phone.ask("done", isseller="yes", marchSn=number)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    if lacking := missing():
        raise SystemExit(f"callme: a cluster needs: apt-get install {lacking}")
    with GaleraCluster() as cluster:
        first, second, _ = cluster.nodes
        measure("each server at its own node", [first, second], "on")
        measure("both at one node", [first, first], "off")
        for node in cluster.nodes:
            node.kill()
        first.start("--wsrep-on=OFF", "--wsrep-provider=none")
        first.wait_until_reached()
        measure("both at a MariaDB of its own", [first, first], "off")
