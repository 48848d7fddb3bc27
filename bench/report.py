"""What is printed of the measurements: a line a load, the shares of the floors, and the phones of the mix."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from bench.loads import PHP, Load

Rounds = dict[Load, list[dict[str, Any]]]
GROUPS = ("server", "MariaDB", "nginx", "load", "others", "withheld")


def table(rounds: Rounds) -> str:
    """Return a line for each load: medians over the rounds, the worst maximum, and all errors and wrong answers."""
    head = ["load", "data", "conns", "via", "req/s", "(min–max)", "p50 ms", "p99 ms", "max ms", "errors", "wrong"]
    lines = [[*head, "CPU ms", *GROUPS, "PSS MiB", "RSS MiB"]]
    for load, measured in rounds.items():
        rates = [one["rate"] for one in measured]
        lines.append(
            [
                load.name,
                load.data or "–",
                str(load.connections),
                load.via,
                f"{median(rates):,.0f}",
                f"({min(rates):,.0f}–{max(rates):,.0f})",
                *[f"{median(one[name] for one in measured):,.1f}" for name in ("p50", "p99")],
                f"{max(one['max'] for one in measured):,.0f}",
                *[str(sum(one[name] for one in measured)) for name in ("errors", "wrong")],
                f"{median(one['cpu']['server'] * 1000 / max(one['requests'], 1) for one in measured):.2f}",
                *[f"{median(one['cpu'][name] / one['elapsed'] for one in measured):.2f}" for name in GROUPS],
                *[f"{median(one['memory'][name] for one in measured):.0f}" for name in ("pss", "rss")],
            ]
        )
    return columns(lines, left=4)


def floors(load: Load) -> Iterator[Load]:
    """Yield the loads that this one is measured against, its floor first."""
    name, data, connections, via = load.name, load.data, load.connections, load.via
    if name == "hungry":
        yield Load("bare", data, connections, via)
        if via == "nginx":
            yield Load("hungry", data, connections, "server")
    elif name.startswith(PHP):
        yield Load("bare", data, connections, via)
    elif name == "bare":
        yield Load("constant", "", connections, via)
    elif name in ("hungry-all", "seller_list", "menu", "note", "rush"):
        yield Load("hungry", data, connections, via)
    if name in ("hungry", "bare") and via == "server":
        yield Load("select", data, 16, "socket")
    if data == "L":
        yield Load(name, "S", connections, via)


def shares(rounds: Rounds) -> str:
    """Return a line for each load and what it is measured against: the share, by its requests a second.

    It is formed in each round and the median taken: what slows a machine for a while slows both.
    """
    lines = [["load", "data", "conns", "via", "share of", "", "", "", "share", "(min–max)"]]
    for load, measured in rounds.items():
        for floor in floors(load):
            if floor in rounds:
                pairs = zip(measured, rounds[floor], strict=True)
                values = [one["rate"] / least["rate"] if least["rate"] else 0.0 for one, least in pairs]
                spread = f"({min(values):.0%}–{max(values):.0%})"
                lines.append([*labels(load), *labels(floor), f"{median(values):.0%}", spread])
    return columns(lines, left=8) if len(lines) > 1 else ""


def against_php(rounds: Rounds) -> str:
    """Return a line for each load that plain PHP was sent too: callme's requests a second and p99 divided by PHP's.

    Formed in each round, as the shares are.
    """
    lines = [["load", "data", "conns", "via", "req/s ÷ PHP", "(min–max)", "p99 ÷ PHP", "(min–max)"]]
    for load, measured in rounds.items():
        floor = replace(load, name=f"{PHP}{load.name}")
        if floor in rounds:
            line = labels(load)
            for value in ("rate", "p99"):
                pairs = zip(measured, rounds[floor], strict=True)
                values = [one[value] / php[value] if php[value] else 0.0 for one, php in pairs]
                line += [f"{median(values):.2f}", f"({min(values):.2f}–{max(values):.2f})"]
            lines.append(line)
    return columns(lines, left=4) if len(lines) > 1 else ""


def labels(load: Load) -> list[str]:
    return [load.name, load.data or "–", str(load.connections), load.via]


def parts(rounds: Rounds) -> str:
    """Return a line for each kind of request of the loads that have several."""
    lines = [["load", "data", "conns", "request", "req/s", "p50 ms", "p99 ms", "max ms"]]
    for load, measured in rounds.items():
        for name in measured[0].get("parts", ()):
            own = [one["parts"][name] for one in measured if name in one["parts"]]
            middle = [f"{median(one[value] for one in own):,.1f}" for value in ("rate", "p50", "p99")]
            worst = f"{max(one['max'] for one in own):,.0f}"
            lines.append([load.name, load.data, str(load.connections), name, *middle, worst])
    return columns(lines, left=4) if len(lines) > 1 else ""


def samples(rounds: Rounds) -> str:
    """Return the first errors and wrong answers of each load."""
    return "\n".join(
        f"{' '.join(labels(load))}: {sample}"
        for load, measured in rounds.items()
        for one in measured
        for sample in one["samples"]
    )


def columns(lines: Sequence[Sequence[str]], left: int) -> str:
    """Return the lines with their cells in columns, so many of them flush left."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
