"""The results of many runs, without their curves."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from utils.checks import check_kind, check_list, check_mapping, check_path, check_text
from utils.messages import given
from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import Settings, SettingsError
from utils.strategies.saved_settings import MEANING, names_suffice, read_settings, write_settings
from utils.training import Run
from utils.training.recorder import versions

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
_FRACTIONS = ("old_before", "old", "new", "old_validation", "new_validation")


@dataclass(frozen=True)
class Outcome:
    """The result of one run. Accuracies are fractions.

    Attributes:
        settings: The settings.
        status: As in `Run`.
        old_before: The old task's accuracy on test images, before.
        old: The old task's accuracy on test images.
        new: The new task's accuracy on test images.
        old_validation: The old task's accuracy on validation images.
        new_validation: The new task's accuracy on validation images.
        seconds: The time in training.
        trained_parameters: The number of weights that learned at some time.
        total_parameters: The number of weights of all networks that are kept.
    """

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
    def from_run(cls, run: Run) -> Outcome:
        """The result of a run that has ended."""
        check_kind("run", run, Run, "give a Run")
        if run.status == "training":
            raise ValueError(f"run={given(run)} is not allowed: it is still training.")
        return cls(
            run.settings, run.status, run.old_accuracy_before, run.old_accuracy, run.new_accuracy,
            *(float(run.history[f"{task}_accuracy"][run.result_point]) for task in ("old", "new")),
            run.seconds, run.trained_parameters, run.total_parameters,
        )  # fmt: skip

    @property
    def new_accuracy(self) -> float:
        """The new task's accuracy on test images: the name in `Run`."""
        return self.new

    @property
    def old_accuracy(self) -> float:
        """The old task's accuracy on test images: the name in `Run`."""
        return self.old

    @property
    def forgetting(self) -> float:
        """Old-task test accuracy before minus after, in percentage points."""
        return 100 * (self.old_before - self.old)

    def row(self) -> dict:
        """The result for a table: accuracies in %, on test images and (`_validation`) on validation images; forgetting
        in percentage points; the numbers of weights that trained, and of all."""
        return {
            "status": self.status,
            **{name: 100 * getattr(self, name) for name in ("old", "new", "old_validation", "new_validation")},
            "forgetting": self.forgetting,
            "seconds": self.seconds,
            "trained": self.trained_parameters,
            "parameters": self.total_parameters,
        }

    def to_dict(self) -> dict:
        """Plain values, for JSON; with what the settings' names stand for, where not every process knows it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        only_names = {"settings": self.settings.to_dict()}
        return values | (only_names if names_suffice(self.settings) else write_settings(self.settings))

    @classmethod
    def from_dict(cls, values: dict) -> Outcome:
        """The inverse of `to_dict`; a `SettingsError` for values that aren't allowed."""
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) not in (names, names | {*MEANING}):
            raise SettingsError(f"outcome: {values!r} is not allowed: expected the fields {', '.join(sorted(names))}.")
        for name in _FRACTIONS:
            if not isinstance(values[name], int | float) or not 0 <= values[name] <= 1:
                raise SettingsError(f"{name}={values[name]!r} is not allowed: it must be a number from 0 to 1.")
        settings = read_settings(values) if "layers" in values else Settings.from_dict(values["settings"])
        return cls(**{name: values[name] for name in names} | {"settings": settings})


@dataclass(frozen=True)
class Sweep:
    """Outcomes, and how they were made.

    Attributes:
        outcomes: The outcomes.
        date: When the runs were made, ISO 8601.
        command: The command that makes them again.
        versions: The versions of the packages that the numbers depend on.
        machine: The machine.
        notes: Everything else that belongs to them, as plain values.
    """

    outcomes: tuple[Outcome, ...]
    date: str
    command: str
    versions: dict
    machine: str
    notes: dict

    @classmethod
    def now(cls, outcomes: Iterable[Outcome], command: str, notes: dict | None = None) -> Sweep:
        """A sweep of runs that were made on this machine just now."""
        outcomes = check_list("outcomes", outcomes, Outcome, "give a list of Outcomes")
        notes = {} if notes is None else dict(check_mapping("notes", notes))
        return cls(outcomes, notes=notes, **stamp(check_text("command", command)))

    def frame(self) -> pd.DataFrame:
        """A row for each run: pair, strategy, seed, and what `Outcome.row` has."""
        import pandas as pd  # only here: it takes a third of a second

        names = "pair", "strategy", "seed"
        return pd.DataFrame(
            {name: getattr(outcome.settings, name) for name in names} | outcome.row() for outcome in self.outcomes
        )

    def save(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        values = asdict(self) | {"format": FORMAT, "outcomes": [outcome.to_dict() for outcome in self.outcomes]}
        write_shipped(check_path("path", path), json.dumps(values, indent=1, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> Sweep:
        """Read what `save` wrote. The file is data: nothing in it is executed."""
        values = json.loads(read_shipped_text(check_path("path", path)))
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise SettingsError(f"format: {path} isn't a sweep saved by this version (format {FORMAT})")
        outcomes = tuple(map(Outcome.from_dict, values.pop("outcomes")))
        return cls(outcomes, **values)


def stamp(command: str) -> dict:
    """When, where and with what something is measured, for the file that stores it."""
    python = f"Python {platform.python_version()}"
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}",
    }
