"""Many runs: what two processes or two workers of a cluster gain over one, and what a run costs besides itself."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.row import Row
from utils import Settings
from utils.sweeps import grid
from utils.sweeps.cluster import Cluster, connect
from utils.sweeps.crews import Processes
from utils.sweeps.jobs import Jobs, job_key
from utils.sweeps.result_log import ResultLog
from utils.sweeps.runs import run_jobs

RUNS = grid(Settings(updates=100, evaluate_every=50), seed=range(30))
WARM = grid(Settings(updates=100, evaluate_every=50), seed=range(100, 106))  # each worker's first includes traces
JOBS = 10_000


def nothing(job: dict) -> dict:
    """A run that does nothing, to see what the rest costs."""
    return job


def rows() -> Iterator[Row]:
    """Runs per second of one process, two processes and two workers of Dask; milliseconds per run that does nothing."""
    from distributed import LocalCluster

    one, two = (_rate(Processes(count)) for count in (1, 2))
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        dask = Cluster(connect(cluster.scheduler_address))
        workers = _rate(dask)
        ours, theirs = _overhead(Processes(2)), _overhead(dask)
    for who, rate in (("two processes", two), ("two workers of Dask", workers)):
        measured = f"{rate / one:.2f} × ({rate:.2f} and {one:.2f} runs of 100 updates per second)"
        yield Row(f"a sweep with {who}, against one with one", measured, "at least 1.8 ×", rate / one >= 1.8)
    measured = f"{ours:.1f} ms with two processes, {theirs:.1f} ms with two workers of Dask"
    yield Row(f"a run among {JOBS:,}, besides itself", measured, "at most 20 ms", max(ours, theirs) <= 20)


def _rate(crew):
    """Runs per second, once the workers have begun: from the end of their first runs to that of the last."""
    with ResultLog(None) as log:
        jobs = iter(run_jobs([(settings, ()) for settings in (*WARM, *RUNS)], "outcome", log, crew))
        for _ in WARM:
            next(jobs)
        began = time.perf_counter()
        made = sum(1 for _ in jobs)
        return made / (time.perf_counter() - began)


def _overhead(crew):
    """Milliseconds for a job, with a file of results."""
    jobs = [{"number": number} for number in range(JOBS)]
    with tempfile.TemporaryDirectory() as folder, ResultLog(Path(folder) / "jobs.jsonl") as log:
        all_jobs = iter(Jobs(nothing, jobs, [job_key(nothing, job) for job in jobs], log, crew))
        next(all_jobs)
        began = time.perf_counter()
        made = sum(1 for _ in all_jobs)
        return 1000 * (time.perf_counter() - began) / made
