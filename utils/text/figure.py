"""Figures for texts: two meanings of feature extraction, pipelines with their intervals, and a model's importances."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from utils.checks import check_array, check_flag, check_list, check_names, check_number
from utils.messages import refusal
from utils.plots.arguments import check_confusion
from utils.plots.page import Page
from utils.plots.style import FROZEN, FROZEN_PALE, GRID, INK, NEW_TASK, TRAINED, TRAINED_PALE
from utils.text.comparison import TextRow

_SMALL = 8
_MARKERS = {FROZEN: "o", TRAINED: "s", NEW_TASK: "^"}
_CAPTION = "test accuracy (%), mean of the seeds; 95% intervals: thick over seeds, thin over texts; dotted: guessing"


def plot_two_meanings() -> Page:
    """Draw a frozen backbone inside one network beside a model whose outputs are inputs of another model."""
    page = Page((840, 300))
    left, right = (page.add_axes((x, 0.02, 0.46, 0.96)) for x in (0.01, 0.53))
    for axes, title in ((left, "1. Inside one network"), (right, "2. From one model into another")):
        axes.set(xlim=(0, 10), ylim=(0, 10))
        axes.set_axis_off()
        axes.set_title(title, fontsize=11, color=INK, y=0.92)
    _box(left, (3.2, 0.6), "text", "white")
    _box(left, (3.2, 3.4), "encoder\nfrozen", FROZEN_PALE, FROZEN)
    _box(left, (3.2, 6.6), "new head\ntrained", TRAINED_PALE, TRAINED)
    for low, high in ((2.3, 3.2), (5.1, 6.4)):
        _arrow(left, (4.9, low), (4.9, high))
    _arrow(left, (7.0, 7.2), (7.0, 5.6), TRAINED)
    left.text(7.2, 6.1, "gradients could pass here:\nunfreeze, and it is fine-tuning", fontsize=_SMALL, color=INK)
    _box(right, (3.2, 0.6), "text", "white")
    _box(right, (0.3, 3.4), "encoder\nfrozen", FROZEN_PALE, FROZEN)
    _box(right, (6.1, 3.4), "word count, …\nnothing to learn", "white")
    _box(right, (3.2, 6.6), "XGBoost\ntrained", TRAINED_PALE, TRAINED)
    _arrow(right, (4.2, 2.3), (2.6, 3.2))
    _arrow(right, (5.6, 2.3), (7.2, 3.2))
    _arrow(right, (2.3, 5.1), (3.9, 6.4))
    _arrow(right, (7.5, 5.1), (5.9, 6.4))
    right.text(4.9, 5.35, "numbers only,\nno gradient", fontsize=_SMALL, color=INK, ha="center", va="center")
    page.description = (
        "Two meanings of feature extraction. Left: a frozen encoder and a trained head in one network, through which "
        "gradients could pass. Right: the encoder's vector and simple statistics are inputs of another model, XGBoost; "
        "numbers pass, gradients don't."
    )
    return page


def plot_text_rows(rows: Sequence[TextRow] | Mapping[str, Sequence[TextRow]], guessing: float = 50.0) -> Page:
    """Draw the test accuracies of pipelines with their 95% intervals: thick over seeds, thin over test texts.

    Args:
        rows: The measured pipelines, from top to bottom; or several such lists by their titles, drawn side by side,
            with the same pipelines in the same order.
        guessing: The accuracy of guessing, in %.

    Returns:
        The figure.
    """
    lists = rows if isinstance(rows, Mapping) else {"": rows}
    lists = {title: check_list("rows", each, TextRow, "give a list of TextRow", 1) for title, each in lists.items()}
    if not lists or len({tuple(row.name for row in each) for each in lists.values()}) > 1:
        raise ValueError(refusal("rows", rows, "give the same pipelines, in the same order, under each title"))
    guessing = check_number("guessing", guessing, 0, 100)
    names = [row.name for row in next(iter(lists.values()))]
    height = 84 + 26 * len(names) + 22 * any(lists)
    page = Page((840, height))
    left, gap = 0.29, 0.02
    width = (0.98 - left - gap * (len(lists) - 1)) / len(lists)
    for number, (title, each) in enumerate(lists.items()):
        axes = page.add_axes((left + number * (width + gap), 66 / height, width, (26 * len(names)) / height))
        _draw_rows(axes, each, guessing)
        axes.set_title(title, fontsize=9, color=INK)
        axes.set_yticks(range(len(names)), names[::-1] if number == 0 else [""] * len(names))
    looks = {"encoder frozen": FROZEN, "encoder fine-tuned": TRAINED, "no encoder": NEW_TASK}
    marks = [Line2D([], [], color=look, marker=_MARKERS[look], linewidth=3, markersize=5) for look in looks.values()]
    page.legend(marks, looks, loc="lower right", ncols=3, fontsize=_SMALL, frameon=False, bbox_to_anchor=(0.99, 0))
    page.text(left, 36 / height, _CAPTION, fontsize=_SMALL, color=INK)
    accuracies = [
        f"{title + ': ' if title else ''}" + ", ".join(f"{row.name} {row.accuracy}%" for row in each)
        for title, each in lists.items()
    ]
    page.description = f"Test accuracies. {'; '.join(accuracies)}."
    return page


def plot_text_model(
    confusion: np.ndarray,
    class_names: Sequence[str],
    names: Sequence[str],
    importances: np.ndarray,
    scale: float = 2,
    stacked: bool = False,
) -> Page:
    """Draw a confusion matrix, and the importance of each feature.

    Args:
        confusion: Counts of (true, predicted), of shape (classes, classes).
        class_names: The names of the classes.
        names: The names of the features.
        importances: The importance of each feature in points of accuracy, (features,); the largest eight are drawn.
        scale: Pixels of the picture per pixel on the page.
        stacked: Whether the importances are below the matrix, where there is little room beside it.

    Returns:
        The figure.
    """
    class_names, names = check_names("class_names", class_names, 2), check_names("names", names, 1)
    confusion = check_confusion("confusion", confusion, len(class_names))
    importances = check_array("importances", importances, 1)
    if len(importances) != len(names):
        shape = f"importances have the shape {importances.shape}, and names are {len(names)}"
        raise ValueError(f"{shape}: give one to each.")
    matrix, beside, size = (0.1, 0.2, 0.22, 0.68), (0.55, 0.2, 0.42, 0.68), (840, 230)
    if check_flag("stacked", stacked):
        matrix, beside, size = (0.3, 0.6, 0.4, 0.34), (0.34, 0.09, 0.62, 0.37), (560, 480)
    page = Page(size, scale)
    axes = page.add_axes(matrix)
    axes.imshow(confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1.6)
    for true, predicted in np.ndindex(confusion.shape):
        axes.text(predicted, true, f"{confusion[true, predicted]:,}", ha="center", va="center", fontsize=10, color=INK)
    axes.set_xticks(range(len(class_names)), class_names)
    axes.set_yticks(range(len(class_names)), class_names, rotation=90, va="center")
    axes.tick_params(labelsize=_SMALL, length=0, colors=INK)
    axes.set_xlabel("what the model says", fontsize=_SMALL, color=INK)
    axes.set_ylabel("what is right", fontsize=_SMALL, color=INK)
    axes.set_title("validation texts", fontsize=9, color=INK)
    bars = page.add_axes(beside)
    order = np.argsort(importances)[::-1][:8][::-1]
    bars.barh(range(len(order)), np.asarray(importances)[order], color=FROZEN, height=0.6)
    bars.set_yticks(range(len(order)), [names[number] for number in order])
    bars.axvline(0, color=INK, linewidth=0.8)
    bars.set_xlabel("accuracy lost when this feature is shuffled (points)", fontsize=_SMALL, color=INK)
    bars.set_title("importance", fontsize=9, color=INK)
    _plain(bars)
    top = names[order[-1]] if len(order) else "none"
    page.description = f"Confusion matrix {confusion.tolist()}; the most important feature is: {top}."
    return page


def _draw_rows(axes, rows, guessing):
    for place, row in enumerate(reversed(rows)):
        color = TRAINED if "tuned" in row.name else FROZEN if "vector" in row.name else NEW_TASK
        seeds, texts = row.accuracy, row.accuracy_over_texts
        if texts is not None:  # in ink and above the other, so that it's seen where it is the narrower one
            ends = [texts.mean - texts.half_width, texts.mean + texts.half_width]
            axes.plot(ends, [place] * 2, color=INK, lw=1, marker="|", markersize=5, zorder=3)
        look = {"color": color, "elinewidth": 4, "markersize": 6, "markeredgecolor": "white", "zorder": 4}
        axes.errorbar(seeds.mean, place, xerr=seeds.half_width, fmt=_MARKERS[color], **look)
        axes.annotate(f"{seeds.mean:.1f}", (seeds.mean, place), (0, 5), textcoords="offset points", ha="center",
                      fontsize=_SMALL - 1, color=INK)  # fmt: skip
    axes.axvline(guessing, color=INK, linewidth=0.8, linestyle=":")
    axes.set_ylim(-0.5, len(rows) - 0.3)
    axes.set_xlim(min(guessing, 50) - 7, 100)
    _plain(axes)


def _box(axes, corner, text, face, edge=INK):
    axes.add_patch(
        FancyBboxPatch(corner, 3.5, 1.5, "round,pad=0.15", facecolor=face, edgecolor=edge, linewidth=1.4,
                       hatch="//" if face == FROZEN_PALE else None)
    )  # fmt: skip
    axes.text(corner[0] + 1.75, corner[1] + 0.75, text, ha="center", va="center", fontsize=9, color=INK,
              bbox={"facecolor": face, "edgecolor": "none", "pad": 1})  # fmt: skip


def _arrow(axes, start, end, color=INK):
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color=color, linewidth=1.4))


def _plain(axes):
    axes.tick_params(labelsize=_SMALL, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
