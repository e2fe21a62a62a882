from dataclasses import replace

import numpy as np
import pytest

from tests.plots.made_runs import made_run
from utils.measures import mean_interval
from utils.plots import LivePicture, RaceFigure, plot_answers, plot_plane, plot_race
from utils.plots.race_figure import strategy_look
from utils.strategies import STRATEGIES

NAMES = ("feature extraction", "fine-tuning", "joint training")


def runs(seeds=1, ended=True):
    return [
        made_run(strategy=name, level=0.9 - 0.2 * i + 0.01 * seed, seed=seed, ended=ended)
        for seed in range(seeds)
        for i, name in enumerate(NAMES)
    ]


def look(line):
    return line.get_color(), line.get_marker(), line.get_linestyle()


def legend(figure):
    (found,) = figure.legends
    return {text.get_text(): mark for text, mark in zip(found.get_texts(), found.legend_handles, strict=True)}


def lines(axes, color):
    return [line for line in axes.lines if line.get_color() == color]


def test_curves_and_paths_are_the_latest_seeds():
    made = runs(seeds=2)
    old, new, plane = plot_race(made).axes
    for run in made[len(NAMES) :]:
        color = strategy_look(run.settings.strategy)[0]
        history = run.history
        np.testing.assert_array_equal(lines(old, color)[0].get_xdata(), history["update"])
        np.testing.assert_array_equal(lines(old, color)[0].get_ydata(), 100 * history["old_accuracy"])
        np.testing.assert_array_equal(lines(new, color)[0].get_data()[1], 100 * history["new_accuracy"])
        path, place = lines(plane, color)[:2]
        np.testing.assert_array_equal(path.get_data(), (100 * history["old_accuracy"], 100 * history["new_accuracy"]))
        assert place.get_xdata() == path.get_xdata()[-1]
    assert list(legend(plane.figure))[: len(NAMES)] == list(NAMES)


def test_several_seeds_are_told_with_their_interval():
    made = runs(seeds=3)
    plane = plot_race(made).axes[2]
    for name in NAMES:
        wanted = mean_interval([100 * run.old_accuracy for run in made if run.settings.strategy == name])
        (bars,) = (c for c in plane.containers if c.lines[0].get_color() == strategy_look(name)[0])
        assert bars.lines[0].get_xdata() == pytest.approx([wanted.mean])
        segment = bars.lines[2][0].get_segments()[0][:, 0]
        assert segment == pytest.approx([wanted.mean - wanted.half_width, wanted.mean + wanted.half_width])


def test_one_seed_has_no_interval_and_no_run_no_end():
    assert all(len(bars.lines[2]) == 0 for bars in plot_race(runs()).axes[2].containers)
    assert plot_race(runs(ended=False)).axes[2].containers == []
    assert plot_race([]).legends == []


def test_the_joint_reference_is_where_joint_training_ended():
    dotted = [line for line in plot_race(runs()).axes[2].lines if line.get_linestyle() == ":"]
    joint = runs()[2]
    assert {line.get_xdata()[0] for line in dotted} | {line.get_ydata()[0] for line in dotted} >= {
        100 * joint.old_accuracy, 100 * joint.new_accuracy
    }  # fmt: skip
    without = plot_race(runs()[:2]).axes[2]
    assert not [line for line in without.lines if line.get_linestyle() == ":"]


def test_every_strategy_looks_different():
    looks = [strategy_look(name) for name in STRATEGIES]
    assert len({marker for _, marker, _ in looks}) == len(STRATEGIES)
    assert len({(color, str(style)) for color, _, style in looks}) == len(STRATEGIES)


def test_legend_and_curves_have_the_same_looks_and_no_two_are_alike():
    made = [made_run(strategy=name, level=0.5, updates=60, every=5) for name in STRATEGIES]
    figure = plot_race(made)
    shown = legend(figure)
    for name in STRATEGIES:
        (old,) = (line for line in figure.axes[0].lines if look(line) == look(shown[name]))
        assert 2 <= len(old.get_xdata()[slice(*old.get_markevery()[:1], None, old.get_markevery()[1])]) <= 5
    assert len({look(shown[name]) for name in STRATEGIES}) == len(STRATEGIES)
    assert len({look(shown[name])[1] for name in STRATEGIES}) == len(STRATEGIES)  # in a print without color, too


def test_the_legend_says_what_marks_mean_and_lies_over_no_axes():
    figure = plot_race(runs(seeds=2))
    figure.canvas.draw()
    now, result, joint = list(legend(figure).items())[len(NAMES) :]
    assert [text for text, _ in (now, result, joint)] == [
        "now (validation)",
        "result (test)",
        "result of joint training",
    ]
    place, ended = lines(figure.axes[2], strategy_look(NAMES[0])[0])[1], figure.axes[2].containers[0].lines[0]
    assert now[1].get_markersize() == place.get_markersize() < result[1].get_markersize() == ended.get_markersize()
    box = figure.legends[0].get_window_extent()
    assert box.y0 >= 0 and box.x0 >= 0 and box.x1 <= figure.bbox.x1
    assert box.y1 <= min(axes.get_tightbbox().y0 for axes in figure.axes)


@pytest.mark.parametrize(("pixels", "stacked"), [((622, 330), False), ((468, 660), True), ((471, 236), False)])
def test_its_parts_lie_side_by_side_or_below_each_other_and_none_over_another(pixels, stacked):
    figure = RaceFigure(pixels, 1, stacked).show([made_run(strategy=name) for name in STRATEGIES])
    figure.canvas.draw()
    boxes = [axes.get_tightbbox() for axes in figure.axes] + [figure.legends[0].get_window_extent()]
    assert not any(box.overlaps(other) for n, box in enumerate(boxes) for other in boxes[:n])
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= pixels[0] and box.y1 <= pixels[1] for box in boxes)
    places = [(axes.get_position().x0, axes.get_position().y1) for axes in figure.axes]
    assert (places[2][0] == places[0][0]) == stacked


def test_a_live_picture_of_a_race_draws_the_background_only_when_it_changes():
    figure = RaceFigure((622, 300), 1)
    picture = LivePicture(figure)
    first = picture.frame(runs(ended=False))
    assert figure.background_changed
    further = [replace(run, history={k: v[:3] for k, v in run.history.items()}) for run in runs(ended=False)]
    second = picture.frame(further)
    assert not figure.background_changed and first != second
    picture.frame(runs())
    assert figure.background_changed  # the ends of the runs are new


def test_answers_are_bars_below_their_images():
    images = np.zeros((3, 28, 28, 1), "float32")
    answers = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
    page = plot_answers(images, answers, ("cat", "dog"))
    assert [bar.get_height() for bar in page.axes[1].patches] == [0.7, 0.3]
    assert page.description.startswith("Images, and the class that the head predicts for each: cat (70%), dog (80%)")
    with pytest.raises(ValueError, match=r"images of shape \(3, .*probabilities of shape \(2, "):
        plot_answers(images, answers[:2], ("cat", "dog"))


@pytest.mark.parametrize("draw", [plot_race, plot_plane])
def test_a_page_without_room_beside_names_and_labels_is_refused(draw):
    runs = [made_run(strategy=name) for name in STRATEGIES]
    with pytest.raises(ValueError, match=r"pixels=\(60, 300\) is not allowed: .* from 100"):
        draw(runs, pixels=(60, 300))
    draw(runs, pixels=(300, 300))


def test_a_legend_that_takes_the_whole_page_is_refused():
    with pytest.raises(ValueError, match=r"pixels=\(100, 200\) is not allowed: give more"):
        plot_race([made_run(strategy=name) for name in STRATEGIES], pixels=(100, 200))
