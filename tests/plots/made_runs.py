"""Runs made up by hand: what a figure or a sentence should show is known without any training."""

from dataclasses import replace

import numpy as np

from utils.strategies import Change, Settings
from utils.training import Run

LAYERS = ("conv1", "conv2", "conv3", "dense", "old_head", "new_head")
PARAMETERS = 61_524  # of the network whose layers these are, both heads with ten outputs


def made_run(updates=40, every=10, level=0.5, events=(), ended=True, **settings) -> Run:
    """A run whose every number follows from `level`: old accuracy falls to it, new accuracy climbs to it.

    Unfinished runs (`ended=False`) have no test accuracies yet, and may have gone less far than their settings say.
    """
    made = Settings(**{"updates": max(updates, 1), "evaluate_every": every} | settings)
    points = np.arange(0, updates + 1, every)
    way = points / max(1, made.updates)
    history = {
        "update": points,
        "old_accuracy": 0.96 - (0.96 - level) * way,
        "new_accuracy": 0.1 + (level - 0.1) * way,
        "old_loss": 0.1 + 3 * way,
        "new_loss": 2.4 - 2 * level * way,
        "drift": np.outer(way, [0.05, 0.1, 0.15, 0.2, 0.0, 0.25]) * level,
        "training_loss": np.linspace(2.4, 0.3, updates),
    }
    run = Run(made, history=history, events=tuple((update, Change(**change)) for update, change in events))
    if ended:
        run = replace(run, status="finished", old_accuracy_before=0.95, old_accuracy=level, new_accuracy=level / 2,
                      seconds=1.25, trained_parameters=30_762, total_parameters=PARAMETERS)  # fmt: skip
    return run


def with_accuracies(old: float, new: float) -> Run:
    """An ended run at a point of the old/new plane."""
    return replace(made_run(), old_accuracy=old, new_accuracy=new)
