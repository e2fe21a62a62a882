"""The curves of a run, when each layer was frozen, and how far each has moved: one figure, still or live."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.collections import PolyCollection

from utils.plots.labels import free_offsets
from utils.plots.page import Page
from utils.plots.style import (
    FROZEN,
    FROZEN_PALE,
    GRID,
    INK,
    NEW_STYLE,
    NEW_TASK,
    OLD_STYLE,
    OLD_TASK,
    TRAINED,
    TRAINING,
    layer_label,
)
from utils.plots.update_axis import last_update
from utils.plots.words import describe
from utils.training import Run

_LOSS_LIMITS = (1, 2, 3, 5, 8, 12, 20, 40, 100)  # where an axis ends; beyond the last, at a power of ten
_LOWEST_LOSS = 0.01  # of the axis where it's logarithmic
_DRIFT_LIMITS = (0.2, 0.5, 1, 2, 5)
_TITLE = {"fontsize": 7.5, "loc": "left", "pad": 4, "color": INK}
_NAMES_STEP_ASIDE = tuple((1 - 7 * column, 0) for column in range(6))  # a ghost's name, to the left of its end
_POINTS = 400  # of a training-loss curve: more than the picture has pixels would only cost time


class RunFigure:
    """A figure that can be shown another run, or the same run further on, without being built anew.

    pixels: width and height. scale: how many dots make a pixel; 2 for a sharp picture, 1 for a quick one.
    `background_changed` says after `show` whether more than `moving` (the artists drawn over it) has changed.
    """

    def __init__(self, pixels: tuple[int, int] = (640, 300), scale: float = 2):
        self.figure = Page(pixels, scale)
        self.moving = []
        self.background_changed = True
        self._layers = ()
        self._shown = None

    def show(self, run: Run, ghosts: Mapping[str, Run] | None = None) -> Page:
        """Bring the figure up to date. ghosts: runs whose curves stay visible behind, each with a short name."""
        ghosts = ghosts or {}
        if run.layer_names != self._layers:
            self._build(run.layer_names)
        self._show_frame(run, ghosts)
        self._show_curves(run)
        self._show_best(run)
        spans = run.trained_spans()
        self._show_lanes(run, spans)
        self._show_drift(run, spans)
        return self.figure

    # What stays

    def _build(self, layers):
        self.figure.clear()
        self._layers, self._shown, self.moving = layers, None, []
        sides = {"left": 0.088, "right": 0.98, "top": 0.92, "bottom": 0.115}
        curves, bars = self.figure.add_gridspec(1, 2, width_ratios=(2.25, 0.5), wspace=0.22, **sides)
        grid = curves.subgridspec(2, 2, height_ratios=(1, max(0.30, 0.06 * len(layers))), hspace=0.09, wspace=0.24)
        self._loss, self._accuracy = (self.figure.add_subplot(grid[0, i]) for i in (0, 1))
        self._lanes = [
            self.figure.add_subplot(grid[1, i], sharex=axes) for i, axes in ((0, self._loss), (1, self._accuracy))
        ]
        self._bars = self.figure.add_subplot(bars)
        for axes, title in (
            (self._loss, "validation loss"),
            (self._accuracy, "validation accuracy"),
            (self._bars, "layer moved by"),
        ):
            axes.set_title(title, **_TITLE)
        for axes in self.figure.axes:
            axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
            axes.spines[["top", "right"]].set_visible(False)
        for axes in (self._loss, self._accuracy):
            axes.grid(color=GRID, linewidth=0.6)
            axes.tick_params(labelbottom=False)
        self._accuracy.set_ylim(0, 1.02)
        self._accuracy.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        self._build_lanes(layers)
        self._build_bars(layers)
        self._build_curves()

    def _build_curves(self):
        def line(axes, color, style, width, label=None):
            made = axes.plot([], [], color=color, linestyle=style, linewidth=width, label=label, animated=True)[0]
            self.moving.append(made)
            return made

        self._lines = {
            "training_loss": line(self._loss, TRAINING, "-", 0.6),
            "old_loss": line(self._loss, OLD_TASK, OLD_STYLE, 1.6, "old"),
            "new_loss": line(self._loss, NEW_TASK, NEW_STYLE, 1.6, "new"),
            "old_accuracy": line(self._accuracy, OLD_TASK, OLD_STYLE, 1.8, "old"),
            "new_accuracy": line(self._accuracy, NEW_TASK, NEW_STYLE, 1.8, "new"),
        }
        for axes in (self._loss, self._accuracy):  # beside the title: inside, a curve would run through it
            axes.legend(
                loc="lower right", bbox_to_anchor=(1.03, 0.985), ncols=3, fontsize=6.5, frameon=False,
                borderpad=0, handlelength=1.3, handletextpad=0.4, columnspacing=0.7,
            )  # fmt: skip
        self._ghosts = []
        self._best_lines, self._best_words = [], []
        for axes in (self._loss, self._accuracy):
            self._best_lines.append(axes.axvline(0, color=INK, linestyle=":", linewidth=0.9, animated=True))
            word = {"fontsize": 6, "color": INK, "ha": "right", "va": "top", "animated": True}
            self._best_words.append(axes.text(0, 0.6, " best ", transform=axes.get_xaxis_transform(), **word))
        self.moving += [*self._best_lines, *self._best_words]

    def _build_lanes(self, layers):
        self._spans = []
        for axes in self._lanes:
            axes.set_ylim(len(layers) - 0.5, -0.5)
            axes.set_yticks(range(len(layers)), [layer_label(name) for name in layers])
            axes.tick_params(labelsize=6, length=0)
            axes.set_xlabel("update", fontsize=7, labelpad=1, color=INK)
            axes.spines["left"].set_visible(False)
            # Stripes cost more to draw than all the rest: they lie in the background, and what is to come hides them.
            frozen = PolyCollection([], facecolor=FROZEN_PALE, edgecolor=FROZEN, hatch="/////", linewidth=0)
            to_come = PolyCollection([], facecolor="white", edgecolor="none", animated=True)
            trained = PolyCollection([], facecolor=TRAINED, edgecolor="none", animated=True)
            for spans in (frozen, to_come, trained):
                axes.add_collection(spans, autolim=False)
            self.moving += [to_come, trained]
            self._spans.append((frozen, to_come, trained))
        self._lanes[1].tick_params(labelleft=False)

    def _build_bars(self, layers):
        axes = self._bars
        axes.set_ylim(len(layers) - 0.4, -0.6)
        axes.set_yticks(range(len(layers)), [layer_label(name) for name in layers])
        axes.tick_params(axis="y", labelsize=7, length=0)
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("‖change‖ / ‖weights‖", fontsize=7, labelpad=1, color=INK, loc="right")
        # Pale and without stripes: those would be drawn anew in every picture.
        self._bar = list(axes.barh(range(len(layers)), [0] * len(layers), height=0.55, linewidth=0.8, animated=True))
        self.moving += self._bar

    # What moves

    def _show_frame(self, run, ghosts):
        history = run.history
        losses = [history[name] for name in ("old_loss", "new_loss", "training_loss")] if history else []
        losses += [ghost.history[name] for ghost in ghosts.values() for name in ("old_loss", "new_loss")]
        highest = max((float(np.max(known)) for one in losses if len(known := one[np.isfinite(one)])), default=1)
        drift = float(np.max(history["drift"][run.result_point])) if history and len(history["drift"]) else 0
        frame = (
            last_update(run),
            _limit(highest, _LOSS_LIMITS),
            _limit(drift, _DRIFT_LIMITS),
            tuple((name, id(ghost)) for name, ghost in ghosts.items()),
        )
        self.background_changed = frame != self._shown
        if not self.background_changed:
            return
        self._shown = frame
        self._loss.set_xlim(0, frame[0])
        self._accuracy.set_xlim(0, frame[0])
        for frozen, *_ in self._spans:
            frozen.set_verts([_box(row, (0, frame[0])) for row in range(len(self._layers))])
        self._show_loss_axis(frame[1])
        self._bars.set_xlim(0, frame[2])
        ticks = [0, frame[2] / 2] + [frame[2]] * (frame[2] <= _DRIFT_LIMITS[-1])  # a long number needs its room
        self._bars.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        self._show_ghosts(ghosts, frame[0])

    def _show_loss_axis(self, limit):
        huge = limit > _LOSS_LIMITS[-1]  # a curve that comes down again would lie on the axis
        self._loss.set_yscale("log" if huge else "linear")
        self._loss.set_ylim(_LOWEST_LOSS if huge else 0, limit * 1.02)
        self._loss.minorticks_off()
        self._loss.set_title("val. loss (log)" if huge else "validation loss", **_TITLE)

    def _show_ghosts(self, ghosts, updates):
        for artist in self._ghosts:
            artist.remove()
        self._ghosts = []
        for axes, what in ((self._loss, "loss"), (self._accuracy, "accuracy")):
            ends = []
            for task, color, style in (("old", OLD_TASK, OLD_STYLE), ("new", NEW_TASK, NEW_STYLE)):
                for label, ghost in ghosts.items():
                    values = ghost.history["update"], ghost.history[f"{task}_{what}"]
                    self._ghosts += axes.plot(*values, color=color, linestyle=style, linewidth=1, alpha=0.4)
                    if values[0][-1] <= updates:
                        ends.append((label, color, (values[0][-1], values[1][-1])))
            places = free_offsets(axes, [end for *_, end in ends], _NAMES_STEP_ASIDE, (7, 6))
            for (label, color, end), place in zip(ends, places, strict=True):
                if place:  # of very many names some are left out
                    look = {"fontsize": 6, "color": color, "alpha": 0.8, "ha": "right", "va": "bottom"}
                    where = {"xytext": place, "textcoords": "offset points", "annotation_clip": True}
                    self._ghosts.append(axes.annotate(label, end, **where, **look))

    def _show_curves(self, run):
        for name, line in self._lines.items():
            if name == "training_loss":
                every = max(1, -(-run.updates // _POINTS))
                line.set_data(np.arange(0, run.updates, every), run.history.get(name, ())[::every])
            else:
                line.set_data(run.history.get("update", ()), run.history.get(name, ()))

    def _show_best(self, run):
        """Where the run went back to, once it has ended."""
        went_back = run.result_point != -1
        for line, word in zip(self._best_lines, self._best_words, strict=True):
            line.set(visible=went_back, xdata=[run.result_update] * 2)
            left = run.result_update < last_update(run) / 2
            word.set(visible=went_back, x=run.result_update, ha="left" if left else "right")

    def _show_lanes(self, run, spans):
        boxes = [_box(row, span) for row, name in enumerate(self._layers) for span in spans[name]]
        now, end, bottom = run.updates, 2 * run.settings.updates, len(self._layers)
        for _, to_come, learning in self._spans:
            to_come.set_verts([[(now, -1), (end, -1), (end, bottom), (now, bottom)]])
            learning.set_verts(boxes)

    def _show_drift(self, run, spans):
        drift = run.history.get("drift", ())
        moved = drift[run.result_point] if len(drift) else [0] * len(self._bar)
        for bar, value, name in zip(self._bar, moved, self._layers, strict=True):
            trains = spans[name] and spans[name][-1][1] == run.updates
            bar.set_width(value)
            bar.set_facecolor(TRAINED if trains else FROZEN_PALE)
            bar.set_edgecolor(TRAINED if trains else FROZEN)


def _limit(value, limits):
    """The end of an axis: it grows in steps, since every other end means to draw the background anew."""
    fitting = [limit for limit in limits if value <= limit]
    return fitting[0] if fitting else 10 ** math.ceil(math.log10(value))


def _box(row, span):
    top, bottom = row - 0.36, row + 0.36
    return [(span[0], top), (span[1], top), (span[1], bottom), (span[0], bottom)]


def plot_run(run: Run, ghosts: Mapping[str, Run] | None = None, pixels: tuple[int, int] = (760, 320)) -> Page:
    """The curves of a run beside those of others, when each layer was frozen (striped) and how far it has moved.

    The bar of a layer is orange where it trained to the end, and pale blue where it was frozen at last.

    ghosts: the others, each with a short name. pixels: width and height of the figure.
    """
    made = RunFigure(pixels)
    made.show(run, ghosts)
    frozen_in_place(made)
    made.figure.description = f"Curves of a run. {describe(run)}"
    return made.figure


def frozen_in_place(made: RunFigure) -> Page:
    """The figure as a picture that stands still, what moves among the rest."""
    for artist in made.moving:
        artist.set_animated(False)
    return made.figure
