"""The pictures of notebook 11: what is drawn is what was given."""

import numpy as np
import pytest

from tests.plots.made_runs import made_run
from utils.plots.page import png
from utils.plots.photo_figure import plot_confusions, plot_photos, plot_stages
from utils.tasks.patches import patches


@pytest.mark.slow
def test_photographs_with_their_captions():
    x = patches("new").x_test[:5]
    page = plot_photos(x, ["a", "b", "c\nd", "e", "f"], columns=2)
    shown = [axes for axes in page.axes if axes.images]
    assert len(page.axes) == 6 and [axes.get_title() for axes in shown] == ["a", "b", "c\nd", "e", "f"]
    assert (shown[3].images[0].get_array() == x[3].astype(np.uint8)).all()
    assert page.description == "Photographs: a, b, c d, e, f." and png(page).startswith(b"\x89PNG")


def test_captions_stand_within_the_page():
    page = plot_photos(patches("new").x_test[:4], ["one\ntwo"] * 4, columns=2)
    page.canvas.draw()
    boxes = [axes.title.get_window_extent() for axes in page.axes]
    height = page.canvas.get_width_height()[1]
    assert all(box.y0 >= 0 and box.y1 <= height for box in boxes)
    below = page.axes[0].images[0].get_window_extent()
    assert below.y0 > boxes[2].y1  # the second row's captions lie below the first row's pictures


def test_a_caption_for_each():
    with pytest.raises(ValueError, match="2 images and captions="):
        plot_photos(patches("new").x_test[:2], ["one"])
    with pytest.raises(ValueError, match=r"shapes \[\]"):
        plot_photos(patches("new").x_test[:0], [])


def test_a_line_where_fine_tuning_starts():
    result = made_run(warm_up=20)
    page = plot_stages(result, "old answers")
    new, old, line = page.axes[0].lines
    assert new.get_ydata() == pytest.approx(100 * result.history["new_accuracy"])
    assert old.get_ydata() == pytest.approx(100 * result.history["old_accuracy"]) and old.get_label() == "old answers"
    assert set(line.get_xdata()) == {20} and "fine-tuning starts at update 20" in page.description


def test_confusions_in_shares_of_their_row():
    counts = np.array([[3, 1], [0, 2]])
    page = plot_confusions({"before": counts, "after": np.array([[4, 0], [0, 0]])}, ["cat", "dog"])
    first, second = page.axes
    assert first.images[0].get_array().tolist() == [[75, 25], [0, 100]]
    assert [text.get_text() for text in first.texts] == ["75", "25", "100"]
    assert [text.get_text() for text in second.texts] == ["100"]  # nothing was shown of a class: no division by zero
    assert [label.get_text() for label in first.get_yticklabels()] == ["cat", "dog"]
    assert page.description == "Confusion matrices, share of correct predictions: before 83%, after 100%."
