"""What /proc tells of the time that processes have computed."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def fields(entry: Path) -> list[str]:
    """Return what /proc/PID/stat says after the name, which may hold anything: the state, the parent …"""
    return (entry / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the time that the processes have computed so far, in their own code and in the kernel."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            ticks += sum(map(int, fields(Path(f"/proc/{pid}"))[11:13]))
    return ticks / TICKS


def machine_seconds() -> tuple[float, float]:
    """Return the time that all processors have computed so far, and the time that a hypervisor withheld."""
    total = Path("/proc/stat").read_text().splitlines()[0]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, total.split()[1:9])
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS
