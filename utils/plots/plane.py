"""The old/new plane: each run by its accuracy on the old and on the new task."""

from collections.abc import Sequence

from matplotlib.lines import Line2D

from utils.checks import check_names, check_pixels
from utils.messages import refusal
from utils.plots.arguments import check_ended
from utils.plots.labels import free_offsets
from utils.plots.page import Page
from utils.plots.style import FROZEN, GRID, INK, TRAINED
from utils.training import Run

_LEGEND_HEIGHT = 30  # pixels
_POINT = {"marker": "o", "linestyle": "none", "markersize": 6, "markeredgecolor": FROZEN}
_NAME_OFFSETS = ((5, 3), (-9, 3), (5, -8), (-9, -8), (14, 3), (14, -8), (-18, 3), (-18, -8))  # from a point


def best(runs: Sequence[Run]) -> list[bool]:
    """For each run, whether no other is better at one task and at least as good at the other (test images)."""
    runs = check_ended("runs", runs)
    points = [(run.old_accuracy, run.new_accuracy) for run in runs]
    return [not any(q[0] >= p[0] and q[1] >= p[1] and q != p for q in points) for p in points]


def plot_plane(runs: Sequence[Run], names: Sequence[str] | None = None, pixels: tuple[int, int] = (240, 257)) -> Page:
    """Draw each run as a point: old-task accuracy to the right, new-task accuracy upwards.

    The `best` ones are filled, as the legend says; a table may have a star for them.

    Args:
        runs: Runs that have ended.
        names: A label for each point; None for 1, 2, ...
        pixels: Width and height of the figure.
    """
    runs = check_ended("runs", runs)
    if names is not None and len(names := check_names("names", names)) != len(runs):
        raise ValueError(refusal("names", names, f"give a name for each of {len(runs)} runs"))
    figure = Page(check_pixels("pixels", pixels))
    width, height = pixels
    left, low, high = 40 / width, (36 + _LEGEND_HEIGHT) / height, 1 - 22 / height
    axes = figure.add_axes((left, low, 1 - 10 / width - left, high - low))
    axes.set_title("old and new task (test)", fontsize=8, loc="left", pad=4, color=INK)
    axes.set_xlabel("old-task accuracy (%)", fontsize=7, labelpad=1, color=INK)
    axes.set_ylabel("new-task accuracy (%)", fontsize=7, labelpad=1, color=INK)
    axes.set(xlim=(0, 104), ylim=(0, 104))
    axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=GRID, linewidth=0.6)
    axes.plot(100, 100, marker="+", color=INK, markersize=9, clip_on=False, linestyle="none")  # ★: undominated
    axes.annotate("ideal", (100, 100), (104, 104.5), ha="right", va="bottom", fontsize=7, color=INK)
    points = [(100 * run.old_accuracy, 100 * run.new_accuracy) for run in runs]
    labels = names or [str(number) for number in range(1, len(runs) + 1)]
    offsets = free_offsets(axes, points, labels, _NAME_OFFSETS, 8)
    for i, (point, is_best, offset) in enumerate(zip(points, best(runs), offsets, strict=True)):
        axes.plot(*point, markerfacecolor=_fill(is_best), **_POINT)
        if offset:  # where many points are close together, some names are left out
            axes.annotate(labels[i], point, offset, textcoords="offset points", fontsize=8, color=INK)
    looks = [Line2D([], [], markerfacecolor=_fill(is_best), **_POINT) for is_best in (True, False)]
    figure.legend(
        looks, ["★ not beaten by any run", "beaten by another run"], loc="lower left", fontsize=7, frameon=False,
        bbox_to_anchor=(left, 0), borderpad=0.2, borderaxespad=0, handlelength=1, handletextpad=0.5, labelspacing=0.3,
    )  # fmt: skip
    figure.description = f"The old/new plane with {len(runs)} runs."
    return figure


def _fill(is_best):
    return TRAINED if is_best else "white"
