"""Examples of the tasks."""

import numpy as np

from utils.checks import check_kind, check_whole_number
from utils.plots.page import Page
from utils.plots.style import CLASS_LOOKS, INK
from utils.tasks import Task, TaskPair

_MOST_COLUMNS = 40


def plot_examples(pair: TaskPair, columns: int = 10) -> Page:
    """Draw a row of training images of the old task above a row of the new one's, one of each class in turn.

    Tasks in the plane are drawn as points, side by side.

    Args:
        pair: The tasks.
        columns: The number of images in a row.
    """
    check_kind("pair", pair, TaskPair, "give a TaskPair")
    columns = check_whole_number("columns", columns, 1, _MOST_COLUMNS)
    if len(pair.old.input_shape) == 1:
        return _plot_points(pair)
    figure = Page((76 * columns, 200))
    grid = figure.subplots(2, columns, squeeze=False)
    for row, (label, task) in zip(grid, (("old task", pair.old), ("new task", pair.new)), strict=True):
        black, white = task.values
        for axes, (image, name) in zip(row, _in_turn(task, columns), strict=True):
            axes.imshow(image[..., 0], cmap="gray", vmin=black, vmax=white)
            axes.set_title(name, fontsize=7, pad=2, color=INK)
            axes.set_axis_off()
        row[0].text(-0.15, 0.5, label, fontsize=8, rotation=90, va="center", ha="right", transform=row[0].transAxes)
    figure.subplots_adjust(left=0.04, right=0.995, top=0.93, bottom=0.01, wspace=0.08, hspace=0.15)
    figure.description = f"Images. Old task: {', '.join(pair.old.class_names)}; new: {', '.join(pair.new.class_names)}."
    return figure


def _plot_points(pair, most=300):
    figure = Page((520, 270))
    grid = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, (label, task) in zip(grid, (("old task", pair.old), ("new task", pair.new)), strict=True):
        x, y = task.x_train[:most], task.y_train[:most]
        for number, (marker, color) in enumerate(CLASS_LOOKS):
            axes.plot(*x[y == number].T, marker, markersize=3, color=color, label=task.class_names[number])
        axes.set_title(label, fontsize=8, loc="left", pad=4, color=INK)
        axes.legend(loc="lower left", bbox_to_anchor=(0.35, 0.98), ncols=2, fontsize=6.5, frameon=False, handlelength=1)
        axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
        axes.set_aspect("equal")
    figure.subplots_adjust(left=0.07, right=0.99, top=0.9, bottom=0.08, wspace=0.08)
    figure.description = f"Points in the plane. Old task: {pair.old.name}; new: {pair.new.name}."
    return figure


def _in_turn(task: Task, count):
    """`count` training images with their class, the classes in turn."""
    positions = [np.flatnonzero(task.y_train == label) for label in range(task.classes)]
    for i in range(count):
        label = i % task.classes
        yield task.x_train[positions[label][i // task.classes]], task.class_names[label]
