"""What the training loop tells of a training under way."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.training.run import Run


@dataclass(frozen=True)
class Progress:
    """How far a training has come.

    update: made so far, of `updates` planned. status: as in `Run`. evaluated: whether a new evaluation point is there.
    trained_layers: those that learn now. learning_rate: as it is now. run: makes a `Run` of all that was recorded.
    pending: whether an evaluation of just this update comes next.
    weights: makes a copy of all weights, layer by layer, as they are when it's called: call it in the thread that
        trains, before the training goes on. At the end it gives the last ones.
    may_end_early: whether `updates` is a limit rather than a plan.
    """

    update: int
    updates: int
    status: str
    evaluated: bool
    trained_layers: tuple[str, ...]
    learning_rate: float
    run: Callable[[], Run]
    pending: bool = False
    weights: Callable[[], dict[str, list[np.ndarray]]] = dict
    may_end_early: bool = False
