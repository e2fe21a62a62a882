"""Many runs: in a process of their own, in several, or on a cluster; written one by one, and never made twice."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from utils.checks import check_flag, check_function, wrapped
from utils.strategies import Settings
from utils.strategies.saved_settings import names_suffice
from utils.sweeps.crew_choice import crew_for
from utils.sweeps.jobs import job_key
from utils.sweeps.outcome import Outcome
from utils.sweeps.plan import planned_settings
from utils.sweeps.result_log import ResultLog
from utils.sweeps.runs import job_of, make_run, run_jobs
from utils.sweeps.worker import Ended
from utils.tasks.storage import FOLDER, writable_home
from utils.training import Run
from utils.training.recorder import versions

if TYPE_CHECKING:
    import pandas as pd

_SECONDS = 1.0  # between two frames for `on_result`


def sweep(
    plan: Iterable[Settings] | Mapping[str, Iterable],
    seeds: Iterable[int] | None = None,
    *,
    client=None,
    processes: int | None = None,
    path: str | Path | None = None,
    curves: bool = False,
    progress: Callable = iter,
    on_result: Callable[[pd.DataFrame], object] = lambda frame: None,
    log: Callable[[str], None] = print,
) -> pd.DataFrame:
    """Make all these runs, and return a row for each.

    Every run is written to a file as it ends. Called again, also after an interrupt or in another process, it goes on
    where it ended. A run that fails is a row with its error, and is tried again next time.

    The same numbers come from one process, several and a cluster, on processors of one kind: each run has one thread.
    Made in this process (`processes=0`), a run has as many as TensorFlow takes, and the last bits may differ.

    Args:
        plan: A list of settings, or a grid: a mapping of fields of `Settings` to lists of values (see `grid`).
        seeds: Each run is made with each of them; None for the seeds of the settings.
        client: A `dask.distributed.Client` or the address of a Dask scheduler, whose workers make the runs.
        processes: The number of processes on this machine; 0 for this process, which stays busy until the end. None
            for one. Where memory is short they are fewer, and a line says so.
        path: The file of the results; None for one in Keras's home that belongs to this plan.
        curves: Whether to keep the whole runs, with their curves, in a column `run`: some 10 kB each.
        progress: A function around the runs, such as `utils.show_progress`, which shows the time left.
        on_result: Takes the table so far, at most once a second while results arrive.
        log: Takes a line that says what was made before, and who makes the rest.

    Returns:
        A row for each run in the order of the plan: the fields that differ, status, accuracies in % on test (`old`,
        `new`) and validation images, forgetting in percentage points, seconds in training, numbers of weights, error.
        After an interrupt (Stop), only the rows that are done, with a warning.

    Raises:
        SettingsError: For a plan, a cluster or a file that isn't allowed.
        WorkerError: Where a worker of the cluster has other versions, or no worker is left.
        OSError: The file can't be written. What is in it stays.
    """
    planned = planned_settings(plan, seeds)
    keep, read = ("run", Run.from_dict) if check_flag("curves", curves) else ("outcome", Outcome.from_dict)
    check_function("log", log, 1)
    check_function("on_result", on_result, 1)
    crew, words = crew_for(planned, processes, client)
    with ResultLog(_usual_path(planned, keep) if path is None else path, read) as results:
        jobs = run_jobs([(settings, ()) for settings in planned], keep, results, crew)
        log(_opening(jobs, results, words))
        table = _Table(planned, read, on_result)
        try:
            for ended in wrapped(progress, jobs):
                table.add(ended)
        except KeyboardInterrupt:
            left = len(jobs) - len(table)
            warnings.warn(f"{left} of {len(jobs)} runs weren't made: call it again to go on.", stacklevel=2)
    frame = table.frame()
    if failed := int((frame["error"] != "").sum()):
        warnings.warn(f"{failed} of {len(jobs)} runs failed: see the column error.", stacklevel=2)
    return frame


def _usual_path(planned, keep):
    """A file for these settings with any seeds, made by these versions; None where nothing can be read again."""
    known = [settings.replace(seed=0) for settings in planned if names_suffice(settings)]
    keys = sorted({job_key(make_run, job_of(settings, keep)) for settings in known})
    digest = sha256(repr((keys, sorted(versions().items()))).encode()).hexdigest()[:16]
    return writable_home() / FOLDER / "sweeps" / f"{digest}.jsonl" if keys else None


def _opening(jobs, results, words):
    left, damaged = len(jobs) - jobs.known, f" ({results.damaged} lines of it were damaged)" * (results.damaged > 0)
    where = "" if results.path is None else f" {results.path}{damaged}"
    if not left:
        return f"all {len(jobs)} runs are stored:{where}"
    before = f"{jobs.known} of {len(jobs)} runs are stored, {left} are made" if jobs.known else f"{left} runs are made"
    return f"{before} {words}" + (f", and stored in{where}" if where else "")


class _Table:
    """The rows so far."""

    def __init__(self, planned, read, on_result):
        self._planned, self._read, self._on_result = planned, read, on_result
        self._rows: dict[int, dict] = {}
        self._last = 0.0
        self._varied = [
            field.name for field in fields(Settings) if len({getattr(settings, field.name) for settings in planned}) > 1
        ]

    def __len__(self):
        return len(self._rows)

    def add(self, ended: Ended) -> None:
        """Take the end of a run into account."""
        settings = self._planned[ended.number]
        shown = dict.fromkeys(["pair", "strategy", *self._varied, "seed"])
        row = {name: getattr(settings, name) for name in shown}
        if ended.result is not None:
            made = replace(self._read(ended.result), settings=settings)
            outcome = Outcome.from_run(made) if isinstance(made, Run) else made
            row |= outcome.row() | ({"run": made} if made is not outcome else {})
        self._rows[ended.number] = row | {"error": ended.error}
        if time.monotonic() - self._last > _SECONDS or len(self) == len(self._planned):
            self._on_result(self.frame())
            self._last = time.monotonic()

    def frame(self) -> pd.DataFrame:
        """A row for each run that has ended, in the order of the plan."""
        import pandas as pd  # only here: it takes a third of a second

        frame = pd.DataFrame([self._rows[number] for number in sorted(self._rows)])
        return frame if len(frame) else pd.DataFrame(columns=["pair", "strategy", *self._varied, "seed", "error"])
