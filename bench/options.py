"""What bench/run can be told. Run as a program, it checks the arguments and helps, without anything being installed.

It prints php where that is to be measured.
"""

import argparse

LOADS = {
    "constant": "floor: the WSGI server with an application that always says the same",
    "bare": "floor: a Django project of one view, no middleware and one statement",
    "php": "floor: plain PHP, sent hungry, seller_list, menu, note and rush after callme, where these are measured (S)",
    "select": "floor: MariaDB, asked that statement in a loop",
    "hungry": "1,000 phones poll, each its own order; also straight at the server, without nginx",
    "hungry-all": "the same with all 100,000 phones of L",
    "seller_list": "the list of stalls",
    "menu": "a stall's menu",
    "note": "a stall's 50 live orders",
    "rush": "meals as fast as they go: fetch, push, hungry x5, call, hungry, done",
    "paced": "20 meals a second (S)",
    "messages": "20 meals a second whose students are told by WeChat, which takes 0.2 s; with how long it took (S)",
    "mix": "3,000 phones poll every 3 seconds, beside 20 meals a second (S), for six times the seconds",
    "mix-told": "the same, but each phone asks again when it is told to (S); measured wherever mix is",
}
BESIDE = {"mix": ["mix-told"]}  # what is measured too: the two are to be read beside each other


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments of bench/run."""
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measures callme as it runs in production, on this machine: MariaDB, bin/serve, nginx. "
        "Prints a table and writes bench/results/*.json. bench/README.md says how to read it.",
        epilog="loads:\n" + "\n".join(f"  {name:12} {what}" for name, what in LOADS.items()),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", choices=["S", "L", "both"], default="both", help="the data set (both)")
    parser.add_argument("--seconds", type=positive, default=10, help="how long each load is measured (10)")
    parser.add_argument("--rounds", type=positive, default=3, help="how often; the table shows medians (3)")
    parser.add_argument("--only", type=loads, default=list(LOADS), metavar="LOAD,...", help="these loads alone")
    parser.add_argument(
        "--memory",
        type=positive,
        metavar="MINUTES",
        help="watch the server's memory under hungry and rush on L instead",
    )
    return parser


def positive(text: str) -> int:
    if (number := int(text)) <= 0:
        raise ValueError
    return number


def loads(text: str) -> list[str]:
    names = text.split(",")
    if names == ["php"]:
        raise argparse.ArgumentTypeError("php is sent what callme is sent: name that too")
    if unknown := [name for name in names if name not in LOADS]:
        raise argparse.ArgumentTypeError(f"no such load: {', '.join(unknown)}")
    return list(dict.fromkeys(name for given in names for name in (given, *BESIDE.get(given, ()))))


if __name__ == "__main__":
    options = parser().parse_args()
    if "php" in options.only and not options.memory:
        print("php")
