"""The live figure of the panels for plain `model.fit`."""

import base64
import time

import numpy as np
from IPython.display import display

from utils.checks import check_flag
from utils.frameworks import keras
from utils.freezing.fit_record import FitPlan, FitRecord, any_trains, drift_of, rows_of, values_of
from utils.memory import give_back_memory
from utils.messages import refusal
from utils.plots import RunFigure, png
from utils.plots.page import stand_still
from utils.widgets.curves_picture import HEIGHT, curves_figure
from utils.widgets.fitted_picture import FittedPicture
from utils.widgets.style import panel
from utils.widgets.view import view

_FRAME_SECONDS = 0.25
_SIZE = (760, 320)


class LiveCurves(keras.callbacks.Callback):
    """Draws losses and accuracies during `model.fit`, which layers train, and how far each has moved.

    Give it as the last of `fit`'s callbacks. The new task's curves are the validation loss and accuracy of each epoch;
    the old task's appear where a `ForgettingCallback` comes before this one, from before the first update. Layers may
    be frozen between two fits: the same object then continues its curves.

    Args:
        shown: Whether the figure is displayed when the fit begins; without a notebook, `still()` gives a picture.
        validation_data: What `fit` gets as `validation_data`: with it, the new task's curves begin before the first
            update, too. (Keras doesn't hand it to callbacks.)
    """

    def __init__(self, shown: bool = True, validation_data=None):
        check_flag("shown", shown)
        if not (validation_data is None or _is_data(validation_data)):
            wanted = "give the pair of arrays (x, y) or the dataset that fit gets"
            raise ValueError(refusal("validation_data", validation_data, wanted))
        super().__init__()
        self._shown, self._validation_data = shown, validation_data
        self._fitted = FittedPicture(curves_figure, HEIGHT, self._redraw)
        self._panel = panel([self._fitted.widget])
        self._rows, self._start, self._spans = {}, {}, {}
        self._points, self._losses, self._drift = [], [], []
        self._planned, self._next_frame, self._handle = 1, 0.0, None
        self._first = self._epoch_first = 0  # the updates before this fit, and before this epoch
        self._steps, self._initial_epoch, self._iterations_before = None, None, 0

    @property
    def record(self) -> FitRecord:
        """The curves so far."""
        names = ("update", "old_accuracy", "new_accuracy", "old_loss", "new_loss")
        columns = np.array(self._points, float).reshape(-1, len(names)).T
        history = dict(zip(names, columns, strict=True))
        history |= {"training_loss": np.array(self._losses, float), "drift": np.array(self._drift)}
        spans = {name: list(spans) for name, spans in self._spans.items()}
        return FitRecord(FitPlan(self._planned), tuple(self._rows), history, spans)

    def still(self) -> bytes:
        """The figure as a PNG file."""
        figure = RunFigure(_SIZE)
        page = figure.show(self.record)
        stand_still(figure)
        return png(page)

    def on_train_begin(self, logs=None):
        """Draw the axes; a second fit continues where the first ended."""
        give_back_memory()  # of earlier cells
        if not self._rows:
            self._rows = rows_of(self.model)
            self._start = {name: values_of(row) for name, row in self._rows.items()}
            self._spans = {name: [] for name in self._rows}
        self._first, self._steps, self._initial_epoch = len(self._losses), self.params.get("steps"), None
        now = len(self._losses)
        for name, row in self._rows.items():
            trained_up_to_now = self._spans[name] and self._spans[name][-1][1] == now
            if any_trains(row) and not trained_up_to_now:
                self._spans[name].append((now, now))
        if not self._points:
            self._add_first_point(logs or {})
        if self._shown and self._handle is None:
            self._handle = display(self, display_id=True)
        self._draw()

    def on_epoch_begin(self, epoch, logs=None):
        """Plan the axis: a resumed fit doesn't begin with epoch 0."""
        self._epoch_first = len(self._losses)
        self._iterations_before = int(getattr(getattr(self.model, "optimizer", None), "iterations", 0))
        if self._initial_epoch is None:
            self._initial_epoch = epoch
        self._plan()

    def on_train_batch_end(self, batch, logs=None):
        """Record the loss, and draw if the latest picture is old enough. A call may stand for several batches."""
        loss = float((logs or {}).get("loss", np.nan))
        self._losses += [loss] * (self._epoch_first + self._made(batch) - len(self._losses))
        self._planned = max(self._planned, len(self._losses))
        for name, row in self._rows.items():
            if any_trains(row):
                self._spans[name][-1] = (self._spans[name][-1][0], len(self._losses))
        if time.monotonic() >= self._next_frame:
            self._draw()

    def _made(self, batch):
        """The epoch's batches so far, `batch` being the last of Keras's: it counts each call as a full one.

        What a call of several steps has really made, the optimizer knows, unless it adds up the gradients of several.
        """
        optimizer = getattr(self.model, "optimizer", None)
        if self.model.steps_per_execution == 1:
            return batch + 1
        counted = 0 if optimizer is None else int(optimizer.iterations) - self._iterations_before
        if counted == 0 or optimizer.gradient_accumulation_steps:  # 0: everything is frozen, say
            return min(batch + 1, self._steps or batch + 1)
        return min(batch + 1, counted)

    def on_epoch_end(self, epoch, logs=None):
        """Record the epoch's point on the curves."""
        if self._steps is None:  # a dataset of unknown length has shown it now
            self._steps = len(self._losses) - self._epoch_first
            self._plan()
        self._add_point(logs or {})
        self._draw()

    def on_train_end(self, logs=None):
        """Draw the picture that stays in the saved notebook."""
        self._planned = max(1, len(self._losses))
        self._draw()
        give_back_memory()
        if self._handle is not None:
            self._handle.update(self)

    def _add_first_point(self, logs):
        """The point before the first update, where either task is measured."""
        if self._validation_data is not None:
            data = self._validation_data if isinstance(self._validation_data, tuple) else (self._validation_data,)
            results = self.model.evaluate(*data, verbose=0, return_dict=True)
            logs = logs | {f"val_{name}": value for name, value in results.items()}
        if "val_loss" in logs or "old_loss" in logs:
            self._add_point(logs)

    def _add_point(self, logs):
        accuracy = next((logs[name] for name in logs if name.startswith("val_") and "acc" in name), np.nan)
        point = (logs.get("old_accuracy"), accuracy, logs.get("old_loss"), logs.get("val_loss"))
        self._points.append([len(self._losses), *(np.nan if value is None else value for value in point)])
        self._drift.append(drift_of(self._start, self._rows))

    def _plan(self):
        epochs = self.params.get("epochs", 1) - self._initial_epoch
        self._planned = max(1, len(self._losses), self._first + (self._steps or 1) * epochs)

    def _redraw(self):
        """Draw for another room: the kernel hears of it when no fit is under way."""
        if self._rows:
            self._draw()

    def _draw(self):
        self._fitted.image.value = self._fitted.frames.frame(self.record)
        self._next_frame = time.monotonic() + _FRAME_SECONDS

    def __repr__(self):
        epochs = sum(update > 0 for update, *_ in self._points)
        return f"LiveCurves({len(self._losses):,} updates, {epochs} epochs)"

    def _repr_mimebundle_(self, **options):
        still = base64.b64encode(self.still()).decode()
        return {**view(self._panel), "text/plain": repr(self), "image/png": still}


def _is_data(given):
    """Whether this looks like what `fit` takes as validation data: arrays in a tuple, or a dataset."""
    if isinstance(given, tuple):
        return len(given) in (2, 3) and all(hasattr(part, "shape") for part in given[:2])
    return hasattr(given, "element_spec") or isinstance(given, keras.utils.PyDataset)
