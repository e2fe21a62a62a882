"""What is measured, as pure functions of arrays."""

from .drift import relative_drift
from .forgetting import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence

__all__ = [
    "average_accuracy",
    "backward_transfer",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "relative_drift",
]
