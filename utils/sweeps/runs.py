"""Runs as jobs: what is sent to a worker, what comes back, and what does them."""

from collections.abc import Iterable, Sequence

from utils.strategies import Change, Settings
from utils.strategies.controls import check_schedule
from utils.strategies.saved_settings import names_suffice
from utils.sweeps.crews import Crew, Here
from utils.sweeps.jobs import Jobs, job_key
from utils.sweeps.outcome import Outcome
from utils.sweeps.result_log import ResultLog
from utils.training import Run, run


def validation_of(run: Run) -> dict:
    """The new task's validation loss (None where the run diverged) and accuracy at the point of the run's result."""
    at = run.result_point
    loss, accuracy = (float(run.history[f"new_{name}"][at]) for name in ("loss", "accuracy"))
    return {"loss": None if run.status == "diverged" else loss, "accuracy": accuracy}


_KEPT = {
    "outcome": lambda run: Outcome.from_run(run).to_dict(),
    "run": lambda run: run.to_dict(),
    "validation": validation_of,
}


def make_run(job: dict) -> dict:
    """Make the run of such a job, and keep of it what the job says."""
    schedule = [(update, Change.from_dict(change)) for update, change in job["schedule"]]
    return _KEPT[job["keep"]](run(Settings.from_dict(job["settings"]), schedule))


def job_of(settings: Settings, keep: str, schedule: Iterable = ()) -> dict:
    """A run as plain values, from which another process can make it where `names_suffice(settings)`.

    Args:
        settings: The settings.
        keep: What is kept of it: "outcome", "run" (all of it, with curves) or "validation".
        schedule: As in `run`.
    """
    changes = [[update, change.to_dict()] for update, change in check_schedule(schedule, settings)]
    return {"settings": settings.to_dict(), "schedule": changes, "keep": keep}


def run_jobs(planned: Sequence[tuple[Settings, Iterable]], keep: str, log: ResultLog, crew: Crew) -> Jobs:
    """Jobs for these pairs of settings and schedule.

    A network, tasks or a strategy that only this process knows by the settings aren't plain values: such a run is made
    here alone, and never read from the log.
    """
    jobs = [job_of(settings, keep, schedule) for settings, schedule in planned]
    keys = [
        job_key(make_run, job) if names_suffice(settings) else None
        for job, (settings, _) in zip(jobs, planned, strict=True)
    ]
    if crew == Here():
        return Jobs(lambda plan: _KEPT[keep](run(*plan)), planned, keys, log, crew)
    return Jobs(make_run, jobs, keys, log, crew)
