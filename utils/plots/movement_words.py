"""What has moved, in words: weights, features, or the one without the other."""

import math

from utils.measures import movement
from utils.models import Observation
from utils.plots.style import layer_label


def told_movement(share: float) -> str:
    """How far something has moved, as a part of what it was: 0 only where not a bit of it has."""
    if share == 0:
        return "did not move"
    if not math.isfinite(share):
        return "moved from 0" if share == math.inf else "is no number"
    return f"moved by {100 * share:.0f} %" if share >= 0.1 else f"moved by {100 * share:.2g} %"


def describe_movement(before: Observation, now: Observation) -> str:
    """Whose weights have moved, whose features, and who did the one without the other."""
    moved = movement(before, now)
    weights = [name for name, one in moved.items() if one.weights]
    features = [name for name, one in moved.items() if one.features]
    if not weights and not features:
        return "Nothing has moved, neither weights nor features."
    text = f"Weights moved: {_listed(weights)}. Features of this image moved: {_listed(features)}."
    if others := [name for name in features if name not in weights]:
        text += f" Weights as before, and yet other features: {_listed(others)}."
    return text


def describe_other_image(one: Observation, other: Observation) -> str:
    """How much another image's features differ, where the weights are the same."""
    differs = [f"{layer_label(name)} {100 * moved.features:.0f} %" for name, moved in movement(one, other).items()]
    return f"Another image, the same weights. Its features differ from the last one's: {', '.join(differs)}."


def _listed(layers):
    names = [layer_label(name) for name in layers]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "none"
