"""The same settings with five seeds: from the store if they are there, otherwise run now.

`python -m utils.sweeps.seeds` makes all stored runs again; with settings as texts after it, it adds these to the store.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from utils.checks import check_flag, check_function, check_kind
from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import Settings, SettingsError
from utils.strategies.controls import check_schedule
from utils.sweeps.making import making
from utils.sweeps.outcome import stamp
from utils.training import Run, run
from utils.training.recorder import versions

FORMAT = 1
SEEDS = range(5)
STORED = Path(__file__).parent / "stored" / "seeds.json"
_DIGITS = {"training_loss": 4, "old_loss": 6, "drift": 7}  # of the curves, to keep the file small


def run_seeds(
    settings: Settings, fresh: bool = False, log: Callable[[str], None] = print, schedule: Iterable = ()
) -> list[Run]:
    """Five runs of these settings, with the seeds 0 to 4.

    Stored runs are used where all fields of the settings and the schedule agree. Their curves are rounded to four
    digits or more, and `Run.versions` says with which packages they were made.

    Args:
        settings: The settings; their seed doesn't matter.
        fresh: Whether to run them here even if they are stored.
        log: Takes a line that says whether they are stored.
        schedule: As in `run`.
    """
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    check_function("log", log, 1)
    stored = {} if check_flag("fresh", fresh) else stored_runs()
    key = settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings))
    if key in stored:
        log(f"stored on {store()['date'][:10]}, five seeds: {settings.replace(seed=0).to_text()}")
        return list(stored[key])
    began = time.perf_counter()
    runs = [run(settings.replace(seed=seed), key[1]) for seed in SEEDS]
    log(f"made here in {time.perf_counter() - began:.0f} s, five seeds: {settings.replace(seed=0).to_text()}")
    return runs


@lru_cache(maxsize=1)
def store() -> dict:
    """When, where and with what the stored runs were made; and `runs`, in groups with the same settings."""
    values = json.loads(read_shipped_text(STORED))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise SettingsError(f"format: {STORED.name} isn't a store of this version (format {FORMAT})")
    return values


@lru_cache(maxsize=1)
def stored_runs() -> dict[tuple[Settings, tuple], tuple[Run, ...]]:
    """The stored runs by their settings, with the seed 0, and by what was switched when."""
    groups = [tuple(map(Run.from_dict, group)) for group in store()["runs"]]
    return {(group[0].settings.replace(seed=0), group[0].events): group for group in groups}


def make(
    plans: Iterable[tuple[Settings, Iterable]],
    command: str,
    runs: Callable[[list[tuple[Settings, Iterable]]], list[dict]],
) -> dict:
    """Run settings with five seeds each.

    Args:
        plans: Pairs of settings and a schedule.
        command: The command that makes the runs again.
        runs: Makes runs from such pairs, and gives them as plain values.

    Returns:
        The contents of the store.
    """
    made = list(map(_round_curves, runs([(each.replace(seed=seed), when) for each, when in plans for seed in SEEDS])))
    groups = [made[first : first + len(SEEDS)] for first in range(0, len(made), len(SEEDS))]
    return {"format": FORMAT, **stamp(command), "runs": groups}


def save(values: dict, path: Path = STORED) -> None:
    """Write a store as JSON, a line for each run, whole or not at all."""
    lines = [[json.dumps(run, separators=(",", ":"), allow_nan=False) for run in group] for group in values["runs"]]
    groups = ",\n".join("[\n" + ",\n".join(group) + "\n]" for group in lines)
    head = json.dumps({name: value for name, value in values.items() if name != "runs"}, indent=1)[:-2]
    write_shipped(path, f'{head},\n "runs": [\n{groups}\n]\n}}\n')
    store.cache_clear()
    stored_runs.cache_clear()


def _as_recorded(settings, schedule):
    """A schedule as the events of a run: without layers that train already."""
    layers, kept = settings.layers if len(settings.stages) == 1 else None, []
    for update, change in schedule:
        if change.trained_layers == layers:
            change = replace(change, trained_layers=None)
        layers = change.trained_layers or layers
        if change:
            kept.append((update, change))
    return tuple(kept)


def _round_curves(values):
    history = values["history"]
    return values | {"history": {name: _round(curve, _DIGITS.get(name)) for name, curve in history.items()}}


def _round(values, digits):
    if isinstance(values, list):
        return [_round(value, digits) for value in values]
    return values if digits is None else round(values, digits)


def extend(added: Iterable[tuple[Settings, Iterable]] = ()) -> None:
    """Run these settings and schedules, and add them to the store; without any, make the whole store again."""
    known = list(stored_runs()) if STORED.exists() else []
    added = [
        (settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings)))
        for settings, schedule in added
    ]
    plans = [plan for plan in added if plan not in known] if added else known
    if added and known and store()["versions"] != versions():
        sys.exit("The stored runs were made with other versions: first make all of them again, without settings.")
    with making(STORED, lambda text: print(text, flush=True)) as made:
        contents = make(plans, "python -m utils.sweeps.seeds", made.runs)
        contents["runs"] = (store()["runs"] if added and known else []) + contents["runs"]
        save(contents)
    print(f"saved: {len(contents['runs'])} times five runs in {STORED.name}")


if __name__ == "__main__":
    extend([(Settings.from_text(text), ()) for text in sys.argv[1:]])
