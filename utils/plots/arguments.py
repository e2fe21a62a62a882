"""Checks of what figures are drawn from. A figure that is live checks each time, which costs next to nothing."""

from collections.abc import Iterable, Mapping

import numpy as np

from utils.checks import check_array, check_kind, check_list, check_mapping, check_names, check_number, check_weights
from utils.freezing.fit_record import FitRecord
from utils.messages import given
from utils.models import Observation
from utils.training import Run

_MOST_SCALE = 10  # dots per pixel


def check_run(name: str, value) -> Run:
    """The value, if it is a `Run`, or the record of a fit."""
    return check_kind(name, value, (Run, FitRecord), "give a Run, such as run(settings)")


def check_runs(name: str, values) -> list:
    """The runs as a list, if they are one; the outcome of a run that is stored without its curves is one, too."""
    wanted = "give a list of runs"
    runs = list(check_list(name, values, wanted=wanted))
    for run in runs:
        if not hasattr(run, "old_accuracy") or not hasattr(run, "new_accuracy"):
            raise ValueError(f"{name}: {given(run)} is not allowed: {wanted}.")
    return runs


def check_ended(name: str, values) -> list:
    """The same, if all of them have a result."""
    runs = check_runs(name, values)
    for run in runs:
        if run.old_accuracy is None or run.new_accuracy is None:
            raise ValueError(f"{name}: {given(run)} is not allowed: it has no result yet.")
    return runs


def check_ghosts(ghosts) -> Mapping[str, Run]:
    """Runs by name; None for none."""
    ghosts = {} if ghosts is None else check_mapping("ghosts", ghosts, "give a mapping of short names to runs")
    for name, run in ghosts.items():
        check_run(f"ghosts: {name}", run)
    return ghosts


def check_observations(before, now) -> None:
    """Check that two observations are of one network."""
    for name, value in (("before", before), ("now", now)):
        check_kind(name, value, Observation, "give an Observation, as observe(model, image) does")
    if list(before.weights) != list(now.weights):
        raise ValueError(f"now: its layers {list(now.weights)} aren't those of before, {list(before.weights)}")


def check_trained(trained) -> tuple[str, ...] | None:
    """The layers that train, as a tuple; None where that is left out."""
    return None if trained is None else check_names("trained", trained, wanted="give a list of layers' names, or None")


def check_scale(value) -> float:
    """Dots per pixel."""
    return check_number("scale", value, 0.1, _MOST_SCALE)


def check_confusion(name: str, value, classes: int) -> np.ndarray:
    """A confusion matrix of these classes."""
    wanted = f"give counts of the shape ({classes}, {classes}), one row and column for each of class_names"
    counts = check_array(name, value, 2, kinds="iu", wanted=wanted)
    if counts.shape != (classes, classes) or counts.min() < 0:
        raise ValueError(f"{name}={given(counts)} of shape {counts.shape} is not allowed: {wanted}.")
    return counts


def check_layers(name: str, weights, run: Run, heads: Iterable[str]) -> None:
    """Check that there is a kernel and a bias for each block and for these heads."""
    check_weights(name, weights)
    if run.settings.examples != "points":
        raise ValueError(f"run={given(run)} is not allowed: give a run on points in the plane.")
    needed = {*run.settings.network.layer_names, *heads}
    if missing := sorted(needed - set(weights)):
        raise ValueError(f"{name}: {missing[0]!r} is missing; there are {', '.join(weights) or 'none'}.")
