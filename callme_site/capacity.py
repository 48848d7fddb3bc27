"""How much the server takes of its machine; bin/serve reads it too, which has no time for Django."""

import os

MOST_WORKERS = 8
# Processes, unless WORKERS says else: one for two cores, as database and nginx want as much, and each reads anew what
# another has changed.
WORKERS = min(max(len(os.sched_getaffinity(0)) // 2, 1), MOST_WORKERS)
# Threads of a worker that may wait: for WeChat (accounts/wechat.py), a picture, a browser, a database that is held up.
WAITING_THREADS = 640
CONNECTIONS = 12  # to the database, a worker
OTHERS = 10  # connections that crontab's jobs, a backup and people at the console need beside
JOBS = 16  # at once in a process that sends messages (callme_site/operation/worker.py); most of them wait for WeChat
# That such a process has: its jobs share those of a worker's pool, and one looks for what is due.
SENDER_CONNECTIONS = CONNECTIONS + 1


def default_memory(galera: bool) -> str:
    """Return what MEMORY is where nobody has set it: servers at several nodes do not hear of each other's changes."""
    return "off" if galera else "one-host"


def threads(memory: str = "one-host") -> int:
    """Return how many threads of a worker answer the phones' queries, by MEMORY.

    Of many, some would wait long for Python's lock, which is not fair. Where each asks the database, they have it less.
    """
    return 8 if memory == "off" else 5
