"""How far weights and features have moved, layer by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from utils.measures.drift import relative_drift
from utils.messages import refusal


class Observation(Protocol):
    """The weights of a network and its features of an image: `utils.models.Observation`, or another class like it.

    Attributes:
        weights: The arrays of each layer, by its name.
        features: The output of each layer.
    """

    weights: dict[str, list[np.ndarray]]
    features: dict[str, np.ndarray]


@dataclass(frozen=True)
class Movement:
    """How far a layer's weights and its features have moved: ‖now − before‖ / ‖before‖.

    Either is 0 only where every number is the same, and inf where all numbers were 0 before and some aren't now.

    Attributes:
        weights: The movement of the weights.
        features: The movement of the features.
    """

    weights: float
    features: float


def movement(before: Observation, now: Observation) -> dict[str, Movement]:
    """The movement of each layer from one observation to another, of the same image or of two.

    Raises:
        ValueError: Where they aren't of the same network.
    """
    for name, observation in (("before", before), ("now", now)):
        if not all(isinstance(getattr(observation, part, None), Mapping) for part in ("weights", "features")):
            raise ValueError(refusal(name, observation, "give an Observation, as observe(model, image) does"))
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
