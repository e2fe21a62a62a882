import io

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from tests.plots.made_runs import with_accuracies
from utils.plots import best, plot_plane, png
from utils.plots.style import TRAINED


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], []),
        ([(0.2, 0.2)], [True]),
        ([(0.9, 0.3), (0.3, 0.9)], [True, True]),  # each better at one task
        ([(0.9, 0.3), (0.3, 0.9), (0.3, 0.3)], [True, True, False]),
        ([(0.9, 0.3), (0.9, 0.4)], [False, True]),  # as good at one, worse at the other
        ([(0.8, 0.4), (0.9, 0.4)], [False, True]),
        ([(0.5, 0.5), (0.5, 0.5)], [True, True]),  # twice the same: neither beats the other
        ([(0.5, 0.5), (0.5, 0.5), (0.6, 0.5)], [False, False, True]),
        ([(0.1, 0.9), (0.5, 0.5), (0.9, 0.1), (0.4, 0.5), (0.5, 0.4), (0.09, 0.9)], [True] * 3 + [False] * 3),
    ],
)
def test_best(points, expected):
    assert best([with_accuracies(*point) for point in points]) == expected


def legend(axes):
    (found,) = axes.figure.legends
    return zip(found.get_texts(), found.legend_handles, strict=True)


def test_points_stand_at_their_accuracies():
    runs = [with_accuracies(0.964, 0.618), with_accuracies(0.223, 0.861), with_accuracies(0.2, 0.6)]
    axes = plot_plane(runs, ["1", "2", "7"]).axes[0]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    accuracies = [(96.4, 61.8), (22.3, 86.1), (20, 60)]
    assert np.array([point.get_xydata()[0] for point in points]) == pytest.approx(np.array(accuracies))
    filled = [to_hex(point.get_markerfacecolor()).upper() for point in points]
    assert filled == [TRAINED, TRAINED, "#FFFFFF"]  # the last is worse at both than the second
    beside = {text.get_text(): text.xy for text in axes.texts}
    assert list(beside) == ["ideal", "1", "2", "7"]
    assert np.array(list(beside.values())) == pytest.approx(np.array([(100, 100), *accuracies]))
    words = {text.get_text(): mark for text, mark in legend(axes)}
    assert [word.startswith("★") for word in words] == [True, False]
    assert [to_hex(mark.get_markerfacecolor()).upper() for mark in words.values()] == [TRAINED, "#FFFFFF"]
    for x, y in beside.values():
        assert axes.get_xlim()[0] <= x <= axes.get_xlim()[1] and axes.get_ylim()[0] <= y <= axes.get_ylim()[1]


def test_points_are_numbered_from_one_without_names():
    axes = plot_plane([with_accuracies(0.5, 0.5), with_accuracies(0.6, 0.6)]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["ideal", "1", "2"]


def test_as_a_picture():
    picture = Image.open(io.BytesIO(png(plot_plane([with_accuracies(0.5, 0.5)], pixels=(240, 225)))))
    assert picture.format == "PNG" and picture.width >= 240 and picture.width * 225 == picture.height * 240
    empty = Image.open(io.BytesIO(png(plot_plane([], pixels=(240, 225)))))
    assert np.any(np.asarray(picture.convert("RGB")) != np.asarray(empty.convert("RGB")))


def test_names_of_runs_that_end_alike_lie_side_by_side():
    axes = plot_plane([with_accuracies(0.5, 0.5 + 0.001 * n) for n in range(8)]).axes[0]
    names = [text for text in axes.texts if text.get_text() != "ideal"]
    assert [text.get_text() for text in names] == [str(n) for n in range(1, 9)]
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in names]
    assert not any(box.overlaps(other) for n, box in enumerate(boxes) for other in boxes[:n])
