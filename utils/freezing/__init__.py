"""For any Keras model: which layers train, the proof that the others stand still, and what `fit` tells on the way."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.freezing.callbacks import ForgettingCallback
from utils.freezing.proof import Seen, moved, watch, weights_of
from utils.freezing.trainable import set_trainable

__all__ = ["ForgettingCallback", "Seen", "moved", "set_trainable", "watch", "weights_of"]
