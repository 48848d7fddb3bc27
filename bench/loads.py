"""Which loads there are, and how one is sent and measured."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data import SETS, DataSet, Poll, shuffled
from bench.phones import form
from bench.processes import cpu_seconds, machine_seconds
from bench.sites import Site, forget_log
from callme_site.settings import BASE_DIR
from callme_site.testing.phones import NOT_READY
from callme_site.testing.processes import memory, tree

CONNECTIONS = (16, 64)
STRAIGHT = {"constant", "bare", "hungry"}  # these are measured without nginx too
ONCE = {"select", "paced", "messages", "mix", "mix-told"}  # these have a number of connections of their own
PHP = "php-"  # begins the name of a load that is sent to plain PHP
SENT_TO_PHP = {"hungry", "seller_list", "menu", "note", "rush"}  # on S, each right after callme's turn
MIX_TIMES = 6  # as long as the others


@dataclass(frozen=True)
class Load:
    """A line of the table. `data` is "" for what needs none; `via` is nginx, server or socket."""

    name: str
    data: str
    connections: int
    via: str

    @property
    def site(self) -> str:
        """The name of the site that it is sent to."""
        if self.name in ("bare", "constant"):
            return f"{self.name}{self.data}"
        if self.name == "messages":
            return self.name
        return f"php{self.data}" if self.name.startswith(PHP) else self.data

    @property
    def sent(self) -> str:
        """What is sent, whatever answers it."""
        return self.name.removeprefix(PHP)

    @property
    def is_promised(self) -> bool:
        """Whether all answers have to be right: plain PHP promises nothing once there are two requests at once."""
        return self.name != f"{PHP}rush"

    def seconds(self, seconds: float) -> float:
        """Return how long it takes, where the others take so long."""
        return seconds * MIX_TIMES if self.name.startswith("mix") else seconds


def plan(names: Collection[str], sets: Iterable[str]) -> list[Load]:
    """Return the loads of a round; what will be compared is side by side."""
    planned = []
    for connections in CONNECTIONS:
        for name in names:
            for data in [""] if name == "constant" else sets:
                if name in ONCE | {"php"} or (name == "hungry-all" and data != "L"):
                    continue
                planned.append(Load(name, data, connections, "nginx"))
                if "php" in names and name in SENT_TO_PHP and data == "S":
                    planned.append(Load(f"{PHP}{name}", data, connections, "nginx"))
                if name in STRAIGHT:
                    planned.append(Load(name, data, connections, "server"))
    planned += [Load("select", data, 16, "socket") for data in sets if "select" in names]
    if "S" in sets:
        once = {"paced": 20, "messages": 120, "mix": 3020, "mix-told": 3020}
        planned += [Load(name, "S", connections, "nginx") for name, connections in once.items() if name in names]
    return planned


def bodies(name: str, data: DataSet) -> Iterable[str]:
    """Return the bodies that wrk sends in turn."""

    def polls(phones: list[Poll]) -> Iterable[str]:
        return [form("hungry", phone.person, sellerId=phone.seller, marchSn=phone.number) for phone in phones]

    phones = data.polls()
    match name:
        case "hungry" | "bare" | "constant":
            return polls(phones)
        case "hungry-all":
            return polls(data.everybody())
        case "seller_list":
            return [form(name, phone.person) for phone in phones]
        case "menu":
            # Each with an order: nothing of the query is left out.
            stalls = [1 + place * data.sellers // len(phones) for place in range(len(phones))]
            return [form(name, phone.person, sellerId=stall) for phone, stall in zip(phones, stalls, strict=True)]
        case "note":
            return [form(name, seller) for seller in range(1, data.sellers + 1)]
    raise ValueError(name)


def command(load: Load, site: Site, folder: Path, seconds: float) -> list[str]:
    """Return the program that sends the load; what it prints last is its measurement."""
    port = site.nginx.port if load.via == "nginx" else site.port
    match load.sent:
        case "rush" | "paced" | "messages" | "mix" | "mix-told":
            arguments = [load.sent, port, load.data, load.connections, seconds, site.database]
            return [sys.executable, "-m", "bench.phones", *map(str, arguments)]
        case "select":
            return [sys.executable, "-m", "bench.floors.selects", site.database, load.data, str(seconds)]
    data = SETS[load.data or "S"]
    file = folder / f"{load.sent}-{data.name}.txt"
    if not file.exists():
        file.write_text("".join(f"{body}\n" for body in shuffled(list(bodies(load.sent, data)))))
    success = f'"{load.sent}Success": ?"success"'
    pattern = success if load.sent in ("seller_list", "menu", "note") else NOT_READY["failMsg"]
    # One thread: more would take from the processors what a server of two needs.
    wrk = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds:g}s", "--timeout", "10s", "-s", "bench/load.lua"]
    return [*wrk, f"http://127.0.0.1:{port}", "--", str(file), pattern]


def send(load: Load, site: Site, folder: Path, seconds: float) -> dict[str, Any]:
    """Send a load for so long, and return what its program measured; raises SystemExit."""
    program = ["setpriv", "--pdeathsig", "KILL", *command(load, site, folder, seconds)]
    sending = subprocess.Popen(
        program, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said = sending.communicate()[0]
    except BaseException:
        os.killpg(sending.pid, signal.SIGKILL)
        raise
    if sending.returncode:
        raise SystemExit(f"callme: {load} failed:\n{said}")
    forget_log(site)
    return measurement(said)


def settle(site: Site) -> None:
    """Wait until the server has worked off requests for whose answers nobody waits any more; a minute at most."""
    pids = tree(site.server)
    for _ in range(240):
        before = cpu_seconds(pids)
        time.sleep(0.25)
        if cpu_seconds(pids) - before < 0.05:
            return


def measurement(said: str) -> dict[str, Any]:
    """Return what a load's program measured, from what it printed."""
    *said, last = said.splitlines()
    result = json.loads(last)
    result.setdefault("samples", [line for line in said if line.startswith("wrong: ")])
    return result


def measure(load: Load, site: Site, folder: Path, seconds: float, groups: Mapping[str, int]) -> dict[str, Any]:
    """Send a load, and return what was measured, with the processor time that each group of processes took meanwhile.

    `cpu` is in seconds of the `elapsed` ones: "load" is what sent the requests, "others" everything else on the
    machine, "withheld" what its hypervisor gave to somebody else. `memory` is the server's, in MiB.
    """
    trees = {name: tree(pid) for name, pid in groups.items()}
    before, began = usage(trees), time.monotonic()
    result = send(load, site, folder, seconds)
    elapsed = time.monotonic() - began
    cpu = {name: now - before[name] for name, now in usage(trees).items()}
    cpu["others"] = max(cpu.pop("machine") - sum(cpu[name] for name in [*groups, "load"]), 0.0)
    return {**result, "elapsed": elapsed, "cpu": cpu, "memory": memory(trees["server"])}


def usage(trees: Mapping[str, list[int]]) -> dict[str, float]:
    """Return the processor time taken so far by each group of processes, by the loads, and by the whole machine."""
    machine, withheld = machine_seconds()
    loads = resource.getrusage(resource.RUSAGE_CHILDREN)
    groups = {name: cpu_seconds(pids) for name, pids in trees.items()}
    return {**groups, "load": loads.ru_utime + loads.ru_stime, "machine": machine, "withheld": withheld}
