"""For those who keep `model.fit`: the old task measured at each epoch, beside Keras's own numbers."""

import keras
import numpy as np
from scipy.special import log_softmax

from utils.measures import forgetting

_ROUNDED = 1e-2  # by so much a row of probabilities may miss 1, in half precision


class ForgettingCallback(keras.callbacks.Callback):
    """Measures the old task before training and after each epoch, and adds it to what Keras logs.

    In `fit`'s history, in CSVLogger's file and on TensorBoard appear: `old_accuracy`, a fraction; `old_loss`, the
    cross-entropy; and `forgetting`, in percentage points of accuracy since before the first epoch. Put it *first* in
    the list of callbacks: Keras calls them in order, and one that stands before it doesn't see its numbers.

    old_x: (N, ...) examples of the old task, none of which the training has seen. old_y: (N,) labels, columns of the
    old model's output. old_model: what answers for the old task, a classifier that shares layers with the model which
    is trained; None for that model itself. from_logits: whether it gives logits; None: told by its answers, as
    rows that add up to 1 are probabilities, and by its last activation.
    every: measure each so many epochs; between, the last numbers are repeated.

    `before`: the accuracy before the first epoch. Raises a ValueError where examples and labels don't fit.
    """

    def __init__(
        self, old_x, old_y, old_model: keras.Model | None = None, batch_size: int = 100,
        from_logits: bool | None = None, every: int = 1,
    ):  # fmt: skip
        super().__init__()
        self._x, self._y = np.asarray(old_x), np.asarray(old_y)
        if self._y.ndim == 2 and self._y.shape[1] == 1:
            self._y = self._y[:, 0]
        if self._y.ndim == 2:
            self._y = self._y.argmax(axis=1)
        if self._y.ndim != 1 or self._y.dtype.kind not in "iu" or len(self._x) != len(self._y) or not len(self._y):
            raise ValueError(
                f"old_y has the shape {np.shape(old_y)} and holds {self._y.dtype}: a whole number (or a one-hot row) "
                f"for each of the {len(self._x)} examples is expected."
            )
        if self._y.min() < 0:
            raise ValueError(f"old_y holds {self._y.min()}, which is no class: columns count from 0.")
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every={every!r} is not allowed: it must be a whole number from 1.")
        self._old_model, self._batch_size, self._from_logits, self._every = old_model, batch_size, from_logits, every
        self.before: float | None = None
        self._latest: dict[str, float] = {}

    def on_train_begin(self, logs=None):
        """Measure the network as it is before the first step; with a second `fit`, still the first."""
        now = self._measured()
        if self.before is None:
            self.before = now["old_accuracy"]
        self._latest = self._told(now)

    def on_epoch_end(self, epoch, logs=None):
        """Add the numbers to Keras's own, for the callbacks that come after this one."""
        if (epoch + 1) % self._every == 0:
            self._latest = self._told(self._measured())
        if logs is not None:
            logs.update(self._latest)

    def _told(self, now):
        lost = forgetting([[self.before, np.nan], [now["old_accuracy"], np.nan]])
        return {**now, "forgetting": lost}

    def _measured(self):
        model = self._old_model or self.model
        said = np.concatenate([
            np.asarray(model(self._x[i : i + self._batch_size], training=False))
            for i in range(0, len(self._x), self._batch_size)
        ])  # fmt: skip
        if said.ndim != 2 or self._y.max() >= max(2, said.shape[1]):
            raise ValueError(
                f"old_y holds class {self._y.max()}, and the model answers with the shape {said.shape}: "
                "give old_model, the one whose columns are the old classes."
            )
        logits = _logits(said, self._gives_logits(model, said))
        right = logits.argmax(axis=1) == self._y
        losses = -log_softmax(logits, axis=1)[np.arange(len(logits)), self._y]
        return {"old_accuracy": float(right.mean()), "old_loss": float(losses.mean())}

    def _gives_logits(self, model, said):
        if self._from_logits is not None:
            return self._from_logits
        if said.shape[1] > 1 and (said >= 0).all() and np.allclose(said.sum(axis=1), 1, atol=_ROUNDED):
            return False  # wherever the softmax may be
        return _last_activation(model) not in ("softmax", "sigmoid")


def _last_activation(model):
    """The name of the last thing that a model does, or of the last activation in it; models inside are opened."""
    parts = getattr(model, "operations", model.layers)
    if not parts:
        return ""
    if isinstance(parts[-1], keras.Model):
        return _last_activation(parts[-1])
    if not isinstance(parts[-1], keras.layers.Layer):
        return type(parts[-1]).__name__.lower()  # of keras.ops
    if isinstance(parts[-1], keras.layers.Softmax):
        return "softmax"
    telling = [part for part in parts if isinstance(part, keras.Model) or hasattr(part, "activation")]
    last = telling[-1] if telling else None
    if isinstance(last, keras.Model):
        return _last_activation(last)
    return getattr(getattr(last, "activation", None), "__name__", "")


def _logits(said, are_logits):
    """Logits (N, classes); one column is the second class's against the first's."""
    if not are_logits:
        said = np.log(np.clip(said, 1e-7, 1))
    if said.shape[1] > 1:
        return said
    first = np.zeros_like(said) if are_logits else np.log(np.clip(1 - np.exp(said), 1e-7, 1))
    return np.concatenate([first, said], axis=1)
