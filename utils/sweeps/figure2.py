"""The table of strategies of Li & Hoiem (2016, 2018): what each trains, keeps and costs, in words and measured.

`python -m utils.sweeps.figure2` measures the stored costs again, in a minute or two on two cores.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from utils.checks import check_one_of
from utils.frameworks import tf
from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.outcome import stamp
from utils.sweeps.table1 import stored_table
from utils.tasks import load_pair
from utils.training.batches import Batches
from utils.training.engine import Engine
from utils.training.pool import borrow_engine_for

if TYPE_CHECKING:
    import pandas as pd

COMMAND = "python -m utils.sweeps.figure2"
STORED = Path(__file__).parent / "stored" / "figure2.json"
_UNMEASURED = "–"
_UPDATES, _ROUNDS, _PREDICTED = 60, 7, 1000


@dataclass(frozen=True)
class Costs:
    """The costs of a strategy.

    What is computed once (the features of frozen blocks, recorded answers) isn't part of the time.

    Attributes:
        training: Seconds for 1,000 updates.
        predicting: Seconds to answer both tasks for 1,000 images.
        parameters: The number of parameters of all networks that are kept.
        stored_bytes: Bytes stored besides them; an image counts one byte per pixel.
    """

    training: float
    predicting: float
    parameters: int
    stored_bytes: int


def stored_bytes(engine: Engine, new_images: int, old_images: int) -> int:
    """The bytes that the terms of a loss store besides the network.

    A number takes 4 bytes, an image one byte per pixel and channel.

    Args:
        engine: An engine with the network and the loss.
        new_images: The number of the new task's images.
        old_images: The number of the old task's images.
    """
    losses, model = engine.losses, engine.model
    recorded = sum(math.prod(shape) for shapes in engine.recorded_shapes.values() for shape in shapes.values())
    weights = sum(model.parameters(block.name) for block in model.blocks)
    numbers = new_images * recorded + sum(len(term.prepare) for term in losses) * weights
    return 4 * numbers + (old_images * math.prod(model.input_shape) if any(term.rehearses for term in losses) else 0)


def measure(log: Callable[[str], None] = lambda text: None, **changes) -> dict[str, Costs]:
    """Measure the costs of all strategies side by side, in turns.

    Args:
        log: Takes lines about the progress.
        **changes: Changes of the settings.

    Returns:
        The costs by strategy.
    """
    settings = Settings(new_images=2000).replace(**changes)
    pair = load_pair(settings.pair)
    with contextlib.ExitStack() as stack:
        trials = {}
        for name in STRATEGIES:
            with_strategy = settings.replace(strategy=name)
            engine, weights = stack.enter_context(borrow_engine_for(with_strategy))
            trials[name] = _Trial(with_strategy, pair, engine, weights)
            log(f"{name}: ready")
        for _ in range(_ROUNDS):
            for trial in trials.values():
                trial.measure()
    return {name: trial.costs() for name, trial in trials.items()}


class _Trial:
    """The measurements of one strategy."""

    def __init__(self, settings, pair, engine, weights):
        self._settings, self._engine, strategy = settings, engine, settings.row
        self._old_images = len(pair.old.x_train) if settings.old_images is None else settings.old_images
        engine.reset(weights, 0, settings.new_images + (self._old_images if strategy.rehearses else 0))
        engine.optimizers.set_learning_rate(1e-4, settings.rate_factors)
        engine.set_trained(settings.layers)
        new, old = ((task.x_train, task.y_train) for task in (pair.new, pair.old))
        arrays = [values[: settings.new_images] for values in new]
        arrays += [values[: self._old_images] for values in old] if strategy.needs_old_data else []
        self._material = engine.material(*map(tf.constant, arrays))
        rows = Batches(settings.new_images, settings.batch_size, 0).rows(0, _UPDATES)
        self._rows = {"new": rows, "old": rows} if strategy.rehearses else {"new": rows}
        self._images = tf.constant(pair.old.x_test[:_PREDICTED])
        self._training = self._predicting = 0.0
        self.measure()
        self._training = self._predicting = float("inf")  # the first time includes traces

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
    """The stored costs by strategy, and when, where and with what they were measured."""
    values = json.loads(read_shipped_text(STORED))
    return {name: Costs(**costs) for name, costs in values.pop("costs").items()}, values


def figure2(pair: str = "digits-drawings") -> pd.DataFrame:
    """A row for each strategy: what trains, what is kept, the paper's words, and stored measurements.

    Args:
        pair: A pair in `stored_table`. Accuracies are means over its seeds, in %.

    Raises:
        ValueError: For another pair.
    """
    frame, (costs, _) = stored_table().frame(), stored_costs()
    check_one_of("pair", pair, sorted(set(frame["pair"])))
    means = frame[frame["pair"] == pair].groupby("strategy")[["old", "new"]].mean()
    base = costs["fine-tuning"]
    rows = {}
    for name, strategy in STRATEGIES.items():
        words, measured = strategy.words, {}  # there are no stored runs of a reader's own strategy
        if name in means.index:
            measured |= {f"{task} task": f"{means.loc[name, task]:.1f}%" for task in ("new", "old")}
        if cost := costs.get(name):
            measured |= {
                "training": f"{cost.training / base.training:.2f} ×",
                "testing": f"{cost.predicting / base.predicting:.2f} ×",
                "parameters": f"{cost.parameters:,}",
                "stored besides": f"{cost.stored_bytes / 1000:,.0f} kB",
            }
        rows[name] = {
            "θs": _shared(strategy),
            "θo": "tuned" if "old_head" in strategy.trains else "fixed",
            **{column: _beside(words.get(column), measured.get(column)) for column in ("new task", "old task")},
            **{column: _beside(words.get(column), measured.get(column)) for column in ("training", "testing")},
            "parameters": measured.get("parameters", _UNMEASURED),
            "stored besides": _beside(words.get("storage"), measured.get("stored besides")),
            "old data": "yes" if strategy.rehearses else "before" if strategy.needs_old_data else "no",
        }
    import pandas as pd  # only here: it takes a third of a second

    return pd.DataFrame(rows).T.replace(" (?=[%×k])", "\N{NO-BREAK SPACE}", regex=True)


def _shared(strategy):
    if "backbone" in strategy.trains:
        return "tuned" if strategy.backbone_rate == 1 else f"tuned at {strategy.backbone_rate:g} × the rate"
    if "top" in strategy.trains:
        return "last block tuned"
    return strategy.added.words if strategy.added else "fixed"


def _beside(word, measured):
    return ": ".join(filter(None, (word, measured))) or _UNMEASURED


if __name__ == "__main__":
    measured = measure(lambda text: print(text, flush=True))
    contents = stamp(COMMAND) | {"costs": {name: asdict(costs) for name, costs in measured.items()}}
    write_shipped(STORED, json.dumps(contents, indent=1) + "\n")
    for name, costs in measured.items():
        print(name, costs)
