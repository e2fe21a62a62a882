"""The loss and the accuracy curves of a run, with those of other runs behind them and a mark at the best point."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from utils.plots.change_marks import ChangeMarks
from utils.plots.changes import changes
from utils.plots.labels import free_offsets
from utils.plots.style import GRID, INK, NEW_STYLE, NEW_TASK, OLD_STYLE, OLD_TASK, TITLE, TRAINING, pale
from utils.plots.update_axis import last_update
from utils.training import Run

_LOSS_LIMITS = (1, 2, 3, 5, 8, 12, 20, 40, 100)  # where an axis ends; beyond the last, at a power of ten
_LOWEST_LOSS = 0.01  # of the axis where it's logarithmic
_NAME_SIZE = 6.5
# Of a ghost's name, to the left of its end: above the curve or below it.
_NAME_OFFSETS = tuple((-7 * column, height) for column in range(12) for height in (1, -7.5))
_POINTS = 400  # of a training-loss curve: more than the picture has pixels would only cost time


class RunCurves:
    """The curves on two axes.

    Args:
        loss: The axes of the losses.
        accuracy: The axes of the accuracies.
        with_batches: Whether the training loss of each batch is drawn, too.

    Attributes:
        moving: The artists that change with the run.
    """

    def __init__(self, loss: Axes, accuracy: Axes, with_batches: bool = True):
        self._loss, self._accuracy = loss, accuracy
        self._ghosts = []
        for axes in (loss, accuracy):
            axes.grid(color=GRID, linewidth=0.6)
            axes.tick_params(labelbottom=False)
        accuracy.set_ylim(0, 1.02)
        accuracy.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])

        def line(axes, color, style, width, label=None):
            return axes.plot([], [], color=color, linestyle=style, linewidth=width, label=label, animated=True)[0]

        self._lines = {
            "training_loss": line(loss, TRAINING, "-", 0.6),
            "old_loss": line(loss, OLD_TASK, OLD_STYLE, 1.6, "old"),
            "new_loss": line(loss, NEW_TASK, NEW_STYLE, 1.6, "new"),
            "old_accuracy": line(accuracy, OLD_TASK, OLD_STYLE, 1.8, "old"),
            "new_accuracy": line(accuracy, NEW_TASK, NEW_STYLE, 1.8, "new"),
        }
        self._marks = [ChangeMarks(loss, labeled=True), ChangeMarks(accuracy, labeled=False)]
        self._best_lines, self._best_labels = [], []
        for axes in (loss, accuracy):
            # Beside the title: inside, a curve would run through it.
            axes.legend(
                loc="lower right", bbox_to_anchor=(1.03, 0.985), ncols=3, fontsize=6.5, frameon=False,
                borderpad=0, handlelength=1.3, handletextpad=0.4, columnspacing=0.7,
            )  # fmt: skip
            self._best_lines.append(axes.axvline(0, color=INK, linestyle=":", linewidth=0.9, animated=True))
            look = {"fontsize": 6.5, "color": INK, "ha": "right", "va": "top", "animated": True}
            self._best_labels.append(axes.text(0, 0.6, " best ", transform=axes.get_xaxis_transform(), **look))
        self._lines["training_loss"].set_visible(with_batches)
        marks = [artist for mark in self._marks for artist in mark.moving]
        self.moving = [*marks, *self._lines.values(), *self._best_lines, *self._best_labels]

    def loss_limit(self, run: Run, ghosts: Mapping[str, Run]) -> float:
        """Where the axis of the losses has to end."""
        curves = [run.history[name] for name in ("old_loss", "new_loss", "training_loss")] if run.history else []
        curves += [ghost.history[name] for ghost in ghosts.values() for name in ("old_loss", "new_loss")]
        finite = [curve[np.isfinite(curve)] for curve in curves]
        return axis_limit(max((float(np.max(losses)) for losses in finite if len(losses)), default=1), _LOSS_LIMITS)

    def set_limits(self, updates: int, loss: float) -> None:
        """Set where the axes end."""
        for axes in (self._loss, self._accuracy):
            axes.set_xlim(0, updates)
        is_huge = loss > _LOSS_LIMITS[-1]  # a curve that comes down again would lie on the axis
        self._loss.set_yscale("log" if is_huge else "linear")
        if is_huge:
            self._loss.yaxis.set_major_formatter("{x:g}")
        self._loss.set_ylim(_LOWEST_LOSS if is_huge else 0, loss * 1.02)
        self._loss.minorticks_off()
        self._loss.set_title("val. loss (log)" if is_huge else "validation loss", **TITLE)

    def show_ghosts(self, ghosts: Mapping[str, Run], updates: int) -> None:
        """Draw the curves of other runs, each with its name where it ends."""
        for artist in self._ghosts:
            artist.remove()
        self._ghosts = []
        for axes, quantity in ((self._loss, "loss"), (self._accuracy, "accuracy")):
            ends = []
            for task, color, style in (("old", OLD_TASK, OLD_STYLE), ("new", NEW_TASK, NEW_STYLE)):
                for name, ghost in ghosts.items():
                    x, y = ghost.history["update"], ghost.history[f"{task}_{quantity}"]
                    self._ghosts += axes.plot(x, y, color=pale(color), linestyle=style, linewidth=1)
                    if x[-1] <= updates:
                        ends.append((name, color, (x[-1], y[-1])))
            names, points = [name for name, *_ in ends], [end for *_, end in ends]
            offsets = free_offsets(axes, points, names, _NAME_OFFSETS, _NAME_SIZE, to_the_left=True)
            for (name, color, end), offset in zip(ends, offsets, strict=True):
                if offset:  # of very many names some are left out
                    look = {"fontsize": _NAME_SIZE, "color": color, "alpha": 0.8, "ha": "right", "va": "bottom"}
                    place = {"xytext": offset, "textcoords": "offset points", "annotation_clip": True}
                    self._ghosts.append(axes.annotate(name, end, **place, **look))

    def show(self, run: Run) -> None:
        """Draw the run's curves, its changes and, where it has gone back to its best point, that point."""
        marked = changes(run) + ([(run.updates, "diverged")] if run.status == "diverged" else [])
        for marks in self._marks:
            marks.show(marked)
        for name, line in self._lines.items():
            if name == "training_loss":
                step = max(1, -(-run.updates // _POINTS))
                line.set_data(np.arange(0, run.updates, step), run.history.get(name, ())[::step])
            else:
                line.set_data(run.history.get("update", ()), run.history.get(name, ()))
        went_back = run.result_point != -1
        is_left = run.result_update < last_update(run) / 2
        for line, label in zip(self._best_lines, self._best_labels, strict=True):
            line.set(visible=went_back, xdata=[run.result_update] * 2)
            label.set(visible=went_back, x=run.result_update, ha="left" if is_left else "right")


def axis_limit(value: float, limits: tuple[float, ...]) -> float:
    """The first of the limits that isn't below the value; beyond the last, a power of ten.

    An axis grows in steps, since with every other end the background has to be drawn again.
    """
    return next((limit for limit in limits if value <= limit), None) or 10 ** math.ceil(math.log10(value))
