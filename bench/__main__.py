"""The run: fill the data sets, start the servers, send the loads round by round, and tell what came of it."""

import json
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench import memory, messages, report
from bench.data import SETS, copy
from bench.loads import PHP, Load, measure, plan, send, settle
from bench.machine import facts
from bench.options import parser
from bench.sites import Site, make_database, serve_callme, serve_floor, serve_php
from callme_site.settings import BASE_DIR

WARM_UP = 2  # seconds
STARTING = {"S": 10, "L": 60}  # seconds, about
RESULTS = BASE_DIR / "bench" / "results"


def say(text: str) -> None:
    print(f"callme: {text}", file=sys.stderr, flush=True)


def mariadb_pid(url: str) -> int:
    """Return the pid of the MariaDB that with-mariadb has started: it lies beside the socket."""
    return int(Path(dict(parse_qsl(urlsplit(url).query))["unix_socket"]).with_name("pid").read_text())


def set_up(stack: ExitStack, folder: Path, url: str, sets: list[str], planned: list[Load]) -> dict[str, Site]:
    """Start and fill callme for each data set, and start the floors that are wanted; return the sites by name."""
    sites = {}
    for name in sets:
        began = time.monotonic()
        sites[name] = serve_callme(stack, folder / name, url, SETS[name])
        say(f"data set {name} is there after {time.monotonic() - began:.0f} s")
    for load in planned:
        if load.site in sites:
            continue
        if load.name == "messages":
            sites[load.site] = messages.serve(stack, folder / load.site, url)
            continue
        database = sites[load.data].database if load.data else ""
        if load.name.startswith(PHP):
            # Its own: callme knows by heart what nobody but callme writes.
            own = make_database(url, load.site)
            copy(database, own)
            sites[load.site] = serve_php(stack, folder / load.site, own)
        else:
            application = f"bench.floors.{load.name}:application"
            sites[load.site] = serve_floor(stack, folder / load.site, application, database)
    return sites


def run(planned: list[Load], sites: dict[str, Site], folder: Path, options: Any, mariadb: int) -> report.Rounds:
    """Send all loads, round by round, each after a warm-up."""
    rounds: report.Rounds = {load: [] for load in planned}
    for number in range(1, options.rounds + 1):
        for load in planned:
            site = sites[load.site]
            settle(site)
            send(load, site, folder, WARM_UP)
            groups = {"server": site.server, "MariaDB": mariadb, "nginx": site.nginx.pid}
            rounds[load].append(measure(load, site, folder, load.seconds(options.seconds), groups))
            rate, wrong = rounds[load][-1]["rate"], rounds[load][-1]["wrong"] + rounds[load][-1]["errors"]
            say(f"round {number}: {' '.join(report.labels(load))}: {rate:,.0f} req/s, {wrong} wrong")
    return rounds


def keep(name: str, content: dict[str, Any]) -> None:
    """Write the results where people find them."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{name}.json"
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    say(f"written: {file.relative_to(BASE_DIR)}")


def main() -> int:
    """Do what the options say; return 1 if an answer was wrong or missing that had to be right."""
    options = parser().parse_args()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    sets = ["L"] if options.memory else ["S", "L"] if options.data == "both" else [options.data]
    planned = [] if options.memory else plan(options.only, sets)
    if not planned and not options.memory:
        raise SystemExit(f"callme: none of these loads is for data set {options.data}")
    seconds = sum(load.seconds(options.seconds) + WARM_UP + 1 for load in planned) * options.rounds
    seconds += sum(STARTING[name] for name in sets) + 60 * (options.memory or 0)
    what = f"{len(planned)} loads, {options.rounds} rounds" if planned else "hungry and rush"
    say(f"{what}: this takes about {seconds / 60:.0f} minutes")
    url = os.environ["DATABASE_URL"]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sites = set_up(stack, folder, url, sets, planned)
        machine = facts(sites[sets[0]])
        if options.memory:
            return memory.watch(stack, sites["L"], folder, options.memory, machine, keep)
        rounds = run(planned, sites, folder, options, mariadb_pid(url))
    return tell(rounds, machine, options.seconds)


def tell(rounds: report.Rounds, machine: dict[str, Any], seconds: int) -> int:
    """Keep and print the results."""
    loads = [{**vars(load), "rounds": measured} for load, measured in rounds.items()]
    keep("loads", {"machine": machine, "seconds": seconds, "loads": loads})
    print("\n".join(f"{name}: {value}" for name, value in machine.items()))
    for part in (report.table, report.shares, report.against_php, report.parts, report.samples):
        if text := part(rounds):
            print(f"\n{text}")
    promised = [one for load, measured in rounds.items() if load.is_promised for one in measured]
    return int(any(one["errors"] or one["wrong"] for one in promised))


def leave(number: int, _frame: object) -> None:
    """End in order, once."""
    for other in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
