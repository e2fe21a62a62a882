"""What is measured, as pure functions of arrays."""

from .backward import kept_for_gradient
from .drift import relative_drift
from .forgetting import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence
from .spread import Spread, mean_interval

__all__ = [
    "Spread",
    "average_accuracy",
    "backward_transfer",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "kept_for_gradient",
    "mean_interval",
    "relative_drift",
]
