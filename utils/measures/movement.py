"""Which of the two has moved, layer by layer: the weights, or the features?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from utils.measures.drift import relative_drift


class Observation(Protocol):
    """What a network has and makes of an image: `utils.models.Observation`, and whatever is like it.

    weights: the arrays of each layer, by its name. features: what comes out of each layer.
    """

    weights: dict[str, list[np.ndarray]]
    features: dict[str, np.ndarray]


@dataclass(frozen=True)
class Movement:
    """How far a layer's weights and its features have moved, each as a part of what it was: ‖now − before‖ / ‖before‖.

    0 where every number is the same, and nowhere else; inf where all numbers were 0 before and aren't any more.
    """

    weights: float
    features: float


def movement(before: Observation, now: Observation) -> dict[str, Movement]:
    """The movement of each layer from one observation to another; of one image, or of two, to compare these.

    Raises a ValueError where they aren't of the same network.
    """
    if list(before.weights) != list(now.weights):
        raise ValueError(f"now: its layers {list(now.weights)} aren't those of before, {list(before.weights)}")
    return {
        name: Movement(
            _distance(before.weights[name], now.weights[name]),
            _distance([before.features[name]], [now.features[name]]),
        )
        for name in before.weights
    }


def _distance(before: Sequence[np.ndarray], now: Sequence[np.ndarray]) -> float:
    if any(values.any() for values in before):
        return relative_drift(before, now)
    return float("inf") if any(values.any() for values in now) else 0.0
