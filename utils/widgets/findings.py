"""What an experiment is about: one number of a run, and that number in words."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.plots import percent
from utils.training import Run

LOST = 5  # points that count as a loss


@dataclass(frozen=True)
class Finding:
    """A number of a run.

    Attributes:
        value: The number, by which predictions are judged.
        text: What there is to see of it in the run, as a sentence.
    """

    value: float
    text: str


def after_the_change(run: Run) -> Finding | None:
    """How many points the old task's validation accuracy gains (or loses, below 0) after the first change of a run."""
    update = next((update for update, change in run.events if not change.stop), None)
    points, accuracy = run.history["update"], run.history["old_accuracy"]
    if update is None or update >= points[-1]:
        return None
    before, after = accuracy[np.flatnonzero(points <= update)[-1]], accuracy[-1]
    text = f"Old task {percent(before)} at update {update:,}, {percent(after)} at the end (validation)."
    return Finding(100 * (after - before), text)


def update_of_the_loss(run: Run) -> Finding:
    """The first update at which the old task's validation accuracy is 5 points below its start; infinite for none."""
    accuracy = run.history["old_accuracy"]
    lost = np.flatnonzero(accuracy[0] - accuracy >= LOST / 100 - 1e-9)
    if not len(lost):
        most = 100 * (accuracy[0] - accuracy.min())
        return Finding(math.inf, f"The old task never lost {LOST} points; the most was {most:.1f} (validation).")
    update = int(run.history["update"][lost[0]])
    return Finding(update, f"The old task had lost {LOST} points at update {update:,} (validation).")


def forgetting_at_the_end(run: Run) -> Finding | None:
    """The points that the old task has lost on test data in the whole run."""
    if run.forgetting is None:
        return None
    text = f"Old task {percent(run.old_accuracy_before)} before, {percent(run.old_accuracy)} after (test)."
    return Finding(run.forgetting, text)


def new_task_at_the_end(run: Run) -> Finding | None:
    """The new task's accuracy on test data, in percent."""
    if run.new_accuracy is None:
        return None
    return Finding(100 * run.new_accuracy, f"New task {percent(run.new_accuracy)} (test).")


MEASURES: dict[str, Callable[[Run], Finding | None]] = {
    "after the change": after_the_change,
    "update of the loss": update_of_the_loss,
    "forgetting": forgetting_at_the_end,
    "new task": new_task_at_the_end,
}
