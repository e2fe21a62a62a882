"""Curves on the old/new plane."""

import numpy as np
import pytest

from utils.measures import mean_interval
from utils.plots import plot_trade_offs
from utils.plots.race_figure import strategy_look

CURVES = {
    "one pair": {"fine-tuning": [(90, 50), (60, 95)], "joint training": [(90, 80), (91, 96)]},
    "another": {"fine-tuning": [(70, 40)], "mine": [(50, 50), (55, 60), (65, 61)]},
}


def test_each_pane_has_a_curve_for_each_name():
    page = plot_trade_offs(CURVES)
    assert [axes.get_title(loc="left") for axes in page.axes] == list(CURVES)
    for axes, curves in zip(page.axes, CURVES.values(), strict=True):
        joined, firsts = axes.lines[::2], axes.lines[1::2]
        assert [line.get_xydata().tolist() for line in joined] == [
            list(map(list, points)) for points in curves.values()
        ]
        assert [line.get_xydata().tolist() for line in firsts] == [[list(points[0])] for points in curves.values()]
        assert [first.get_markersize() > line.get_markersize() for line, first in zip(joined, firsts, strict=True)]
    assert page.axes[0].lines[0].get_color() == strategy_look("fine-tuning")[0] == page.axes[1].lines[0].get_color()
    (legend,) = page.legends
    assert [text.get_text() for text in legend.get_texts()] == ["fine-tuning", "joint training", "mine"]


def test_seeds_are_drawn_as_a_mean_with_its_intervals():
    seeds = np.array([[(90, 50), (92, 54), (88, 52)], [(60, 90), (70, 96), (65, 93)]], float)
    (axes,) = plot_trade_offs({"one pair": {"fine-tuning": seeds}}).axes
    assert axes.lines[0].get_xydata().tolist() == [[90, 52], [65, 93]]
    across, up = (
        [segment for container in axes.collections[task : task + 1] for segment in container.get_segments()]
        for task in (0, 1)
    )
    for lines, task in ((across, 0), (up, 1)):
        for line, of_point in zip(lines, seeds[..., task], strict=True):
            spread = mean_interval(of_point)
            ends = [spread.mean - spread.half_width, spread.mean + spread.half_width]
            assert line[:, task].tolist() == pytest.approx(ends)


@pytest.mark.parametrize(
    "wrong", [{}, {"a": {}}, *({"a": {"b": points}} for points in ([1, 2], [], [(1, 2, 3)], [(1, np.nan)]))]
)
def test_what_is_no_curve_is_refused(wrong):
    with pytest.raises(ValueError, match="curves"):
        plot_trade_offs(wrong)
