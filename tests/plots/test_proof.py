from dataclasses import replace

import pytest

from utils.freezing import WeightChanges
from utils.freezing.proof import LayerChanges
from utils.plots import plot_weight_changes, png
from utils.plots.style import OLD_TASK

ROWS = (
    LayerChanges("net/low", "frozen", "frozen", (), 2, 0.0),
    LayerChanges("net/norm", "frozen", "in part", ("moving_mean",), 4, 0.1),
    LayerChanges("net/head", "trained", "trained", ("kernel", "bias"), 2, 0.2),
)


def texts(page):
    return [text.get_text() for text in page.axes[0].texts]


def test_each_row_says_what_was_believed_listed_and_seen():
    page = plot_weight_changes(WeightChanges(ROWS), "a title")
    shown = texts(page)
    assert shown[:4] == ["a title", "you believed", "Keras said", "bit by bit"]
    low = shown.index("net/low")
    assert shown[low : low + 4] == ["net/low", "frozen", "frozen", "still"]
    assert "✘ you believed it frozen, and it moved" in shown and "only moving_mean" in shown
    marked = [text for text in page.axes[0].texts if "✘" in text.get_text()]
    assert [text.get_color() for text in marked] == [OLD_TASK]
    assert "net/norm: you believed it frozen, and it moved." in page.description
    assert png(page).startswith(b"\x89PNG")


def test_without_a_belief_there_is_no_column_for_it():
    rows = tuple(replace(row, belief="") for row in ROWS)
    page = plot_weight_changes(WeightChanges(rows))
    assert "you believed" not in texts(page)
    assert "No surprise." in page.description


def test_before_the_block_has_ended():
    with pytest.raises(ValueError, match="changes: there are none yet"):
        plot_weight_changes(WeightChanges())


def test_a_long_name_is_written_in_full():
    name = "mobilenetv2_0.35_224/block_13_expand_BN/with_a_long_tail"
    long, low = LayerChanges(name, "frozen", "statistics", (), 2, 0.0), ROWS[0]
    page, usual = plot_weight_changes(WeightChanges((long, low))), plot_weight_changes(WeightChanges((low,)))
    page.canvas.draw()
    written = [text.get_window_extent() for text in page.axes[0].texts if text.get_text() == name]
    assert 0 <= written[0].x0 < written[0].x1 <= page.bbox.width
    assert page.get_size_inches()[0] > usual.get_size_inches()[0]
