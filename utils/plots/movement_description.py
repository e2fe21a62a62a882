"""What has moved, as a text: weights, features, or one without the other."""

import math

from utils.checks import check_float
from utils.measures import movement
from utils.models import Observation
from utils.plots.arguments import check_observations
from utils.plots.style import layer_label


def movement_text(share: float) -> str:
    """How far something has moved, as a share of its norm before; 0 only where not a bit of it has changed."""
    share = check_float("share", share)
    if share == 0:
        return "did not move"
    if not math.isfinite(share):
        return "moved from 0" if share == math.inf else "is not a number"
    return f"moved by {share:.0%}" if share >= 0.1 else f"moved by {100 * share:.2g}%"


def describe_movement(before: Observation, now: Observation) -> str:
    """The layers whose weights have moved, those whose features have, and those with one and not the other."""
    check_observations(before, now)
    movements = movement(before, now)
    weights = [name for name, moved in movements.items() if moved.weights]
    features = [name for name, moved in movements.items() if moved.features]
    if not weights and not features:
        return "Nothing has moved, neither weights nor features."
    text = f"Weights moved: {_listed(weights)}. Features of this image moved: {_listed(features)}."
    if others := [name for name in features if name not in weights]:
        text += f" Same weights, but different features: {_listed(others)}."
    return text


def describe_other_image(before: Observation, now: Observation) -> str:
    """How much the features of another image differ, with the same weights."""
    check_observations(before, now)
    differences = [f"{layer_label(name)} {moved.features:.0%}" for name, moved in movement(before, now).items()]
    return f"Another image, the same weights. Its features differ from the previous image's: {', '.join(differences)}."


def _listed(layers):
    names = [layer_label(name) for name in layers]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "none"
