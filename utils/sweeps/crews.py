"""Crews, which do the jobs: this process, or processes of this machine. `utils.sweeps.cluster` has a third crew."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import Protocol

from utils.memory import available_memory
from utils.sweeps.worker import Ended, Work, attempt, attempt_in_worker, end_with_parent, here

WORKER_BYTES = 550e6  # of a worker, besides TensorFlow's code, which all share; after many runs 450e6 were measured
# No notices, and no GPU, whose memory TensorFlow would claim once for each.
_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
_DEATHS = 2  # of its worker, after which a job counts as failed: among others, then alone


class Crew(Protocol):
    """Does jobs, in any order."""

    def finish(self, work: Work, jobs: Sequence[dict]) -> Iterator[Ended]:
        """Do all jobs; yield each as it ends. Closing the iterator early ends the work."""


@dataclass(frozen=True)
class Here:
    """This process, one job after another."""

    def finish(self, work: Work, jobs: Sequence[dict]) -> Iterator[Ended]:
        """Do all jobs, in their order."""
        for number, job in enumerate(jobs):
            yield Ended(number, *attempt(work, job))


@dataclass(frozen=True)
class Processes:
    """Processes of this machine, each with one thread. One that dies is replaced, and its job is done again.

    Attributes:
        count: Their number.
    """

    count: int

    def finish(self, work: Work, jobs: Sequence[dict]) -> Iterator[Ended]:
        """Do all jobs; a job whose worker has died twice has failed."""
        from loky.process_executor import BrokenProcessPool  # only here: most sessions need no workers

        waiting, deaths = list(range(len(jobs))), dict.fromkeys(range(len(jobs)), 0)
        while waiting:
            suspects = [number for number in waiting if deaths[number]]
            at_work = {}
            try:
                for ended in self._finish(work, jobs, suspects[:1] or waiting, at_work):
                    waiting.remove(ended.number)
                    yield ended
            except BrokenProcessPool:  # any of those may have killed its worker, so they are done again, one by one
                for number in at_work.values():
                    deaths[number] += 1
                    if deaths[number] == _DEATHS:
                        waiting.remove(number)
                        yield Ended(number, None, f"its worker ended without a result {_DEATHS} times")

    def _finish(self, work, jobs, numbers, at_work):
        """Do the jobs of these numbers; `at_work` has those that are being done, by their futures."""
        from loky import ProcessPoolExecutor

        numbers = list(reversed(numbers))
        workers = min(self.count, len(numbers))
        pool = ProcessPoolExecutor(workers, timeout=None, env=_ENVIRONMENT, initializer=end_with_parent)
        try:
            while numbers or at_work:
                while numbers and len(at_work) < self.count:
                    number = numbers.pop()
                    at_work[pool.submit(attempt_in_worker, work, jobs[number], here())] = number
                for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                    ended = Ended(at_work[future], *future.result())
                    del at_work[future]
                    yield ended
        finally:
            pool.shutdown(wait=True, kill_workers=True)


def affordable(processes: int) -> int:
    """As many of these processes as memory allows; 0 where there isn't enough for one besides this."""
    return min(processes, int(available_memory() // WORKER_BYTES))


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
