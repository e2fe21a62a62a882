"""What is measured, as pure functions of arrays."""

from .activations import activations
from .backward import kept_for_gradient
from .drift import drift_or_zero, relative_drift
from .forgetting import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence
from .movement import Movement, movement
from .spread import Spread, mean_interval

__all__ = [
    "Movement",
    "Spread",
    "activations",
    "average_accuracy",
    "backward_transfer",
    "drift_or_zero",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "kept_for_gradient",
    "mean_interval",
    "movement",
    "relative_drift",
]
