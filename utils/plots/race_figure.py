"""Several strategies in one figure: their curves, and their paths on the old/new plane. Still or live."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.lines import Line2D

from utils.checks import check_flag, check_list, check_pixels
from utils.measures import mean_interval
from utils.plots.page import Page, stand_still
from utils.plots.style import GRID, INK, OLD_STYLE
from utils.plots.update_axis import last_update
from utils.strategies import STRATEGIES
from utils.training import Run

# Okabe & Ito 2008, without the yellow that vanishes on white, and with Tol's wine (2021) in place of a second blue.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#882255", "#555555")
_COLUMNS, _COLUMN_WIDTH, _LEGEND_ROW = 4, 200, 15  # of the legend: the most columns, and pixels
_NEUTRAL = "#777777"
_MARKERS = "osD^vPX<>phd"  # one for each strategy, which says the same without color


class RaceFigure:
    """A figure that can show the same race later, without being built again.

    Args:
        pixels: Width and height.
        scale: Dots per pixel.
        stacked: Whether the plane is below the curves, where there is little room beside them.

    Attributes:
        figure: The page.
        moving: The artists that change with the runs, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(self, pixels: tuple[int, int] = (840, 360), scale: float = 2, stacked: bool = False):
        self.figure = Page(check_pixels("pixels", pixels), scale)
        self._pixels, self._stacked = pixels, check_flag("stacked", stacked)
        self.moving = []
        self.background_changed = True
        self._background = None  # what the background depends on

    def show(self, runs: Sequence[Run]) -> Page:
        """Bring the figure up to date.

        Args:
            runs: The runs of one race. Those of the latest seed are drawn with their curves, the others by their means.
        """
        runs = check_list("runs", runs, Run, "give a list of runs")
        names = tuple(dict.fromkeys(run.settings.strategy for run in runs))
        latest = {run.settings.strategy: run for run in runs}
        updates = max(map(last_update, latest.values()), default=1)
        ended = [run for run in runs if run.old_accuracy is not None]
        background = names, updates, len(ended)
        self.background_changed = background != self._background
        if self.background_changed:
            self._background = background
            self._build(names, updates, ended)
        for name, (old, new, path, marker) in self._lines.items():
            history = latest[name].history
            if not history or not len(history["update"]):
                continue
            x, y = 100 * history["old_accuracy"], 100 * history["new_accuracy"]
            for line, values in ((old, x), (new, y)):
                line.set_data(history["update"], values)
                line.set_markevery(_marked(len(values), list(self._lines).index(name), len(self._lines)))
            path.set_data(x, y)
            point = latest[name].result_point
            marker.set_data([x[point]], [y[point]])
        return self.figure

    def _build(self, names, updates, ended):
        self.figure.clear()
        self._lines, self.moving = {}, []
        columns = min(_COLUMNS, max(1, self._pixels[0] // _COLUMN_WIDTH))
        legend = _LEGEND_ROW * math.ceil((len(names) + 2 + ("joint training" in names)) / columns) if names else 0
        old, new, plane = (self.figure.add_axes(box) for box in self._boxes(legend))
        for axes, title in (
            (old, "old task: validation accuracy (%)"),
            (new, "new task: validation accuracy (%)"),
            (plane, "new against old task (%)"),
        ):
            axes.set_title(title, fontsize=7.5, loc="left", pad=4, color=INK)
            axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color=GRID, linewidth=0.6)
        for axes in (old, new):
            axes.set(xlim=(0, updates), ylim=(0, 102))
        old.tick_params(labelbottom=False)
        new.set_xlabel("update", fontsize=7, labelpad=1, color=INK)
        plane.set(xlim=(0, 104), ylim=(0, 104))
        plane.set_xlabel("old-task accuracy (%)", fontsize=7, labelpad=1, color=INK)
        plane.set_ylabel("new-task accuracy (%)", fontsize=7, labelpad=1, color=INK)
        plane.plot(100, 100, marker="+", color=INK, markersize=9, clip_on=False, linestyle="none")  # ★: undominated
        plane.annotate("ideal", (100, 100), (104, 104.5), ha="right", va="bottom", fontsize=7, color=INK)
        for name in names:
            self._lines[name] = self._draw_strategy(name, old, new, plane)
        self._draw_results(names, ended, plane)
        if names:  # below all axes, since a curve could run through it
            width, height = self._pixels
            self.figure.legend(
                handles=[*plane.get_legend_handles_labels()[0], *_mark_meanings("joint training" in names)],
                bbox_to_anchor=(20 / width, 0, 1 - 30 / width, legend / height), loc="lower left", mode="expand",
                ncols=columns, fontsize=7, frameon=False, handlelength=3, handletextpad=0.6, columnspacing=0.5,
                labelspacing=0.35, borderpad=0.2, borderaxespad=0,
            )  # fmt: skip

    def _boxes(self, legend):
        """The places of the axes, above a legend that is so high: curves of the old and the new task, and plane."""
        width, height = self._pixels
        left, right, top, bottom, between = 40, 10, 22, 36 + legend, 22  # pixels
        if self._stacked:
            curve = (height - 3 * top - 36 - bottom) / 4
            across = width - left - right
            rows = (top, curve), (2 * top + curve, curve), (3 * top + 36 + 2 * curve, 2 * curve)
            boxes = [(left, down, across, high) for down, high in rows]
        else:
            across = width - 2 * left - right - 16
            curve, high = (height - top - between - bottom) / 2, height - top - bottom
            boxes = [(left, down, 0.53 * across, curve) for down in (top, top + curve + between)]
            boxes.append((left + 0.53 * across + 16 + left, top, 0.47 * across, high))
        return [
            (x / width, 1 - (down + high) / height, across / width, high / height) for x, down, across, high in boxes
        ]

    def _draw_strategy(self, name, old, new, plane):
        color, marker, style = strategy_look(name)
        look = {"color": color, "linestyle": style, "marker": marker, "animated": True, "clip_on": False}
        lines = [axes.plot([], [], linewidth=1.4, markersize=4, **look)[0] for axes in (old, new)]
        lines += plane.plot([], [], color=color, linestyle=style, linewidth=1, alpha=0.7, animated=True)
        lines += plane.plot([], [], color=color, marker=marker, markersize=4, linestyle="none", animated=True)
        plane.plot([], [], color=color, marker=marker, linestyle=style, linewidth=1.4, markersize=5, label=name)
        self.moving += lines
        return lines

    def _draw_results(self, names, ended, plane):
        for name in names:
            by_name = [run for run in ended if run.settings.strategy == name]
            if not by_name:
                continue
            color, marker, _ = strategy_look(name)
            x, y = (_spread(by_name, field) for field in ("old_accuracy", "new_accuracy"))
            plane.errorbar(
                x[0], y[0], xerr=x[1], yerr=y[1], color=color, marker=marker, markersize=8, markeredgecolor="white",
                linewidth=1.5, capsize=3, zorder=4,
            )  # fmt: skip
            if name == "joint training":  # the reference: what the old images make possible
                for draw, mean in ((plane.axvline, x[0]), (plane.axhline, y[0])):
                    draw(mean, color=color, linestyle=":", linewidth=0.9, zorder=1)


def strategy_look(strategy: str) -> tuple:
    """Color, marker and line style of a strategy, the same in every figure; those not in the table share one."""
    names = list(STRATEGIES)
    number = names.index(strategy) if strategy in names else len(names)
    round_number = number // len(_COLORS)
    return _COLORS[number % len(_COLORS)], _MARKERS[number % len(_MARKERS)], ("-", OLD_STYLE, ":")[round_number % 3]


def _marked(points, number, strategies):
    """The points of a curve with a marker: a few, and others than those of the next strategy."""
    step = max(1, points // 4)
    return number * step // max(1, strategies), step


def _mark_meanings(with_joint):
    """What marks on the plane mean, whatever the strategy, for the legend; with the lines of joint training or not."""
    dot = {"color": _NEUTRAL, "marker": "o", "linestyle": "none"}
    meanings = [
        Line2D([], [], markersize=4, label="now (validation)", **dot),
        Line2D([], [], markersize=8, label="result (test)", **dot),
        Line2D([], [], color=_NEUTRAL, linestyle=":", label="result of joint training"),
    ]
    return meanings if with_joint else meanings[:2]


def _spread(runs, field):
    values = [100 * getattr(run, field) for run in runs]
    if len(values) < 2:
        return np.mean(values), None
    spread = mean_interval(values)
    return spread.mean, spread.half_width


def plot_race(runs: Iterable[Run], pixels: tuple[int, int] = (840, 360)) -> Page:
    """Draw the curves and the paths of several runs, a color for each strategy.

    Args:
        runs: The runs; where a strategy has several seeds, their mean is drawn with its 95% interval.
        pixels: Width and height of the figure.
    """
    runs = check_list("runs", runs, Run, "give a list of runs")
    figure = RaceFigure(pixels)
    page = figure.show(runs)
    stand_still(figure)
    names = dict.fromkeys(run.settings.strategy for run in runs)
    page.description = f"A race of {', '.join(names)}: old task against new task."
    return page
