"""What is measured of a network while it trains: the points of the curves, and the result on the test images."""

import keras
import numpy as np
import tensorflow as tf

from utils.measures import relative_drift
from utils.tasks import TaskPair
from utils.training.engine import Engine

_CURVE_IMAGES = 500  # validation images of each task behind a point of the curves


class Evaluation:
    """Measures an engine's network. How far a layer has moved is told from where it is when this is made."""

    def __init__(self, engine: Engine, pair: TaskPair):
        self._engine, self._pair = engine, pair
        self._start = {name: self._weights(name) for name in engine.model.layer_names}

    def point(self) -> tuple[dict[str, float], list[float]]:
        """A point of the curves: accuracy and loss of both tasks on validation images, and each layer's drift."""
        values = {}
        for task in ("old", "new"):
            data = getattr(self._pair, task)
            labels = data.y_validation[:_CURVE_IMAGES]
            logits = self._logits(task, data.x_validation[:_CURVE_IMAGES], f"{task} validation")
            values[f"{task}_accuracy"] = _accuracy(logits, labels)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            values[f"{task}_loss"] = float(tf.reduce_mean(losses))
        return values, [relative_drift(before, self._weights(name)) for name, before in self._start.items()]

    def test_accuracy(self, task: str) -> float:
        """The fraction of the test images that the head of this task, "old" or "new", gets right."""
        data = getattr(self._pair, task)
        return _accuracy(self._logits(task, data.x_test), data.y_test)

    def _logits(self, task, images, key=None):
        return self._engine.outputs(as_tensor(images), key)[("old", "new").index(task)]

    def _weights(self, name):
        return [np.array(weight.numpy()) for weight in self._engine.model.trainable_weights(name)]


def as_tensor(images: np.ndarray) -> tf.Tensor:
    """Images as the engine takes them."""
    return tf.constant(images, keras.config.floatx())


def _accuracy(logits, labels):
    """The fraction of rows whose largest logit is the label's; a row that isn't all numbers counts as wrong."""
    right = (np.argmax(logits, axis=1) == labels) & np.isfinite(logits).all(axis=1)
    return float(np.mean(right))
