"""Programs that we start, and what /proc tells of them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 120
STOP_SECONDS = 30


class Programs:
    """Programs that run in the background until the end of the `with`, each in a session of its own.

    They do not outlive us, whatever ends us: the kernel tells them.
    """

    def __init__(self) -> None:
        self.running: list[subprocess.Popen] = []

    def __enter__(self) -> "Programs":
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            # What is still starting has children without a wish to end.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def start(
        self, command: Sequence[str | Path], cwd: Path, log: Path, up: Callable[[], bool], **environment: str
    ) -> int:
        """Start a program, wait until it is up, and return its pid; what it prints is in the log. Raises SystemExit."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command],
                cwd=cwd,
                env={**kept_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while not up():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"callme: {command[0]} did not start; it said:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        return process.pid


def kept_environment() -> Mapping[str, str]:
    """Return what any program needs of our environment; no setting of callme is among it."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}


def tree(root: int) -> list[int]:
    """Return the process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            # A process may end while we look.
            with suppress(OSError):
                parents[int(entry.name)] = int(fields(entry)[1])
    found, new = [], [root]
    while new:
        found += new
        new = [pid for pid, parent in parents.items() if parent in new]
    return found


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


def memory(pids: Iterable[int]) -> dict[str, float]:
    """Return the processes' memory in MiB: `rss`, and `pss`, which counts once what they share."""
    kib = {"Rss": 0, "Pss": 0}
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
                name, value = line.split(":")
                if name in kib:
                    kib[name] += int(value.split()[0])
    return {name.lower(): value / 1024 for name, value in kib.items()}


def command_line(pid: int) -> list[str]:
    """Return the command that the process was started with; [] where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return []
