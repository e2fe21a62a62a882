"""The table of strategies of Li & Hoiem (2016, 2018): what each trains, keeps and costs, in words and measured.

`python -m utils.sweeps.figure2` measures the stored costs again, in a minute or two on two cores.
"""

import contextlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import tensorflow as tf

from utils.files import write_whole
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.outcome import stamp
from utils.sweeps.table1 import stored_table
from utils.tasks import load_pair
from utils.training.batches import Batches
from utils.training.engine import Engine
from utils.training.pool import borrow_engine_for

COMMAND = "python -m utils.sweeps.figure2"
STORED = Path(__file__).parent / "stored" / "figure2.json"
_UNMEASURED = "–"
_UPDATES, _ROUNDS, _PREDICTED = 60, 7, 1000


@dataclass(frozen=True)
class Costs:
    """What a strategy takes: seconds for 1,000 updates, seconds to answer both tasks on 1,000 images, parameters of
    all networks that are kept, and bytes stored besides them (images count one byte a pixel).

    What is computed once (a frozen front's features, recorded answers) is at hand before the clock starts.
    """

    training: float
    predicting: float
    parameters: int
    stored_bytes: int


def stored_bytes(engine: Engine, new_images: int, old_images: int) -> int:
    """The bytes that the terms of a loss keep beside the network, with so many images of each task.

    A number takes 4 bytes, an image a byte for each pixel and channel.
    """
    losses, model = engine.losses, engine.model
    recorded = sum(math.prod(shape) for own in engine.recorded_shapes.values() for shape in own.values())
    weights = sum(model.parameters(block.name) for block in model.blocks)
    numbers = new_images * recorded + sum(len(term.prepare) for term in losses) * weights
    return 4 * numbers + (old_images * math.prod(model.input_shape) if any(term.rehearses for term in losses) else 0)


def measure(told: Callable[[str], None] = lambda text: None, **changes) -> dict[str, Costs]:
    """The costs of all strategies, measured side by side in turns. changes: of the settings."""
    settings = Settings(new_images=2000).replace(**changes)
    pair = load_pair(settings.pair)
    with contextlib.ExitStack() as stack:
        trials = {}
        for name, row in STRATEGIES.items():
            one = settings.replace(strategy=name)
            engine, weights = stack.enter_context(borrow_engine_for(one))
            trials[name] = _Trial(one, row, pair, engine, weights)
            told(f"{name}: ready")
        for _ in range(_ROUNDS):
            for trial in trials.values():
                trial.measure()
    return {name: trial.costs() for name, trial in trials.items()}


class _Trial:
    def __init__(self, settings, row, pair, engine, weights):
        self._settings, self._engine = settings, engine
        self._old_images = len(pair.old.x_train) if settings.old_images is None else settings.old_images
        engine.reset(weights, 0, settings.new_images + (self._old_images if row.rehearses else 0))
        engine.optimizers.set_learning_rate(1e-4, settings.rate_factors)
        engine.set_trained(settings.layers)
        new, old = ((task.x_train, task.y_train) for task in (pair.new, pair.old))
        given = [values[: settings.new_images] for values in new]
        given += [values[: self._old_images] for values in old] if row.needs_old_data else []
        self._material = engine.material(*map(tf.constant, given))
        rows = Batches(settings.new_images, settings.batch_size, 0).rows(0, _UPDATES)
        self._rows = {"new": rows, "old": rows} if row.rehearses else {"new": rows}
        self._images = tf.constant(pair.old.x_test[:_PREDICTED])
        self._training = self._predicting = 0.0
        self.measure()
        self._training = self._predicting = float("inf")  # the first time has traced

    def measure(self):
        began = time.perf_counter()
        self._engine.update(self._material, self._rows, self._settings.protection)
        trained = time.perf_counter()
        self._engine.outputs(self._images)
        predicted = time.perf_counter()
        self._training = min(self._training, trained - began)
        self._predicting = min(self._predicting, predicted - trained)

    def costs(self):
        return Costs(
            self._training * 1000 / _UPDATES,
            self._predicting * 1000 / len(self._images),
            self._engine.parameters,
            stored_bytes(self._engine, self._settings.new_images, self._old_images),
        )


def stored_costs() -> tuple[dict[str, Costs], dict]:
    """The costs that are stored with the project, and when and where they were measured."""
    values = json.loads(STORED.read_text(encoding="utf-8"))
    return {name: Costs(**one) for name, one in values.pop("costs").items()}, values


def figure2(pair: str = "digits-drawings") -> pd.DataFrame:
    """A row for each strategy: what trains, what is kept, the paper's words, and what was measured (stored runs).

    pair: of `stored_table`; accuracies are means over its seeds, in %.
    """
    frame, (costs, _) = stored_table().frame(), stored_costs()
    if pair not in (known := sorted(set(frame["pair"]))):
        raise ValueError(f"pair={pair!r} is not allowed: it must be one of {', '.join(map(repr, known))}.")
    means = frame[frame["pair"] == pair].groupby("strategy")[["old", "new"]].mean()
    base = costs["fine-tuning"]
    rows = {}
    for name, row in STRATEGIES.items():
        words, measured = row.words, {}  # a row of the reader's own is in no stored run
        if name in means.index:
            measured |= {f"{task} task": f"{means.loc[name, task]:.1f} %" for task in ("new", "old")}
        if cost := costs.get(name):
            measured |= {
                "training": f"{cost.training / base.training:.2f} ×",
                "testing": f"{cost.predicting / base.predicting:.2f} ×",
                "parameters": f"{cost.parameters:,}",
                "stored besides": f"{cost.stored_bytes / 1000:,.0f} kB",
            }
        rows[name] = {
            "θs": _shared(row),
            "θo": "tuned" if "old_head" in row.trains else "fixed",
            **{column: _beside(words.get(column), measured.get(column)) for column in ("new task", "old task")},
            **{column: _beside(words.get(column), measured.get(column)) for column in ("training", "testing")},
            "parameters": measured.get("parameters", _UNMEASURED),
            "stored besides": _beside(words.get("storage"), measured.get("stored besides")),
            "old data": "yes" if row.rehearses else "before" if row.needs_old_data else "no",
        }
    return pd.DataFrame(rows).T.replace(" (?=[%×k])", "\N{NO-BREAK SPACE}", regex=True)


def _shared(row):
    if "backbone" in row.trains:
        return "tuned" if row.backbone_rate == 1 else f"tuned at {row.backbone_rate:g} × the rate"
    parts = {"top": "last block tuned", "expansion": "new units beside"}
    return next((word for part, word in parts.items() if part in row.trains), "fixed")


def _beside(word, measured):
    return ": ".join(filter(None, (word, measured))) or _UNMEASURED


if __name__ == "__main__":
    costs = measure(lambda text: print(text, flush=True))
    values = stamp(COMMAND) | {"costs": {name: asdict(one) for name, one in costs.items()}}
    write_whole(STORED, json.dumps(values, indent=1) + "\n")
    for name, one in costs.items():
        print(name, one)
