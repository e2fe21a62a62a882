"""Curves on the old/new plane: what each strategy trades as its learning rate or λ changes."""

from collections.abc import Mapping

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from utils.checks import check_array, check_mapping, check_names, check_pixels
from utils.measures import mean_interval
from utils.messages import refusal
from utils.plots.page import Page
from utils.plots.race_figure import strategy_look
from utils.plots.style import GRID, INK, OLD_STYLE
from utils.strategies import STRATEGIES

_WANTED = "give titles, each with names and their points, such as {'pair': {'fine-tuning': [(90, 50), (60, 95)]}}"
_LEGEND_ROW, _ENTRY, _MARGIN = 17, 190, 42  # pixels


def plot_trade_offs(
    curves: Mapping[str, Mapping[str, ArrayLike]], pixels: tuple[int, int] = (840, 300)
) -> Page:
    """Draw a pane for each title, and in it a curve for each name: old task to the right, new task upwards.

    Args:
        curves: Title → name → points (old-task accuracy, new-task accuracy) in %, in the order in which they are
            joined; a larger marker shows the first. Where there are such accuracies for each seed, (points, seeds, 2),
            their means are joined, and each has thin lines for its 95% intervals. A strategy looks as it does in all
            figures.
        pixels: Width and height of the figure.
    """
    panes = {
        title: {name: _points(name, points) for name, points in check_mapping("curves", of, _WANTED).items()}
        for title, of in check_mapping("curves", curves, _WANTED).items()
    }
    if not panes or not all(panes.values()):
        raise ValueError(refusal("curves", curves, _WANTED))
    check_names("curves", list(panes))
    page = Page(check_pixels("pixels", pixels))
    width, height = pixels
    names = list(dict.fromkeys(name for of in panes.values() for name in of))
    columns = max(1, width // _ENTRY)
    legend = _LEGEND_ROW * -(-len(names) // columns)
    low, each = legend + 38, (width - _MARGIN * len(panes)) / len(panes)
    for number, (title, of) in enumerate(panes.items()):
        left = _MARGIN + number * (each + _MARGIN)
        axes = page.add_axes((left / width, low / height, (each - 10) / width, (height - low - 24) / height))
        axes.set_title(title, fontsize=9, loc="left", pad=4, color=INK)
        axes.set_xlabel("old task (%)", fontsize=8, labelpad=1, color=INK)
        if not number:
            axes.set_ylabel("new task (%)", fontsize=8, labelpad=1, color=INK)
        axes.tick_params(labelsize=8, length=2, pad=2, colors=INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=GRID, linewidth=0.6)
        for name, points in of.items():
            look, means = _look(name, names), points.mean(axis=1)
            axes.plot(means[:, 0], means[:, 1], markersize=4, linewidth=1.3, **look)
            axes.plot(*means[0], markersize=11, markeredgecolor="white", **look)
            if points.shape[1] > 1:
                old, new = ([mean_interval(seeds).half_width for seeds in points[..., task]] for task in (0, 1))
                axes.errorbar(*means.T, new, old, fmt="none", ecolor=look["color"], elinewidth=0.7, alpha=0.45)
    entries = [Line2D([], [], markersize=5, linewidth=1.3, label=name, **_look(name, names)) for name in names]
    page.legend(
        handles=entries, ncols=columns, loc="lower left", bbox_to_anchor=(0.01, 0), fontsize=8, frameon=False,
        borderaxespad=0.1, handlelength=2.4, columnspacing=1.2, labelspacing=0.25,
    )  # fmt: skip
    page.description = f"Old-task against new-task accuracy of {', '.join(names)}: {'; '.join(panes)}."
    return page


def _points(name, points):
    """Accuracies, (points, seeds, 2); points without seeds are as of one."""
    array = check_array(f"curves: {name}", points, 2, 3, as_type=float, wanted=_WANTED)
    array = array[:, np.newaxis] if array.ndim == 2 else array
    if array.shape[2] != 2 or not np.isfinite(array).all():
        raise ValueError(refusal(f"curves: {name}", points, _WANTED))
    return array


def _look(name, names):
    """The look of a strategy, or of something else by its place among the names."""
    strategies = list(STRATEGIES)
    known = name if name in STRATEGIES else strategies[names.index(name) % len(strategies)]
    color, marker, style = strategy_look(known)
    return {"color": color, "marker": marker, "linestyle": style if style != OLD_STYLE else "--"}
