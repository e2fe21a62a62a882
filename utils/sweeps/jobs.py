"""Jobs that are done once: what a file has of them is taken from there, the rest is done and written, one by one."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from utils.checks import wrapped
from utils.sweeps.crews import Crew
from utils.sweeps.result_log import ResultLog
from utils.sweeps.worker import Ended, Work, WorkerError


class Jobs:
    """Jobs and their results so far. Going through it does those that are left, and gives each job as it ends.

    Those whose results are in the log come first. `len` is the number of all jobs, as a progress bar needs it.

    Args:
        work: What is done with each: a function of a module where other processes are to do it.
        jobs: The jobs: plain values, for JSON, where other processes are to do them.
        keys: What each job's result is called in the log (`job_key`); None for one that isn't to be read or written,
            since it doesn't say all that it depends on.
        log: Where results are read and written; open as long as this is gone through.
        crew: The crew that does them.
    """

    def __init__(self, work: Work, jobs: Sequence, keys: Sequence[str | None], log: ResultLog, crew: Crew):
        self._work, self._jobs, self._keys, self._log, self._crew = work, list(jobs), list(keys), log, crew

    def __len__(self):
        return len(self._jobs)

    @property
    def known(self) -> int:
        """The number of jobs whose results are in the log."""
        return sum(key in self._log.results for key in self._keys)

    def __iter__(self) -> Iterator[Ended]:
        left = [number for number, key in enumerate(self._keys) if key not in self._log.results]
        for number in sorted(set(range(len(self))) - set(left)):
            yield Ended(number, self._log.results[self._keys[number]])
        for ended in self._crew.finish(self._work, [self._jobs[number] for number in left]) if left else ():
            ended = replace(ended, number=left[ended.number])
            key = self._keys[ended.number]
            if ended.result is not None and key is not None:  # what failed is tried again next time
                self._log.add(key, ended.result)
            yield ended

    def results(self, progress: Callable = iter) -> list[dict]:
        """Do what is left, and give all results in the order of the jobs.

        Args:
            progress: A function around these jobs, such as `utils.show_progress`.

        Raises:
            WorkerError: Where a job failed; the results that came before are in the log.
        """
        results = {}
        for ended in wrapped(progress, self):
            if ended.result is None:
                raise WorkerError(f"{self._jobs[ended.number]} failed: {ended.error}")
            results[ended.number] = ended.result
        return [results[number] for number in range(len(self))]


def job_key(work: Work, job: dict) -> str:
    """The name of a job's result in a log: 32 hexadecimal digits."""
    text = json.dumps([work.__module__, work.__qualname__, job], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
