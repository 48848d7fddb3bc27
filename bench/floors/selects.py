"""The floor of the database: the statement that hungry cannot do without, from a loop with kept connections.

Run as a program: two processes of eight connections each; prints its measurement as JSON.
"""

import hashlib
import json
import subprocess
import sys
import threading
import time
from array import array

from bench.data import SETS, connect, key
from bench.measured import summary

PROCESSES = 2
THREADS = 8

# Who asks, and whether the number is called, as far as that person may know.
IS_READY = """
SELECT queueing_order.called_at FROM accounts_session JOIN queueing_order
WHERE accounts_session.digest = %s AND accounts_session.started_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY
AND queueing_order.seller_id = %s AND queueing_order.live_number = %s
AND (queueing_order.buyer_id IS NULL OR queueing_order.buyer_id = accounts_session.person_id)
"""


def digest(session_key: str) -> str:
    """Return what the database keeps of a 3rd_session."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def ask(url: str, statements: list[str], until: float, latencies: array, wrong: list[str]) -> None:
    """Ask one statement after the other on a connection of our own."""
    database = connect(url)
    place = 0
    while (asked := time.monotonic()) < until:
        database.query(statements[place % len(statements)])
        rows = database.store_result().fetch_row(0)
        latencies.append(time.monotonic() - asked)
        if rows != ((None,),):
            wrong.append(str(rows))
        place += 1
    database.close()


def measure(url: str, data: str, seconds: float, which: int) -> None:
    """Ask on eight connections; print the latencies, in microseconds, and how many answers were wrong."""
    polls = SETS[data].polls()
    statements = [IS_READY % (f"'{digest(key(person))}'", seller, number) for person, seller, number in polls]
    latencies, wrong = array("d"), []
    until = time.monotonic() + seconds
    threads = []
    for place in range(THREADS):
        first = (which * THREADS + place) * len(statements) // (PROCESSES * THREADS)
        arguments = (url, statements[first:] + statements[:first], until, latencies, wrong)
        threads.append(threading.Thread(target=ask, args=arguments))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps([[round(latency * 1e6) for latency in latencies], len(wrong)]))


def main(url: str, data: str, seconds: float) -> None:
    """Measure in all processes at once, and print what came of it."""
    command = [sys.executable, "-m", __spec__.name, url, data, str(seconds)]
    asking = [subprocess.Popen([*command, str(which)], stdout=subprocess.PIPE, text=True) for which in range(PROCESSES)]
    results = [json.loads(process.communicate()[0]) for process in asking]
    latencies = [latency / 1e6 for own, _wrong in results for latency in own]
    print(json.dumps({**summary(latencies, seconds), "errors": 0, "wrong": sum(wrong for _own, wrong in results)}))


if __name__ == "__main__":
    if len(sys.argv) == 5:
        measure(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    else:
        main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
