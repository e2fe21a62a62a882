"""What was changed during a run: in words, and as marks on the curves."""

from dataclasses import replace

import numpy as np

from tests.plots.made_runs import LAYERS, made_run
from utils.freezing.fit_record import FitPlan, FitRecord
from utils.plots import RunFigure, describe
from utils.plots.changes import changes, trained_for_a_while

ALL = ["conv1", "conv2", "conv3", "dense", "old_head", "new_head"]
EVENTS = [
    (10, {"trained_layers": ALL[2:]}),
    (20, {"trained_layers": [], "learning_rate": 0.01}),
    (21, {"old_loss_weight": 2.0, "temperature": 4.0}),
    (30, {"trained_layers": ["conv1"]}),
]


def run(**options):
    return made_run(updates=40, every=10, strategy="learning without forgetting", events=EVENTS, **options)


def labels(figure):
    """The words beside the marks, by update."""
    texts = [text for text in figure.axes[0].texts if text.get_text().strip() not in ("", "best")]
    return {text.get_position()[0]: text.get_text() for text in texts}


def test_every_change_is_told_in_order():
    assert changes(run()) == [
        (10, "conv1 and conv2 frozen"),
        (20, "4 layers frozen, rate 0.01"),
        (21, "λ 2, T 4"),
        (30, "conv1 unfrozen"),
    ]
    assert changes(made_run(updates=40, warm_up=15)) == [(15, "4 layers unfrozen")]
    assert changes(made_run()) == []


def test_layers_that_trained_for_a_while_are_told_with_their_updates():
    assert trained_for_a_while(run()) == [("conv2", 10), ("5 layers", 20)]
    assert "of the weights trained, conv2 for only 10 and 5 layers for only 20 updates (40 updates" in describe(run())
    assert trained_for_a_while(made_run()) == []


def test_marks_lie_where_the_changes_were_and_labels_of_neighbors_are_joined():
    figure = RunFigure().show(run())
    for axes in figure.axes[:2]:
        (marks,) = [lines for lines in axes.collections if len(lines.get_segments()) == 4]
        assert [segment[0][0] for segment in marks.get_segments()] == [10, 20, 21, 30]
    assert labels(figure) == {
        10: "conv1 and conv2 frozen",
        21: "4 layers frozen, rate 0.01, λ 2, T 4",
        30: "conv1 unfrozen",
    }


def test_where_a_run_diverged_is_marked():
    assert labels(RunFigure().show(replace(made_run(updates=30), status="diverged"))) == {30: "diverged"}


def test_a_label_of_very_many_neighbors_is_short():
    flips = [(n, {"learning_rate": 0.001 * n}) for n in range(2, 31)]
    assert labels(RunFigure().show(made_run(updates=60, events=flips))) == {30: "29 changes"}


def test_of_very_many_changes_the_latest_are_labeled():
    flips = [(5 * n, {"learning_rate": 0.001 * n}) for n in range(1, 12)]
    figure = RunFigure().show(made_run(updates=60, events=flips))
    assert labels(figure) == {5 * n: f"rate {0.001 * n:g}" for n in range(6, 12)}


def test_a_frozen_layers_bar_stands_still_whatever_the_others_do():
    """On the screen, too, and a mark shows how far it had moved when it was frozen."""
    shown, seen = RunFigure(), []
    for far in (0.1, 1.0, 9.0):
        frozen = made_run(updates=40, every=10, events=[(20, {"trained_layers": ["new_head"]})], ended=False)
        drift = frozen.history["drift"]
        drift[2:, :5] = drift[2, :5]
        drift[3:, 5] = far
        figure = shown.show(frozen)
        bars, (mark,) = figure.axes[4].patches, figure.axes[4].lines
        ends = [bar.get_window_extent(figure.canvas.get_renderer()).x1 for bar in bars]
        seen.append(ends[:5])
        assert figure.axes[4].transData.transform((10, 0))[0] > ends[5] > max(ends[:5])
        assert np.array_equal(mark.get_xdata(), drift[2, :4]) and list(mark.get_ydata()) == [0, 1, 2, 3]
    assert seen[0] == seen[1] == seen[2]


def test_a_mark_is_left_out_where_it_would_show_something_else():
    """Where the layer trained again before the next point, and beyond the point whose weights count."""
    again = [(11, {"trained_layers": ["new_head"]}), (13, {"trained_layers": list(LAYERS)})]
    assert len(RunFigure().show(made_run(updates=40, every=10, events=again)).axes[4].lines[0].get_xdata()) == 0
    frozen = made_run(updates=40, every=10, events=[(25, {"trained_layers": ["new_head"]})], patience=5)
    frozen.history["new_loss"][1] = 0  # the best point
    assert len(RunFigure().show(frozen).axes[4].lines[0].get_xdata()) == 0


def test_a_bar_that_goes_beyond_the_axis_has_its_number():
    far = made_run(updates=40, every=10)
    far.history["drift"][-1] = [0.1, 50, 0.1, 12.34, 0, 10]
    texts = [text.get_text() for text in RunFigure().show(far).axes[4].texts]
    assert texts == ["", "50", "", "12.3", "", ""]


def test_what_was_changed_before_the_first_update_counts():
    before = [(0, {"learning_rate": 0.1, "trained_layers": ["dense", "new_head"]})]
    assert changes(made_run(updates=40, events=before)) == [(0, "3 layers frozen, rate 0.1")]
    assert changes(made_run(updates=0, events=before, ended=False)) == []


def test_a_fit_has_changes_of_its_layers():
    history = {"update": np.array([6]), "drift": np.zeros((1, 2)), "training_loss": np.zeros(12)}
    record = FitRecord(FitPlan(12), ("base", "head"), history, {"base": [(0, 6)], "head": [(0, 12)]})
    assert changes(record) == [(6, "base frozen")]
