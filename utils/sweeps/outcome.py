"""What is kept of many runs: of each its settings and its result, without the curves."""

import datetime
import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from utils.files import write_whole
from utils.strategies import Settings, SettingsError
from utils.training import Run, run
from utils.training.recorder import versions

FORMAT = 1
_FRACTIONS = ("old_before", "old", "new", "old_validation", "new_validation")


@dataclass(frozen=True)
class Outcome:
    """The result of one run: accuracies as fractions, on test images but for the last two; seconds of training."""

    settings: Settings
    status: str
    old_before: float
    old: float
    new: float
    old_validation: float
    new_validation: float
    seconds: float
    trained_parameters: int
    total_parameters: int

    @classmethod
    def of(cls, run: Run) -> "Outcome":
        """What an ended run comes to."""
        return cls(
            run.settings, run.status, run.old_accuracy_before, run.old_accuracy, run.new_accuracy,
            *(float(run.history[f"{task}_accuracy"][run.result_point]) for task in ("old", "new")),
            run.seconds, run.trained_parameters, run.total_parameters,
        )  # fmt: skip

    @property
    def new_accuracy(self) -> float:
        """Of the new task, on test images: as in `Run`."""
        return self.new

    @property
    def old_accuracy(self) -> float:
        """Of the old task, on test images: as in `Run`."""
        return self.old

    @property
    def forgetting(self) -> float:
        """Old-task test accuracy before minus after, in percentage points."""
        return 100 * (self.old_before - self.old)

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"settings": self.settings.to_dict()}

    @classmethod
    def from_dict(cls, values: dict) -> "Outcome":
        """The inverse of `to_dict`; a `SettingsError` where something is missing or can't be."""
        due = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != due:
            raise SettingsError(f"outcome: {values!r} is not allowed: the fields {', '.join(sorted(due))} are due.")
        for name in _FRACTIONS:
            if not isinstance(values[name], int | float) or not 0 <= values[name] <= 1:
                raise SettingsError(f"{name}={values[name]!r} is not allowed: it must be a number from 0 to 1.")
        return cls(**values | {"settings": Settings.from_dict(values["settings"])})


@dataclass(frozen=True)
class Sweep:
    """Outcomes, and how they came about.

    date: when the runs were made, ISO 8601. command: what makes them again. versions: packages that the numbers
    depend on. machine: where. notes: whatever else belongs to them, as plain values.
    """

    outcomes: tuple[Outcome, ...]
    date: str
    command: str
    versions: dict
    machine: str
    notes: dict

    @classmethod
    def now(cls, outcomes: Iterable[Outcome], command: str, notes: dict | None = None) -> "Sweep":
        """Outcomes of runs made on this machine just now."""
        return cls(tuple(outcomes), notes=notes or {}, **stamp(command))

    def frame(self) -> pd.DataFrame:
        """A row for each run: pair, strategy, seed, accuracies in %, forgetting in points, seconds."""
        return pd.DataFrame(
            {
                "pair": one.settings.pair,
                "strategy": one.settings.strategy,
                "seed": one.settings.seed,
                "old": 100 * one.old,
                "new": 100 * one.new,
                "forgetting": one.forgetting,
                "seconds": one.seconds,
                "trained": one.trained_parameters,
                "parameters": one.total_parameters,
            }
            for one in self.outcomes
        )

    def save(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        values = asdict(self) | {"format": FORMAT, "outcomes": [one.to_dict() for one in self.outcomes]}
        write_whole(path, json.dumps(values, indent=1, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Sweep":
        """Read what `save` wrote. The file is data: nothing in it is executed."""
        values = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise SettingsError(f"format: {path} is no sweep saved by this version (format {FORMAT})")
        outcomes = tuple(map(Outcome.from_dict, values.pop("outcomes")))
        return cls(outcomes, **values)


def stamp(command: str) -> dict:
    """When, where and with what something is being measured, for the file that keeps it."""
    python = f"Python {platform.python_version()}"
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}",
    }


def sweep(settings: Iterable[Settings], told: Callable[[str], None] = lambda text: None) -> list[Outcome]:
    """Make a run of each of these settings, one after another. told: hears of each as it ends."""
    wanted, made = list(settings), []
    for number, one in enumerate(wanted, start=1):
        made.append(Outcome.of(run(one)))
        told(f"{number}/{len(wanted)} {one.to_text()}: old {made[-1].old:.3f}, new {made[-1].new:.3f}")
    return made
