"""What is measured, as pure functions of arrays."""

from .activations import activations
from .drift import relative_drift
from .forgetting import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence
from .spread import Spread, mean_interval

__all__ = [
    "Spread",
    "activations",
    "average_accuracy",
    "backward_transfer",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "mean_interval",
    "relative_drift",
]
