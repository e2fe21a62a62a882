"""The same settings with five seeds: stored where this command has made them, else run here and now.

`python -m utils.sweeps.seeds` makes all stored runs again; settings as texts behind it are added to the store.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from utils.files import write_whole
from utils.strategies import Settings, SettingsError
from utils.strategies.controls import check_schedule
from utils.sweeps.outcome import stamp
from utils.training import Run, run

FORMAT = 1
SEEDS = range(5)
STORED = Path(__file__).parent / "stored" / "seeds.json"
_DIGITS = {"training_loss": 4, "old_loss": 6, "drift": 7}  # of the curves, to keep the file small


def run_seeds(
    settings: Settings, fresh: bool = False, told: Callable[[str], None] = print, schedule: Iterable = ()
) -> list[Run]:
    """Five runs of these settings, with the seeds 0 to 4; told hears in one line whether they are stored ones.

    Stored runs are taken where the settings agree in every field, and what is switched when; their curves are rounded
    to four digits or more, and `Run.versions` says with which packages they were made. fresh: run them here in any
    case. schedule: as in `run`.
    """
    found = {} if fresh else stored_runs()
    key = settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings))
    if key in found:
        runs = list(found[key])
        told(f"stored on {store()['date'][:10]}, five seeds: {settings.replace(seed=0).to_text()}")
        return runs
    began = time.perf_counter()
    runs = [run(settings.replace(seed=seed), key[1]) for seed in SEEDS]
    told(f"made here in {time.perf_counter() - began:.0f} s, five seeds: {settings.replace(seed=0).to_text()}")
    return runs


@lru_cache(maxsize=1)
def store() -> dict:
    """When, where and with what the stored runs were made, and `runs`: those with the same settings in a row."""
    values = json.loads(STORED.read_text(encoding="utf-8"))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise SettingsError(f"format: {STORED.name} is no store of this version (format {FORMAT})")
    return values


@lru_cache(maxsize=1)
def stored_runs() -> dict[tuple[Settings, tuple], tuple[Run, ...]]:
    """The stored runs by their settings, in which the seed is 0, and by what was switched when."""
    groups = [tuple(map(Run.from_dict, group)) for group in store()["runs"]]
    return {(group[0].settings.replace(seed=0), group[0].events): group for group in groups}


def make(wanted: Iterable[tuple[Settings, Iterable]], command: str, told: Callable[[str], None] = print) -> dict:
    """Run these settings and schedules with five seeds each; what comes of it is what the store keeps."""
    groups = []
    for settings, schedule in wanted:
        runs = run_seeds(settings, fresh=True, told=told, schedule=schedule)
        groups.append([_rounded(one.to_dict()) for one in runs])
    return {"format": FORMAT, **stamp(command), "runs": groups}


def save(values: dict, path: Path = STORED) -> None:
    """Write a store as JSON, a line for each run, whole or not at all."""
    lines = [[json.dumps(one, separators=(",", ":"), allow_nan=False) for one in group] for group in values["runs"]]
    groups = ",\n".join("[\n" + ",\n".join(group) + "\n]" for group in lines)
    head = json.dumps({name: value for name, value in values.items() if name != "runs"}, indent=1)[:-2]
    write_whole(path, f'{head},\n "runs": [\n{groups}\n]\n}}\n')
    store.cache_clear()
    stored_runs.cache_clear()


def _as_recorded(settings, schedule):
    """A schedule as a run's events tell it: without layers that train already."""
    layers, kept = settings.layers if len(settings.stages) == 1 else None, []
    for update, change in schedule:
        if change.trained_layers == layers:
            change = replace(change, trained_layers=None)
        layers = change.trained_layers or layers
        if change:
            kept.append((update, change))
    return tuple(kept)


def _rounded(values):
    history = values["history"]
    return values | {"history": {name: _digits(of, _DIGITS.get(name)) for name, of in history.items()}}


def _digits(values, digits):
    if isinstance(values, list):
        return [_digits(one, digits) for one in values]
    return values if digits is None else round(values, digits)


def extend(added: Iterable[tuple[Settings, Iterable]] = ()) -> None:
    """Run these settings and schedules, and add them to the store; without any, make all of the store again."""
    known = list(stored_runs()) if STORED.exists() else []
    added = [
        (settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings)))
        for settings, schedule in added
    ]
    wanted = [one for one in added if one not in known] if added else known
    made = make(wanted, "python -m utils.sweeps.seeds", lambda text: print(text, flush=True))
    if added and known:
        if store()["versions"] != made["versions"]:
            sys.exit("The stored runs are of other versions: make all of them again first, without settings.")
        made["runs"] = store()["runs"] + made["runs"]
    save(made)
    print(f"saved: {len(made['runs'])} times five runs in {STORED.name}")


if __name__ == "__main__":
    extend([(Settings.from_text(text), ()) for text in sys.argv[1:]])
