"""Runs and their scripts in plain Keras, side by side.

Compared in double precision (in single precision rounding grows: see plain_keras.py) by double_precision.py.
"""

import contextlib
import io
import runpy
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import keras
import numpy as np

from tests.strategies.own_layers import ADAPTERS
from tests.strategies.own_term import EWC
from tests.training.comparing import engine_for, few_to_measure, furthest, live
from utils.models import checkpoint_weights, keep_checkpoint
from utils.strategies import STRATEGIES, Change, Settings
from utils.tasks import TaskPair, load_pair, pairs
from utils.tasks.task import PARTS

ALL = ("conv1", "conv2", "conv3", "dense", "new_head")
FIFTY = Settings(updates=50, new_images=200, batch_size=8, evaluate_every=50)


def settings_for(optimizer="adam", **changes):
    return FIFTY.replace(**{"optimizer": optimizer, "learning_rate": {"adam": 1e-3, "sgd": 1e-2}[optimizer]} | changes)


def drawn(seed):
    """Settings and a schedule of any kind, drawn from a seed."""
    random = np.random.default_rng(seed)
    strategy = str(random.choice(list(STRATEGIES)))
    settings = settings_for(
        str(random.choice(["adam", "sgd"])),
        strategy=strategy,
        warm_up=int(random.choice([0, 12])),
        unfreeze_every=int(random.choice([0, 6])),
        rate_decay=float(random.choice([1, 2.6])),
        batch_size=int(random.integers(8, 40)),
        old_images=150,
        seed=int(random.integers(100)),
    )
    names = STRATEGIES[strategy].network("small_cnn")
    events = []
    for update in sorted(random.choice(np.arange(8, 46), 3, replace=False)):
        layers = [name for name in names if random.random() < 0.5] + ["new_head"]
        events.append((int(update), Change(trained_layers=tuple(dict.fromkeys(layers)))))
    middle, change = events[1]
    live_rate = settings.learning_rate * float(random.uniform(0.3, 2))
    events[1] = middle, change.then(Change(learning_rate=live_rate, old_loss_weight=0.5, temperature=1.5))
    return settings, [*events, (47, Change(stop=True))] if seed % 2 else events


CASES = {
    name: (settings_for(("adam", "sgd")[i % 2], strategy=name, old_images=300, seed=i), ())
    for i, name in enumerate(STRATEGIES)
}
CASES["gradual unfreezing"] = settings_for(warm_up=15, unfreeze_every=7, rate_decay=2.6, batch_size=16), ()
CASES["layers flipped"] = (
    settings_for(
        "sgd",
        pair="plane",
        backbone="small_mlp",
        strategy="L2 to the start",
        old_loss_weight=0.5,
        layer_rates={"layer1": 0.3},
    ),
    (
        (20, Change(trained_layers=("layer1", "new_head"))),
        (30, Change(old_loss_weight=2.0)),
        (35, Change(trained_layers=("layer1", "layer3", "new_head"))),
    ),
)
CASES["layers flipped, small_cnn"] = (
    settings_for("sgd", strategy="L2 to the start", old_loss_weight=0.5),
    (
        (20, Change(trained_layers=("conv1", "new_head"))),
        (30, Change(old_loss_weight=2.0)),
        (35, Change(trained_layers=("conv1", "dense", "new_head"))),
    ),
)
CASES |= {f"drawn {seed}": drawn(seed) for seed in range(3)}
CASES["a term of a reader"] = (
    settings_for(pair="plane", backbone="small_mlp", strategy=EWC, old_images=60, loss_options={"floor": 0.3}),
    (
        (20, Change(loss_options={"floor": 2.0}, old_loss_weight=0.1)),
        (30, Change(trained_layers=("layer2", "new_head"))),
    ),
)
CASES["a term of a reader, small_cnn"] = (
    settings_for(strategy=EWC, old_images=60, loss_options={"floor": 0.3}),
    (
        (20, Change(loss_options={"floor": 2.0}, old_loss_weight=0.1)),
        (30, Change(trained_layers=("conv2", "new_head"))),
    ),
)
CASES["layers of a reader"] = (
    settings_for(strategy=ADAPTERS, standardize=True),
    ((25, Change(trained_layers=("conv1", "conv2_adapter", "dense_adapter", "new_head"))),),
)
RESNET = {"strategy": ADAPTERS, "backbone": "small_resnet", "updates": 15, "learning_rate": 1e-3}
CASES["layers of a reader, statistics"] = (
    settings_for("sgd", **RESNET, trained_layers=("stage3", "stage1_adapter", "stage3_adapter", "new_head")),
    (),
)
CASES["layers of a reader, statistics that begin to move"] = (
    settings_for("sgd", **RESNET),
    ((5, Change(trained_layers=("stage3", "stage1_adapter", "stage3_adapter", "new_head"))),),
)
CASES["small_resnet"] = settings_for("sgd", backbone="small_resnet", updates=25), ()
CASES["small_resnet, units"] = settings_for("sgd", backbone="small_resnet", strategy="network expansion"), ()
CASES["longer, a slow layer"] = (
    settings_for("sgd", strategy="joint training", updates=120, old_images=300, warm_up=10, layer_rates={"conv1": 0.3}),
    (),
)

OWN_RATE = {"strategy": "network expansion + LwF", "warm_up": 10, "warm_up_rate": 0.02, "standardize": True}
CASES["a warm-up at a rate of its own"] = (
    settings_for("sgd", pair="plane", backbone="small_mlp", **OWN_RATE),
    ((20, Change(learning_rate=1e-3)),),
)
CASES["a warm-up at a rate of its own, small_cnn"] = (
    settings_for("sgd", **OWN_RATE),
    ((20, Change(learning_rate=1e-3)),),
)

# Until validation stops improving. Keras holds the penalty's factor in single precision: this one is exact there.
BEST = {"updates": 200, "evaluate_every": 10, "patience": 2, "head_l2": 2**-10}
HEAD = {"strategy": "feature extraction", "learning_rate": 0.1, "rate_drops": 1}
CASES["a head to its best"] = settings_for(**BEST | HEAD), ()
CASES["all to their best, standardized"] = (
    settings_for("sgd", strategy="network expansion + LwF", standardize=True, **BEST | {"learning_rate": 1e-3}),
    ((15, Change(trained_layers=("expansion", "new_head"), learning_rate=2e-3)),),
)


def compare_in_uint8(strategy) -> dict:
    """As `compare`, with images in uint8 and the values 0 to 255, from which the network goes on as it is."""
    settings = settings_for("sgd", pair="digits-halves", strategy=strategy, old_images=300, learning_rate=1e-6)
    pair = load_pair(settings.pair)
    held = TaskPair(pair.name, *map(_in_uint8, (pair.old, pair.new)), pair.description)
    object.__setattr__(held, "options", ())
    keep_checkpoint(held.old, settings.backbone, checkpoint_weights(pair.old, settings.backbone))
    with patch.object(pairs, "_load", lambda *_: held):
        return compare(settings, ())


def _in_uint8(task):
    images = {f"x_{part}": (getattr(task, f"x_{part}") * 255).round().astype(np.uint8) for part in PARTS}
    return replace(task, values=(0.0, 255.0), **images)


def compare(settings, schedule) -> dict:
    """What the run measured and what its script printed, and how far their weights are apart."""
    with few_to_measure(settings):
        return _compare(settings, schedule)


def _compare(settings, schedule):
    run = live(settings, schedule)
    with engine_for(settings) as engine:
        ours = engine.model.snapshot()
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        path = Path(folder, "script.py")
        path.write_text(run.to_keras_code(), encoding="utf-8")
        left = runpy.run_path(str(path), run_name="__main__")
    theirs = {name: [weight.numpy() for weight in layer.weights] for name, layer in left["network"].items()}
    if settings.standardizes:
        theirs["new_head"] += [left["mean"], np.sqrt(left["variance"])]
    keras.backend.clear_session()
    return {
        "precision": str(np.result_type(*ours["new_head"])),
        "apart": furthest(ours, theirs),
        "accuracies": [run.old_accuracy_before, run.old_accuracy, run.new_accuracy],
        "printed": printed.getvalue(),
    }
