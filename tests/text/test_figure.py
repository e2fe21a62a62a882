"""The pictures of notebook 10: what is drawn is what was given."""

import numpy as np
import pytest

from utils.plots.page import png
from utils.text.comparison import TextRow
from utils.text.figure import plot_text_model, plot_text_rows, plot_two_meanings


def test_two_meanings_are_described_and_drawn():
    page = plot_two_meanings()
    assert "gradients could pass" in page.description and "XGBoost" in page.description
    assert png(page).startswith(b"\x89PNG")


def test_rows_stand_at_their_means():
    rows = [
        TextRow("frozen", {}, (0.6, 0.8), 1.0, 1.0, 3, None, (2, 2, 1, 1, 1)),
        TextRow("encoder fine-tuned", {}, (0.5, 0.52), 1.0, 1.0, 3, (1.0, 2.0)),
    ]
    page = plot_text_rows(rows)
    axes = page.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["encoder fine-tuned", "frozen"]
    means = [container.lines[0].get_xdata()[0] for container in axes.containers]
    assert means == pytest.approx([51, 70])
    assert "frozen 70.0 ± " in page.description
    (texts,) = (line for line in axes.lines if list(line.get_ydata()) == [1, 1])
    assert sum(texts.get_xdata()) / 2 == pytest.approx(70)  # over texts; the other row has no such interval


def test_several_lists_stand_side_by_side():
    row, other = (TextRow("frozen", {}, accuracies, 1.0, 1.0, 3) for accuracies in ((0.6, 0.8), (0.7, 0.9)))
    page = plot_text_rows({"ours": [row], "real": [other]})
    assert [axes.get_title() for axes in page.axes] == ["ours", "real"]
    assert [axes.containers[0].lines[0].get_xdata()[0] for axes in page.axes] == pytest.approx([70, 80])
    with pytest.raises(ValueError, match="the same pipelines"):
        plot_text_rows({"ours": [row], "real": [row, row]})


def test_the_largest_importances_are_drawn_in_order():
    names = [f"f{number}" for number in range(10)]
    page = plot_text_model(np.array([[3, 1], [0, 4]]), ("negative", "positive"), names, np.arange(10.0))
    matrix, bars = page.axes
    assert [text.get_text() for text in matrix.texts] == ["3", "1", "0", "4"]
    assert [label.get_text() for label in bars.get_yticklabels()] == names[2:]
    assert [bar.get_width() for bar in bars.patches] == list(range(2, 10))
    assert page.description.endswith("the most important feature is: f9.")
