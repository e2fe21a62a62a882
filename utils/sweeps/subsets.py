"""Every set of the backbone's layers, trained on four pairs: all that a reader of the freeze board can switch on.

`python -m utils.sweeps.subsets` makes the stored runs again: 320 runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utils.models import BACKBONES, NEW_HEAD
from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import Settings, SettingsError
from utils.sweeps.making import Making, making
from utils.sweeps.outcome import stamp

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
COMMAND = "python -m utils.sweeps.subsets"
STORED = Path(__file__).parent / "stored" / "subsets.json"
PAIRS = ("digits-halves", "digits-drawings", "digits-fashion", "fashion-digits")
SEEDS = range(5)
# One budget and one rate for all. The new head sees standardized features, so that it learns at this rate alone, too.
BASE = Settings(backbone="small_cnn", updates=400, evaluate_every=20, standardize=True)
_FRACTIONS = "old_before", "old", "new"


def sets_of_layers() -> list[tuple[str, ...]]:
    """All 16 sets of the layers of small_cnn's backbone, from none to all."""
    layers = BACKBONES[BASE.backbone].layer_names
    return [chosen for count in range(len(layers) + 1) for chosen in combinations(layers, count)]


def subset_settings(pair: str, layers: Iterable[str], seed: int) -> Settings:
    """The settings of one run, in which these layers of the backbone and the new head train."""
    return BASE.replace(pair=pair, trained_layers=(*layers, NEW_HEAD), seed=seed)


def make(made: Making, pairs: Iterable[str] = PAIRS, seeds: Iterable[int] = SEEDS) -> dict:
    """Make all runs: the contents of the store.

    Args:
        made: Makes runs.
        pairs: The pairs of tasks.
        seeds: The seeds.
    """
    keys = [(pair, layers, seed) for pair in pairs for layers in sets_of_layers() for seed in seeds]
    runs = made.runs([(subset_settings(*key), ()) for key in keys])
    updates = runs[0]["history"]["update"]
    return {
        "format": FORMAT,
        **stamp(COMMAND),
        "settings": BASE.to_text(),
        "updates": updates,
        "runs": [_kept(key, values) for key, values in zip(keys, runs, strict=True)],
    }


def _kept(key, values):
    pair, layers, seed = key
    history = values["history"]
    curves = {f"{task}_curve": [round(value, 4) for value in history[f"{task}_accuracy"]] for task in ("old", "new")}
    return {
        "pair": pair, "layers": list(layers), "seed": seed,
        "old_before": values["old_accuracy_before"], "old": values["old_accuracy"], "new": values["new_accuracy"],
        "moved": [float(f"{drift:.3g}") for drift in history["drift"][-1]],
        "seconds": round(values["seconds"], 2), **curves,
    }  # fmt: skip


def save(values: dict, path: Path = STORED) -> None:
    """Write a store as JSON, a line for each run, whole or not at all."""
    lines = ",\n".join(json.dumps(run, separators=(",", ":"), allow_nan=False) for run in values["runs"])
    head = json.dumps({name: value for name, value in values.items() if name != "runs"})[:-1]
    write_shipped(path, f'{head},\n"runs": [\n{lines}\n]}}\n')


@cache
def store() -> dict:
    """When, where and with what the stored runs were made, their settings, and the runs as plain values."""
    values = json.loads(read_shipped_text(STORED))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise SettingsError(f"format: {STORED.name} isn't a store of this version (format {FORMAT})")
    return values


def subsets() -> pd.DataFrame:
    """The stored runs of every set of layers: four pairs, 16 sets, five seeds; 400 updates each.

    Returns:
        A row for each run: `pair`, `layers` (those of the backbone that trained, beside the new head), `seed`; test
        accuracies in % (`old_before`, `old`, `new`), `forgetting` in percentage points; `moved`, each layer's distance
        from the checkpoint relative to its norm there; `seconds`; and the curves on validation images, fractions, at
        the updates in `frame.attrs["updates"]`: `old_curve`, `new_curve`.
    """
    import pandas as pd  # only here: it takes a third of a second

    frame = pd.DataFrame(store()["runs"])
    for name in _FRACTIONS:
        frame[name] *= 100
    frame.insert(frame.columns.get_loc("new") + 1, "forgetting", frame["old_before"] - frame["old"])
    frame["layers"] = frame["layers"].map(tuple)
    for name in ("moved", "old_curve", "new_curve"):
        frame[name] = frame[name].map(np.array)
    frame.attrs["updates"] = np.array(store()["updates"])
    return frame


def remake(log: Callable[[str], None]) -> None:
    """Make the store again; after an interruption, it continues."""
    with making(STORED, log) as made:
        save(make(made))


if __name__ == "__main__":
    remake(lambda text: print(text, flush=True))
