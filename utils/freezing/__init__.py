"""For any Keras model: which layers train, the proof that the others don't change, and callbacks for `fit`."""

from typing import TYPE_CHECKING

import utils._keras  # noqa: F401  before anything else imports it
from utils.frameworks import names_later
from utils.freezing.proof import WeightChanges, changed_weights, track_weights, weights_of
from utils.freezing.trainable import set_trainable

if TYPE_CHECKING:
    from utils.freezing.callbacks import ForgettingCallback

__all__ = ["ForgettingCallback", "WeightChanges", "changed_weights", "set_trainable", "track_weights", "weights_of"]

__getattr__, __dir__ = names_later(__name__, {"ForgettingCallback": "callbacks"})
