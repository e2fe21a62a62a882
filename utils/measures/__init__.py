"""Measures, as pure functions of arrays."""

from .activations import activations
from .agreement import agreement, confusion, most_mistaken, softmax
from .backward import activation_memory
from .balance import UNEVEN, balanced_accuracy, largest_class
from .comparison import holm, paired_difference, paired_p_value
from .drift import drift_or_zero, relative_drift
from .forgetting import average_accuracy, backward_transfer, forgetting, forward_transfer, intransigence
from .information import answer_information
from .linear_probe import LinearProbe, linear_probe
from .movement import Movement, movement
from .silence import silent_features
from .similarity import linear_cka
from .spread import Spread, mean_interval

__all__ = [
    "UNEVEN",
    "LinearProbe",
    "Movement",
    "Spread",
    "activation_memory",
    "activations",
    "agreement",
    "answer_information",
    "average_accuracy",
    "backward_transfer",
    "balanced_accuracy",
    "confusion",
    "drift_or_zero",
    "forgetting",
    "forward_transfer",
    "holm",
    "intransigence",
    "largest_class",
    "linear_cka",
    "linear_probe",
    "mean_interval",
    "most_mistaken",
    "movement",
    "paired_difference",
    "paired_p_value",
    "relative_drift",
    "silent_features",
    "softmax",
]
