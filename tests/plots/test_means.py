import numpy as np
import pytest

from utils.measures import mean_interval
from utils.plots import plot_means, png
from utils.plots.style import FROZEN, NEW_TASK, OLD_TASK


def bars(axes):
    return [container for container in axes.containers if container.has_yerr]


def test_points_are_means_and_bars_are_intervals():
    seeds = {20: [40.0, 50.0, 60.0], 100: [70.0, 72.0, 77.0]}
    axes = plot_means({"feature extraction": seeds}, "images", "accuracy (%)", log=True).axes[0]
    line, _, (reach,) = bars(axes)[0]
    assert line.get_xydata() == pytest.approx(np.array([(20, 50), (100, 73)]))
    assert line.get_color() == FROZEN
    half = [np.diff(segment[:, 1])[0] / 2 for segment in reach.get_segments()]
    assert half == pytest.approx([mean_interval(values).half_width for values in seeds.values()])
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["20", "100"]


def test_texts_stand_in_the_order_in_which_they_are_met():
    values = {"a": {"conv1": [1.0], "dense": [2.0]}, "b": {"dense": [3.0], "head": [4.0]}}
    axes = plot_means(values, "layer", "moved (%)").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["conv1", "dense", "head"]
    assert [list(container[0].get_xdata()) for container in bars(axes)] == [[0, 1], [1, 2]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_the_tasks_keep_their_colors():
    axes = plot_means({"old task": {1: [1.0]}, "new task": {1: [2.0]}}, "x", "y").axes[0]
    assert [container[0].get_color() for container in bars(axes)] == [OLD_TASK, NEW_TASK]


def test_as_a_picture():
    figure = plot_means({"a": {1: [1.0, 2.0], 2: [3.0, 5.0]}}, "x", "y")
    assert png(figure).startswith(b"\x89PNG")
    assert "y against x: a" in figure.description
