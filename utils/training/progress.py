"""What the training loop reports."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.messages import given
from utils.training.run import Run


@dataclass(frozen=True)
class Progress:
    """The state of a training.

    Attributes:
        update: The number of updates made.
        updates: The number of updates planned.
        status: As in `Run`.
        evaluated: Whether there is a new evaluation point.
        trained_layers: The layers that learn now.
        learning_rate: The current learning rate.
        run: Makes a `Run` of everything recorded so far.
        pending: Whether an evaluation of this update comes next.
        weights: Makes a copy of all weights by layer. Call it in the thread that trains, before the training continues.
            At the end it gives the final weights.
        may_end_early: Whether `updates` is a limit rather than a plan.
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


def check_last(step) -> Progress:
    """The last step that a function around a training gave, if it is the training's last."""
    if not isinstance(step, Progress) or step.status == "training":
        raise ValueError(
            f"progress gave {given(step)} as its last step, which is not allowed: it must give every step of the "
            "training, as utils.show_updates does."
        )
    return step
