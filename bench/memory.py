"""Whether the server grows: hungry and rush on L for a long time, and its memory now and then."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.loads import Load, command, measurement
from bench.sites import Site, forget_log
from callme_site.settings import BASE_DIR
from callme_site.testing.processes import memory, running, tree

EVERY = 10  # seconds
CONNECTIONS = 16  # of each load


def watch(
    stack: ExitStack,
    site: Site,
    folder: Path,
    minutes: int,
    machine: dict[str, Any],
    keep: Callable[[str, dict[str, Any]], None],
) -> int:
    """Load the server so long, print and keep its memory; return 1 if an answer was wrong or missing."""
    sending, logs = [], {}
    for name in ("hungry", "rush"):
        load = Load(name, "L", CONNECTIONS, "nginx")
        logs[name] = folder / f"{name}.log"
        program = running(command(load, site, folder, minutes * 60), BASE_DIR, logs[name])
        sending.append(stack.enter_context(program))
    samples, began = [], time.monotonic()
    while any(process.poll() is None for process in sending):
        samples.append({"seconds": round(time.monotonic() - began), **memory(tree(site.server))})
        forget_log(site)
        time.sleep(EVERY)
    results = {name: measurement(log.read_text()) for name, log in logs.items()}
    for kind in ("pss", "rss"):
        first, last, most = samples[0][kind], samples[-1][kind], max(sample[kind] for sample in samples)
        print(f"{kind.upper()} of the server, MiB: first {first:.1f}, last {last:.1f}, max {most:.1f}")
    for name, result in results.items():
        print(f"{name}: {result['rate']:,.0f} req/s, {result['errors']} errors, {result['wrong']} wrong")
    keep("memory", {"machine": machine, "samples": samples, "loads": results})
    return int(any(result["errors"] or result["wrong"] for result in results.values()))
