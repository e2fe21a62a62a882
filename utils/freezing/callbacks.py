"""A callback for plain `model.fit`: the old task measured at each epoch, beside Keras's own results."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from utils.checks import check_flag, check_kind, check_whole_number
from utils.comfort import without_retracing_warnings
from utils.frameworks import keras
from utils.freezing.layer_choice import wanted_model
from utils.measures import forgetting
from utils.tasks import labeled_examples
from utils.tasks.inputs import fits

_ROUNDING = 1e-2  # the most by which a row of probabilities may miss 1, in half precision


class ForgettingCallback(keras.callbacks.Callback):
    """Measures the old task before training and after each epoch, and adds the results to what Keras logs.

    Three columns appear in the history of `fit`, in CSVLogger's file and on TensorBoard: `old_accuracy`, a fraction;
    `old_loss`, the cross-entropy; and `forgetting`, in percentage points of accuracy since before the first epoch. Put
    it *first* in the list of callbacks: Keras calls them in order, and one that comes before it doesn't get its
    results. To end the training once the old task is being forgotten:

        callbacks=[ForgettingCallback(x, y), keras.callbacks.EarlyStopping("old_accuracy", mode="max", patience=2)]

    Args:
        old_x: Examples of the old task, (N, ...), none of which is used in training; or, without old_y, a
            tf.data.Dataset of pairs or what `pictures_from_folder` returns.
        old_y: Labels, (N,) or (N, 1), columns of the old model's output; one-hot rows, (N, classes); or texts, the
            columns' names in alphabetical order.
        old_model: Predicts the old task: a classifier that shares layers with the model that is trained; None for that
            model itself.
        batch_size: Examples predicted at once.
        from_logits: Whether it gives logits; None to find out from its output, where rows that add up to 1 are
            probabilities, and from its last activation.
        every: Measure after this many epochs; in between, the last results are repeated.

    Attributes:
        before: The accuracy before the first epoch.

    Raises:
        ValueError: Where examples and labels don't match, and, at the latest when the training begins, where the old
            model doesn't take such examples or doesn't answer with columns for their classes.
    """

    def __init__(
        self, old_x, old_y=None, old_model: keras.Model | None = None, batch_size: int = 100,
        from_logits: bool | None = None, every: int = 1,
    ):  # fmt: skip
        super().__init__()
        if old_model is not None:
            check_kind("old_model", old_model, keras.Model, wanted_model(old_model, "old"))
        if from_logits is not None:
            check_flag("from_logits", from_logits)
        self._old_model, self._from_logits = old_model, from_logits
        self._batch_size = check_whole_number("batch_size", batch_size, 1)
        self._every = check_whole_number("every", every, 1)
        self._x, self._y, self._texts = labeled_examples(old_x, old_y, "old_x, old_y")
        if self._y.min() < 0:
            raise ValueError(f"old_y holds {self._y.min()}, which is no class: columns count from 0.")
        if old_model is not None:
            _check_takes(old_model, self._x)
        self.before: float | None = None
        self._latest: dict[str, float] = {}

    def on_train_begin(self, logs=None):
        """Measure the network before the first step; a second `fit` keeps the accuracy before the first."""
        if self._old_model is None:
            _check_takes(self.model, self._x)
        results = self._measure()
        if self.before is None:
            self.before = results["old_accuracy"]
        self._latest = self._with_forgetting(results)
        if logs is not None:
            logs.update(self._latest)

    def on_epoch_end(self, epoch, logs=None):
        """Add the results to Keras's logs, for the callbacks that come after this one."""
        if (epoch + 1) % self._every == 0:
            self._latest = self._with_forgetting(self._measure())
        if logs is not None:
            logs.update(self._latest)

    def _with_forgetting(self, results):
        points = forgetting([[self.before, np.nan], [results["old_accuracy"], np.nan]])
        return {**results, "forgetting": points}

    def _measure(self):
        model = self._old_model or self.model
        starts = range(0, len(self._x), self._batch_size)
        with without_retracing_warnings():
            parts = [np.asarray(model(self._x[i : i + self._batch_size], training=False)) for i in starts]
        outputs = np.concatenate(parts)
        if outputs.ndim != 2 or self._y.max() >= max(2, outputs.shape[1]):
            raise ValueError(
                f"old_y holds class {self._y.max()}, and the model answers with the shape {outputs.shape}: "
                "give old_model, the one whose columns are the old classes."
            )
        if self._texts and len(self._texts) != max(2, outputs.shape[1]):
            raise ValueError(
                f"old_y holds {len(self._texts)} texts, and the model has {max(2, outputs.shape[1])} columns: give the "
                "numbers of the columns, since texts alone don't say which one is missing."
            )
        logits = _logits(outputs, self._gives_logits(model, outputs))
        correct = logits.argmax(axis=1) == self._y
        losses = -log_softmax(logits, axis=1)[np.arange(len(logits)), self._y]
        return {"old_accuracy": float(correct.mean()), "old_loss": float(losses.mean())}

    def _gives_logits(self, model, outputs):
        if self._from_logits is not None:
            return self._from_logits
        if outputs.shape[1] > 1 and (outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=_ROUNDING):
            return False  # wherever the softmax may be
        return _last_activation(model) not in ("softmax", "sigmoid")


def _check_takes(model, x):
    """Raise a ValueError where a model's inputs and outputs are known, and these examples aren't for them."""
    for side in ("inputs", "outputs"):
        if (count := len(getattr(model, side, None) or ())) > 1:
            raise ValueError(
                f"{model.name!r} has {count} {side}: give as old_model a classifier that takes one array and gives one."
            )
    if not getattr(model, "inputs", None):  # a class of the reader's own
        return
    wanted, kind = tuple(model.inputs[0].shape[1:]), model.inputs[0].dtype
    if x.dtype.kind not in "fiub" and kind != "string":
        raise ValueError(f"old_x holds {x.dtype}, and {model.name!r} takes {kind}: give an array of numbers.")
    if not fits(_without_last_one(x.shape[1:]), _without_last_one(wanted)):
        sizes = ", ".join("any" if size is None else str(size) for size in wanted)
        raise ValueError(
            f"old_x has the shape {x.shape}, and {model.name!r} takes (N, {sizes}): give the examples that it was "
            "taught, one per row, or the old_model that takes these."
        )


def _without_last_one(sizes):
    """Keras adds an axis of size 1 at the end where it's missing, and takes off one that is too many."""
    return sizes[:-1] if sizes[-1:] == (1,) else sizes


def _last_activation(model):
    """The name of a model's last operation, or of the last activation in it; models inside are opened."""
    parts = getattr(model, "operations", model.layers)
    if not parts:
        return ""
    if isinstance(parts[-1], keras.Model):
        return _last_activation(parts[-1])
    if not isinstance(parts[-1], keras.layers.Layer):
        return type(parts[-1]).__name__.lower()  # of keras.ops
    if isinstance(parts[-1], keras.layers.Softmax):
        return "softmax"
    candidates = [part for part in parts if isinstance(part, keras.Model) or hasattr(part, "activation")]
    last = candidates[-1] if candidates else None
    if isinstance(last, keras.Model):
        return _last_activation(last)
    return getattr(getattr(last, "activation", None), "__name__", "")


def _logits(outputs, are_logits):
    """Logits (N, classes); a single column is the second class against the first."""
    if not are_logits:
        outputs = np.log(np.clip(outputs, 1e-7, 1))
    if outputs.shape[1] > 1:
        return outputs
    first = np.zeros_like(outputs) if are_logits else np.log(np.clip(1 - np.exp(outputs), 1e-7, 1))
    return np.concatenate([first, outputs], axis=1)
