"""Programs that are started here, and what /proc tells of them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 30
# In front of a command: the kernel ends the program when we are gone, whatever ended us.
ENDS_WITH_US = ["setpriv", "--pdeathsig", "TERM"]
# What any program needs of our environment; no setting of callme is among it.
KEPT = ["PATH", "HOME", "TMPDIR"]


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def listens(port: int) -> bool:
    """Return whether somebody takes connections at the port."""
    with socket.socket() as phone:
        return phone.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, log: Path, up: Callable[[], bool] = lambda: True, **environment: str
) -> Iterator[subprocess.Popen]:
    """A program that is up, in that folder, until the context ends; what it prints is in the log."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*ENDS_WITH_US, *command],
            cwd=folder,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not up():
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{command[0]} did not start; it said:\n{log.read_text(errors='replace')}")
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        # What is still starting has children without a wish to end.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tree(pid: int) -> list[int]:
    """Return the pids of the process, its children and all of theirs, parents first."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, task.read_text().split()):
                found += tree(child)
    return found


def workers_of(pid: int) -> list[int]:
    """Return the pids of the processes that answer: the children of the one that starts them."""
    server = [pid for pid in tree(pid)[1:] if "callme_site.server" in command_line(pid)]
    return server[1:]


def command_line(pid: int) -> list[str]:
    """Return the words with which a process was started; none if it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    return []


def memory(pids: Iterable[int]) -> dict[str, float]:
    """Return the processes' memory in MiB: `rss`, and `pss`, which counts once what they share."""
    kib = {"Rss": 0, "Pss": 0}
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
                name, value = line.split(":")
                if name in kib:
                    kib[name] += int(value.split()[0])
    return {name.lower(): value / 1024 for name, value in kib.items()}
