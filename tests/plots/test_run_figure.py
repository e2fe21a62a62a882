from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from tests.plots.made_runs import LAYERS, made_run
from utils.plots import RunFigure, plot_run
from utils.plots.style import FROZEN, FROZEN_PALE, NEW_TASK, OLD_TASK, TRAINED, pale
from utils.strategies import Settings
from utils.training import Run

CURVES = {  # array: which axes, which of its lines
    "training_loss": (0, 0),
    "old_loss": (0, 1),
    "new_loss": (0, 2),
    "old_accuracy": (1, 0),
    "new_accuracy": (1, 1),
}
PALE = {pale(OLD_TASK), pale(NEW_TASK)}
SWITCHED = [(10, {"trained_layers": ["dense", "new_head"]}), (30, {"trained_layers": ["conv1", "dense", "new_head"]})]


def line(figure, name):
    axes, number = CURVES[name]
    return figure.axes[axes].lines[number]


def boxes(spans):
    """(row, from, to) of each rectangle."""
    return sorted(
        (round(float(path.vertices[:, 1].mean() if len(path.vertices) == 4 else path.vertices[:-1, 1].mean())),
         int(path.vertices[:, 0].min()), int(path.vertices[:, 0].max()))
        for path in spans.get_paths()
    )  # fmt: skip


def widths(figure):
    return [bar.get_width() for bar in figure.axes[4].patches]


def named_ghosts(figure):
    return {
        text.get_text()
        for axes in figure.axes[:2]
        for text in axes.texts
        if text.get_text().strip() not in ("", "best")
    }


def test_lines_are_the_history():
    run = made_run(updates=40, every=10)
    figure = plot_run(run)
    for name in CURVES:
        x, y = line(figure, name).get_data()
        assert np.array_equal(y, run.history[name]), name
        assert np.array_equal(x, np.arange(40) if name == "training_loss" else run.history["update"]), name


def test_lines_are_told_apart_in_the_legend_without_color():
    figure = plot_run(made_run())
    for axes in figure.axes[:2]:  # the loss of each batch is thin and gray, and needs no name
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["old", "new"]
    assert line(figure, "old_loss").get_linestyle() == line(figure, "old_accuracy").get_linestyle() == "--"
    assert line(figure, "new_loss").get_linestyle() == line(figure, "new_accuracy").get_linestyle() == "-"


@pytest.mark.slow
@pytest.mark.parametrize(("updates", "every"), [(400, 1), (401, 2), (4000, 10), (4001, 11)])
def test_a_long_training_loss_is_thinned_out_but_true(updates, every):
    run = made_run(updates=updates, every=100)
    x, y = line(plot_run(run), "training_loss").get_data()
    assert x[1] - x[0] == every and len(x) <= 400
    assert np.array_equal(y, run.history["training_loss"][x])


def test_lanes_are_the_spans_in_which_each_layer_trained():
    run = made_run(updates=40, every=10, events=SWITCHED)
    wanted = [(LAYERS.index(name), *span) for name, spans in run.trained_spans().items() for span in spans]
    assert (0, 0, 10) in wanted and (0, 30, 40) in wanted and (1, 0, 10) in wanted and (3, 0, 40) in wanted
    assert not [box for box in wanted if box[0] == LAYERS.index("old_head")]
    shown = RunFigure()
    shown.show(run)
    for axes in shown.figure.axes[2:4]:
        frozen, to_come, trained = axes.collections  # each lies over the one before
        assert boxes(trained) == sorted(wanted)
        assert boxes(frozen) == [(row, 0, run.settings.updates) for row in range(len(LAYERS))]
        assert frozen.get_hatch() and not trained.get_hatch()
        assert trained.get_zorder() == to_come.get_zorder() == frozen.get_zorder()
        assert shown.moving.index(trained) > shown.moving.index(to_come)
        assert frozen not in shown.moving  # drawn once
    labels = [text.get_text() for text in shown.figure.axes[2].get_yticklabels()]
    assert labels == ["conv1", "conv2", "conv3", "dense", "old head", "new head"]


def test_no_stripes_where_nothing_was_trained_yet():
    half_way = made_run(updates=40, every=10, ended=False)
    half_way = replace(half_way, settings=half_way.settings.replace(updates=100))
    shown = RunFigure(scale=1)
    page = shown.show(half_way)
    for artist in shown.moving:
        artist.set_animated(False)
    page.canvas.draw()
    picture = np.asarray(page.canvas.buffer_rgba())[::-1, :, :3]
    for axes in page.axes[2:4]:
        row = LAYERS.index("old_head")  # never trained, so striped all along
        at = [axes.transData.transform((update, row)).astype(int) for update in (5, 35, 45, 95)]
        striped = [bool((picture[y - 3 : y + 3, x - 5 : x + 5] < 240).any()) for x, y in at]
        assert striped == [True, True, False, False]


def test_bars_are_the_latest_drift():
    run = made_run(level=0.8)
    figure = plot_run(run)
    assert widths(figure) == list(run.history["drift"][-1]) and max(widths(figure)) > 0
    colors = [to_hex(bar.get_facecolor()).upper() for bar in figure.axes[4].patches]
    assert colors == [FROZEN_PALE.upper() if name == "old_head" else TRAINED for name in LAYERS]


def test_bars_of_layers_that_are_frozen_by_now_are_blue_though_they_have_moved():
    run = made_run(updates=40, every=10, events=[(20, {"trained_layers": ["dense", "new_head"]})])
    bars = plot_run(run).axes[4].patches
    assert [to_hex(bar.get_edgecolor()).upper() for bar in bars] == [
        TRAINED if name in ("dense", "new_head") else FROZEN for name in LAYERS
    ]
    assert to_hex(bars[0].get_facecolor()) == FROZEN_PALE and bars[0].get_width() > 0 and not bars[0].get_hatch()


@pytest.mark.slow
def test_a_huge_loss_leaves_the_other_curves_readable():
    calm = made_run(updates=40, every=10)
    huge = replace(calm, history=calm.history | {"new_loss": np.array([2.4, 3e11, 9.0, 3.0, 2.0])})
    shown = RunFigure()
    for run, scale, title, limits in (
        (calm, "linear", "validation loss", (0, 5)),
        (huge, "log", "val. loss (log)", (0.01, 1e12)),
        (calm, "linear", "validation loss", (0, 5)),
    ):
        loss = shown.show(run).axes[0]
        assert loss.get_yscale() == scale and loss.get_title(loc="left") == title
        assert loss.get_ylim() == pytest.approx((limits[0], limits[1] * 1.02))
        shown.figure.canvas.draw()
        assert loss.yaxis.get_offset_text().get_text() == ""


def test_names_of_many_ghosts_lie_side_by_side():
    ghosts = {str(n): made_run(level=0.5 + 0.001 * n) for n in range(1, 10)}
    figure = plot_run(made_run(), ghosts)
    figure.canvas.draw()
    for axes in figure.axes[:2]:
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        assert len(boxes) >= 6
        for n, box in enumerate(boxes):
            assert not any(box.shrunk(0.8, 0.8).overlaps(other.shrunk(0.8, 0.8)) for other in boxes[:n])


def test_axes_hold_all_that_is_shown():
    run = made_run(updates=40, level=0.8)
    figure = plot_run(run, {"1": made_run(updates=40, level=0.1)})
    loss, accuracy, _, _, bars = figure.axes
    assert loss.get_xlim() == accuracy.get_xlim() == (0, 40)
    assert loss.get_ylim()[1] >= 3.1 and accuracy.get_ylim()[1] >= 1
    assert bars.get_xlim()[1] >= run.history["drift"].max()


@pytest.mark.slow
def test_axes_grow_in_steps_only():
    """A limit that followed the data would ask for a new background at every point."""
    settings = Settings(updates=1000)
    shown, limits, changes = RunFigure(), [], 0
    for n in range(1, 100):
        run = made_run(updates=10 * n, every=10, ended=False)
        run = Run(settings, history={**run.history, "old_loss": run.history["update"] / 25})
        shown.show(run)
        changes += shown.background_changed
        limits.append(shown.figure.axes[0].get_ylim()[1])
        assert limits[-1] >= run.history["old_loss"].max()
        assert shown.figure.axes[0].get_xlim() == (0, 1000)
    assert limits == sorted(limits)
    assert changes == len(set(limits)) < 12


def test_ghosts_come_and_go():
    shown, run, first, second = RunFigure(), made_run(), made_run(level=0.3), made_run(level=0.7)
    before = len(shown.show(run).axes[0].lines)
    assert named_ghosts(shown.figure) == set()
    shown.show(run, {"1": first, "2": second})
    assert named_ghosts(shown.figure) == {"1", "2"}
    for axes, names in ((0, ("old_loss", "new_loss")), (1, ("old_accuracy", "new_accuracy"))):
        ghosts = [drawn for drawn in shown.figure.axes[axes].lines if drawn.get_color() in PALE]
        drawn = [tuple(drawn.get_ydata()) for drawn in ghosts]
        assert sorted(drawn) == sorted(tuple(ghost.history[name]) for ghost in (first, second) for name in names)
    shown.show(run, {"2": second})
    assert named_ghosts(shown.figure) == {"2"} and len(shown.figure.axes[0].lines) == before + 2
    shown.show(run)
    assert named_ghosts(shown.figure) == set() and len(shown.figure.axes[0].lines) == before


def test_ghosts_are_paler_than_the_run_wherever_they_lie_over_another():
    shown = RunFigure()
    shown.show(made_run(), {str(number): made_run(level=0.3) for number in range(12)})
    for axes in shown.figure.axes[:2]:
        ghosts = [line for line in axes.lines if line.get_color() in PALE]
        run = [line for line in axes.lines if line.get_color() in (OLD_TASK, NEW_TASK)]
        assert len(ghosts) == 24 and not any(line.get_alpha() for line in ghosts)  # transparent ones would add up
        assert max(line.get_linewidth() for line in ghosts) < min(line.get_linewidth() for line in run)
        assert not any(line in shown.moving for line in ghosts)  # the run is drawn over them


@pytest.mark.parametrize("levels", [[1.0] * 12, [0.0] * 12, [0.1 * i for i in range(10)]], ids=["top", "bottom", "all"])
def test_names_of_ghosts_neither_overlap_nor_leave_the_axes(levels):
    shown = RunFigure()
    shown.show(made_run(), {str(95 + number): made_run(level=level) for number, level in enumerate(levels)})
    shown.figure.canvas.draw()
    for axes in shown.figure.axes[:2]:
        names = [text for text in axes.texts if text.get_text().isdecimal()]
        boxes = [text.get_window_extent() for text in names]
        room = axes.get_window_extent().padded(2)
        assert len(names) >= 5
        assert all(room.x0 <= box.x0 and box.x1 <= room.x1 for box in boxes)
        assert all(room.y0 <= box.y0 and box.y1 <= room.y1 for box in boxes)
        assert not any(box.overlaps(other) for n, box in enumerate(boxes) for other in boxes[:n])


def test_stacked_the_curves_have_the_whole_width_and_share_the_spans():
    run = made_run(events=SWITCHED)
    shown = RunFigure((468, 560), stacked=True)
    figure = shown.show(run)
    loss, accuracy, spans, bars = figure.axes
    assert [axes.get_position().width for axes in figure.axes] == pytest.approx([loss.get_position().width] * 4)
    tops = [axes.get_position().y1 for axes in figure.axes]
    assert tops == sorted(tops, reverse=True)
    assert np.array_equal(accuracy.lines[0].get_ydata(), run.history["old_accuracy"])
    assert len(boxes(spans.collections[2])) == sum(map(len, run.trained_spans().values()))
    assert [bar.get_width() for bar in bars.patches] == list(run.history["drift"][-1])


@pytest.mark.parametrize("stacked", [False, True])
def test_the_essential_are_curves_and_spans(stacked):
    run = made_run()
    figure = RunFigure((400, 240), stacked=stacked, essential=True).show(run)
    assert len(figure.axes) == (3 if stacked else 4)
    assert np.array_equal(figure.axes[1].lines[1].get_ydata(), run.history["new_accuracy"])
    assert [line.get_visible() for line in figure.axes[0].lines[:3]] == [False, True, True]
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text()]
    assert min(sizes) * 100 / 72 * 1.8 >= 16  # pixels, in the panels' projector mode


def test_a_ghost_that_ran_longer_than_the_axis_carries_no_name():
    shown = RunFigure()
    shown.show(made_run(updates=40), {"1": made_run(updates=80, every=10)})
    assert named_ghosts(shown.figure) == set()


def test_when_the_background_changes():
    shown, run, ghost = RunFigure(), made_run(ended=False), made_run(level=0.3)

    def changed(*arguments):
        shown.show(*arguments)
        return shown.background_changed

    assert changed(run)
    assert not changed(run)
    assert changed(run, {"1": ghost})
    assert not changed(run, {"1": ghost})
    assert changed(run, {"2": ghost})  # its name is drawn
    assert changed(run, {"2": made_run(level=0.3)})  # another run
    assert changed(run)
    assert not changed(made_run(updates=40, level=0.52, ended=False))  # what moves has moved
    assert changed(made_run(updates=60, ended=False))  # a longer axis
    assert changed(run)


def test_a_run_without_a_point_shows_nothing_of_the_one_before():
    shown = RunFigure()
    shown.show(made_run(events=SWITCHED))
    shown.show(Run(Settings(updates=40)))
    for name in CURVES:
        assert len(line(shown.figure, name).get_xdata()) == 0, name
    assert widths(shown.figure) == [0] * len(LAYERS)
    for axes in shown.figure.axes[2:4]:
        _, to_come, trained = axes.collections
        assert boxes(trained) == []
        assert to_come.get_paths()[0].get_extents().x0 == 0  # it hides all stripes


def test_another_network_has_other_lanes_and_bars():
    shown = RunFigure()
    shown.show(made_run())
    empty = Run(Settings(backbone="small_resnet"))
    shown.show(empty)
    assert shown.background_changed
    labels = [text.get_text().replace(" ", "_") for text in shown.figure.axes[4].get_yticklabels()]
    assert labels == list(empty.layer_names) and len(widths(shown.figure)) == len(labels)


def test_figures_have_the_size_asked_for_and_a_background_for_dark_pages():
    figure = plot_run(made_run(), pixels=(500, 250))
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba())
    assert picture.shape == (500, 1000, 4)  # two dots a pixel
    assert tuple(picture[0, 0]) == (255, 255, 255, 255)


@pytest.mark.parametrize("essential", [False, True])
@pytest.mark.parametrize("layers", [6, 11])
def test_names_of_many_layers_do_not_overlap(essential, layers):
    figure = RunFigure((455, 182) if essential else (622, 300), essential=essential)
    figure._build(tuple(f"stage{number}" for number in range(layers)))
    figure.figure.canvas.draw()
    lanes = figure.figure.axes[2]
    boxes = [text.get_window_extent().shrunk(1, 0.8) for text in lanes.get_yticklabels() if text.get_text()]
    assert len(boxes) >= layers // 2
    assert not any(box.overlaps(other) for number, box in enumerate(boxes) for other in boxes[:number])
