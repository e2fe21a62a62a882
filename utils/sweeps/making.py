"""Making the runs that the project stores: by several processes, and able to go on after an interrupt."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from utils.strategies import Settings
from utils.sweeps.crews import Crew, Here, Processes, affordable, cores
from utils.sweeps.jobs import Jobs, job_key
from utils.sweeps.outcome import Outcome
from utils.sweeps.result_log import ResultLog
from utils.sweeps.runs import run_jobs
from utils.sweeps.worker import Work


class Making:
    """Makes runs and other jobs; those that a file has aren't made again.

    Args:
        results: The file, open.
        crew: The crew that makes them.
        log: Takes a line after each job.
    """

    def __init__(self, results: ResultLog, crew: Crew, log: Callable[[str], None]):
        self._results, self._crew, self._log = results, crew, log

    def outcomes(self, settings: Iterable[Settings]) -> list[Outcome]:
        """The outcomes of these runs."""
        planned = list(settings)
        results = self._finish(run_jobs([(each, ()) for each in planned], "outcome", self._results, self._crew))
        return list(map(Outcome.from_dict, results))

    def runs(self, plans: Iterable[tuple[Settings, Iterable]]) -> list[dict]:
        """The whole runs of pairs of settings and schedule, as plain values."""
        return self._finish(run_jobs(list(plans), "run", self._results, self._crew))

    def validation(self, settings: Iterable[Settings]) -> list[dict]:
        """The new task's validation loss and accuracy in each of these runs."""
        planned = [(each, ()) for each in settings]
        return self._finish(run_jobs(planned, "validation", self._results, self._crew))

    def results(self, work: Work, jobs: Iterable[dict]) -> list[dict]:
        """The results of any other jobs."""
        jobs = list(jobs)
        keys = [job_key(work, job) for job in jobs]
        return self._finish(Jobs(work, jobs, keys, self._results, self._crew))

    def _finish(self, jobs):
        return jobs.results(self._counted)

    def _counted(self, jobs):
        for number, ended in enumerate(jobs, start=1):
            self._log(f"{number}/{len(jobs)}")
            yield ended


@contextmanager
def making(stored: Path, log: Callable[[str], None], crew: Crew | None = None) -> Iterator[Making]:
    """Within the block, what is made is kept beside the file that will store it, until the block has ended well.

    Args:
        stored: The file that will store it.
        log: Takes a line after each job.
        crew: The crew that makes the runs; None for a process for each core, as far as memory allows.
    """
    partial = stored.with_name(f".{stored.stem}.partial.jsonl")
    crew = crew or (Processes(count) if (count := affordable(cores())) else Here())
    with ResultLog(partial) as results:
        if results.results:
            log(f"{len(results.results)} results were made before: {partial}")
        yield Making(results, crew, log)
    partial.unlink()
