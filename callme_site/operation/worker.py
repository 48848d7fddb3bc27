"""A process that does what is due until it is told to stop: it claims jobs from its sources, and runs them in threads.

Each job is claimed in the database before it is run, so that any number of such processes, on any number of hosts, do
each of them once.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from callme_site.capacity import JOBS
from callme_site.storage.pool import pool
from callme_site.storage.retries import AWAY

logger = logging.getLogger(__name__)

PAUSE = 0.25  # seconds from one look at what is due to the next
AWAY_PAUSE = 1.0  # seconds, while the database is away

Job = Callable[[], None]
Source = Callable[[int], list[Job]]  # claims so many jobs at most; raises what the database does


class Worker:
    """Runs the jobs of its sources, of which the first goes first, so many at once."""

    def __init__(self, sources: Sequence[Source], jobs: int = JOBS) -> None:
        self.sources = sources
        self.stopping = threading.Event()
        self.threads = ThreadPoolExecutor(jobs, thread_name_prefix="job")
        self.lock = threading.Lock()
        self.free = self.jobs = jobs
        self.freed = threading.Event()  # a job has ended since the last look
        self.database_away = False

    def stop(self) -> None:
        """Claim no more; what is claimed is still done."""
        self.stopping.set()
        self.freed.set()

    def run(self) -> None:
        """Do what is due until `stop`, and return when it is done."""
        while not self.stopping.is_set():
            self.freed.clear()
            if not self.free:
                self.freed.wait(PAUSE)
            elif self.looked() is None:
                self.stopping.wait(AWAY_PAUSE)
            elif self.free:
                self.stopping.wait(PAUSE)
        self.threads.shutdown()

    def run_once(self) -> int:
        """Do all that is due now, and return how much that was; raises what the database does."""
        done = 0
        while begun := self.look():
            done += begun
            while self.free < self.jobs:
                self.freed.wait(PAUSE)
                self.freed.clear()
        self.threads.shutdown()
        return done

    def looked(self) -> int | None:
        """Begin what is due and return how much; None while the database is away, which is logged once."""
        try:
            begun = self.look()
        except AWAY as error:
            if not self.database_away:
                logger.warning("worker_database_away error=%s", type(error).__name__)
            self.database_away = True
            connection.close()
            return None
        if self.database_away:
            logger.info("worker_database_back")
        self.database_away = False
        return begun

    def look(self) -> int:
        """Begin what is due, as far as there are threads for it; return how much."""
        begun = 0
        for source in self.sources:
            for job in source(self.free) if self.free else []:
                with self.lock:
                    self.free -= 1
                self.threads.submit(self.do, job)
                begun += 1
        return begun

    def do(self, job: Job) -> None:
        """Run a job; it has one of the process's connections while it needs it (callme_site/storage/pool.py)."""
        try:
            with pool.answering():
                job()
        except Exception:
            logger.exception("job_failed")
        finally:
            with self.lock:
                self.free += 1
            self.freed.set()
