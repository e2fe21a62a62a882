"""Measurements of a network in training: the points of the curves, and the result on the test images."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from utils.frameworks import tf
from utils.measures import UNEVEN, balanced_accuracy, drift_or_zero, largest_class
from utils.models import NEW_HEAD, OLD_HEAD, Backbone
from utils.tasks import TaskPair
from utils.training.engine import Engine

_CURVE_IMAGES = 500  # validation images of each task behind a point of the curves
# The outputs of the backbone at a pair's checkpoint for the images of validation and test, by backbone, task and part:
# every run starts at the checkpoint, and runs that freeze the backbone end there.
_checkpoint_features: WeakKeyDictionary[TaskPair, dict[tuple[Backbone, str, str], tf.Tensor]] = WeakKeyDictionary()


class Evaluation:
    """Measures an engine's network. It's made at the checkpoint, from which drift is measured.

    Args:
        engine: The engine.
        pair: The tasks.
        checkpoint: The weights of the pair's checkpoint by layer.
    """

    def __init__(self, engine: Engine, pair: TaskPair, checkpoint: dict[str, list[np.ndarray]]):
        self._engine, self._pair, self._checkpoint = engine, pair, checkpoint
        self._start = {name: self._weights(name) for name in engine.model.layer_names}
        self._last = {}  # by task, where the backbone is unchanged: all weights of its head, and what was measured

    def point(self) -> tuple[dict[str, float], list[float]]:
        """A point of the curves: accuracy and loss of both tasks on validation images, and each layer's drift."""
        unchanged = self._backbone_is_unchanged()
        still = {block.name for block in self._engine.model.blocks} if unchanged else ()
        now = {name: before if name in still else self._weights(name) for name, before in self._start.items()}
        values = {}
        for task, head in (("old", OLD_HEAD), ("new", NEW_HEAD)):
            states = [np.array(weight.numpy()) for weight in self._engine.model.weights(head)]
            before, measured = self._last.get(task, (None, None))
            if not (unchanged and measured and all(map(np.array_equal, before, states))):
                measured = self._accuracy_and_loss(task, unchanged)
            if unchanged:
                self._last[task] = states, measured
            values |= measured
        drift = [0.0 if name in still else drift_or_zero(before, now[name]) for name, before in self._start.items()]
        return values, drift

    def _accuracy_and_loss(self, task, unchanged):
        labels = getattr(self._pair, task).y_validation[:_CURVE_IMAGES]
        logits = self._logits(task, "validation", unchanged)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        accuracy, loss = float(np.mean(_correct(logits, labels))), float(tf.reduce_mean(losses))
        return {f"{task}_accuracy": accuracy, f"{task}_loss": loss}

    def test_accuracy(self, task: str) -> float:
        """The fraction of the test images of a task, "old" or "new", that are classified correctly."""
        return self.test_accuracies(task)[0]

    def test_accuracies(self, task: str) -> tuple[float, float | None]:
        """The accuracy on the test images of a task, and the balanced accuracy where one class outnumbers the others.

        The second is None where no class has more than 60% of the test images.
        """
        labels = getattr(self._pair, task).y_test
        correct = _correct(self._logits(task, "test", self._backbone_is_unchanged()), labels)
        is_uneven = largest_class(labels)[1] > UNEVEN
        return float(np.mean(correct)), balanced_accuracy(labels, correct) if is_uneven else None

    def _logits(self, task, part, unchanged):
        images = getattr(getattr(self._pair, task), f"x_{part}")[: _CURVE_IMAGES if part == "validation" else None]
        if unchanged:
            features = _checkpoint_features.setdefault(self._pair, {})
            key = self._engine.model.recipe, task, part
            if key not in features:
                features[key] = self._engine.backbone_features(images)
            logits = self._engine.head_logits(features[key])
        else:
            logits = self._engine.outputs(images, f"{task} {part}" if part == "validation" else None)
        return logits[("old", "new").index(task)]

    def _backbone_is_unchanged(self):
        """Whether the backbone is bit for bit that of the checkpoint, and all that the heads need."""
        model = self._engine.model
        return self._engine.heads_need_only_features and all(
            np.array_equal(weight.numpy(), value)
            for block in model.blocks
            for weight, value in zip(model.weights(block.name), self._checkpoint[block.name], strict=True)
        )

    def _weights(self, name):
        return [np.array(weight.numpy()) for weight in self._engine.model.trainable_weights(name)]


def _correct(logits, labels):
    """Whether each row has the label's logit the largest; a row that isn't finite counts as wrong."""
    return (np.argmax(logits, axis=1) == labels) & np.isfinite(logits).all(axis=1)
