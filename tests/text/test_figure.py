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
        TextRow("frozen", {}, (0.6, 0.8), 1.0, 1.0, 3),
        TextRow("encoder fine-tuned", {}, (0.5, 0.52), 1.0, 1.0, 3, (1.0, 2.0)),
    ]
    page = plot_text_rows(rows)
    axes = page.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["encoder fine-tuned", "frozen"]
    means = [container.lines[0].get_xdata()[0] for container in axes.containers]
    assert means == pytest.approx([51, 70])
    assert "frozen 70.0 ± " in page.description


def test_the_largest_importances_are_drawn_in_order():
    names = [f"f{number}" for number in range(10)]
    page = plot_text_model(np.array([[3, 1], [0, 4]]), ("negative", "positive"), names, np.arange(10.0))
    matrix, bars = page.axes
    assert [text.get_text() for text in matrix.texts] == ["3", "1", "0", "4"]
    assert [label.get_text() for label in bars.get_yticklabels()] == names[2:]
    assert [bar.get_width() for bar in bars.patches] == list(range(2, 10))
    assert page.description.endswith("the most important feature is: f9.")
