"""For any Keras model: which layers train, the proof that the others don't change, and callbacks for `fit`."""

import utils._keras  # noqa: F401  before anything else imports it
from utils.freezing.callbacks import ForgettingCallback
from utils.freezing.proof import WeightChanges, changed_weights, track_weights, weights_of
from utils.freezing.trainable import set_trainable

__all__ = ["ForgettingCallback", "WeightChanges", "changed_weights", "set_trainable", "track_weights", "weights_of"]
