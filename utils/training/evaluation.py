"""What is measured of a network while it trains: the points of the curves, and the result on the test images."""

from weakref import WeakKeyDictionary

import keras
import numpy as np
import tensorflow as tf

from utils.measures import drift_or_zero
from utils.models import Backbone
from utils.tasks import TaskPair
from utils.training.engine import Engine

_CURVE_IMAGES = 500  # validation images of each task behind a point of the curves
# What the backbone at a pair's checkpoint makes of the images that are measured on: every run starts there, and those
# that leave the backbone alone end there, too. By the backbone, the task and the part of its images.
_known: WeakKeyDictionary[TaskPair, dict[tuple[Backbone, str, str], tf.Tensor]] = WeakKeyDictionary()


class Evaluation:
    """Measures an engine's network. How far a layer has moved is told from where it is when this is made.

    checkpoint: the weights of the pair's checkpoint, layer by layer.
    """

    def __init__(self, engine: Engine, pair: TaskPair, checkpoint: dict[str, list[np.ndarray]]):
        self._engine, self._pair, self._checkpoint = engine, pair, checkpoint
        self._start = {name: self._weights(name) for name in engine.model.layer_names}

    def point(self) -> tuple[dict[str, float], list[float]]:
        """A point of the curves: accuracy and loss of both tasks on validation images, and each layer's drift."""
        values, unmoved = {}, self._backbone_is_unmoved()
        for task in ("old", "new"):
            labels = getattr(self._pair, task).y_validation[:_CURVE_IMAGES]
            logits = self._logits(task, "validation", unmoved)
            values[f"{task}_accuracy"] = _accuracy(logits, labels)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            values[f"{task}_loss"] = float(tf.reduce_mean(losses))
        return values, [drift_or_zero(before, self._weights(name)) for name, before in self._start.items()]

    def test_accuracy(self, task: str) -> float:
        """The fraction of the test images that the head of this task, "old" or "new", gets right."""
        return _accuracy(self._logits(task, "test", self._backbone_is_unmoved()), getattr(self._pair, task).y_test)

    def _logits(self, task, part, unmoved):
        images = getattr(getattr(self._pair, task), f"x_{part}")[: _CURVE_IMAGES if part == "validation" else None]
        if unmoved:
            known, key = _known.setdefault(self._pair, {}), (self._engine.model.recipe, task, part)
            if key not in known:
                known[key] = self._engine.backbone_features(as_tensor(images))
            logits = self._engine.answers(known[key])
        else:
            logits = self._engine.outputs(as_tensor(images), f"{task} {part}" if part == "validation" else None)
        return logits[("old", "new").index(task)]

    def _backbone_is_unmoved(self):
        """Bit for bit as at the checkpoint, and all that the heads look at."""
        model = self._engine.model
        return self._engine.heads_see_the_backbone_alone and all(
            np.array_equal(weight.numpy(), value)
            for block in model.blocks
            for weight, value in zip(model.weights(block.name), self._checkpoint[block.name], strict=True)
        )

    def _weights(self, name):
        return [np.array(weight.numpy()) for weight in self._engine.model.trainable_weights(name)]


def as_tensor(images: np.ndarray) -> tf.Tensor:
    """Images as the engine takes them."""
    return tf.constant(images, keras.config.floatx())


def _accuracy(logits, labels):
    """The fraction of rows whose largest logit is the label's; a row that isn't all numbers counts as wrong."""
    right = (np.argmax(logits, axis=1) == labels) & np.isfinite(logits).all(axis=1)
    return float(np.mean(right))
