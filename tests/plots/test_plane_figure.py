"""The picture of the network in the plane: what each map, line and region shows, and that it moves with the weights."""

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from utils.models import NEW_UNITS, pretrained
from utils.plots import LivePicture, PlaneFigure, plot_playground, png, what_moves
from utils.plots.page import stand_still
from utils.plots.plane_layout import USUAL, plane_layout
from utils.plots.style import FROZEN, TRAINED
from utils.strategies import Settings
from utils.tasks import load_pair
from utils.training import Run

PLANE = Settings(pair="plane")
ALL = ("layer1", "layer2", "layer3", "new_head")
LAYERS = ("layer1", "layer2", "layer3", "old_head", "new_head")
HISTORY = {name: np.array([first, last]) for name, first, last in (
    ("update", 0, 20), ("old_accuracy", 0.99, 0.72), ("new_accuracy", 0.5, 0.9), ("old_loss", 0, 1), ("new_loss", 1, 0)
)} | {"drift": np.zeros((2, 5)), "training_loss": np.zeros(20)}  # fmt: skip


@pytest.fixture(scope="module")
def weights():
    return pretrained("plane").snapshot()


def changed(weights, *names):
    """The same weights, but for those of these layers."""
    return {n: [value * -0.5 + 0.3 for value in w] if n in names else w for n, w in weights.items()}


def shown(weights, trained=ALL, run=None, old_weights=None):
    figure = PlaneFigure(scale=1)
    figure.show(run or Run(PLANE), weights, trained, old_weights)
    return figure


def column(figure, name):
    """The maps of a column: pictures (units, dots, dots, 4) from the top to the bottom, the lowest row first."""
    across = {"input": 27, "layer1": 110, "layer2": 210, "layer3": 310, "expansion": 374}[name] - 17
    return np.array([picture for left, _, picture in figure._maps.pieces if left == across])


def regions(figure):
    """Old head's, new head's."""
    return [picture for left, _, picture in figure._maps.pieces if left == 454]


def lines(figure, between):
    """Widths and colors of the lines that begin right of a column."""
    start = {"input": 44, "layer1": 127, "layer2": 227, "layer3": 327, "expansion": 391}[between]
    at = [i for i, ends in enumerate(figure._lines.get_segments()) if ends[0][0] == start]
    return np.array(figure._lines.get_linewidths())[at], figure._lines.get_colors()[at]


def green(colors):
    """Whether colors are of the positive end."""
    return colors[..., 1].astype(float) > np.maximum(colors[..., 0], colors[..., 2])


def test_every_unit_has_a_map_and_every_weight_a_line(weights):
    figure = shown(weights)
    assert [len(column(figure, name)) for name in ("input", "layer1", "layer2", "layer3")] == [2, 8, 8, 8]
    assert len(regions(figure)) == 2
    # The two weights that lead from a unit into a head are one line, their difference.
    assert [len(lines(figure, n)[0]) for n in ("input", "layer1", "layer2", "layer3")] == [16, 64, 64, 16]


def test_new_units_have_a_column_of_their_own():
    run = Run(PLANE.replace(strategy="network expansion"))
    figure = shown(pretrained("plane", added=NEW_UNITS).snapshot(), run=run)
    assert len(column(figure, "expansion")) == 4
    assert len(lines(figure, "layer2")[0]) == 64 + 32 and len(lines(figure, "expansion")[0]) == 4


def test_a_map_is_green_where_the_unit_says_yes(weights):
    kernel = np.zeros((2, 8), "float32")
    kernel[0, 0], kernel[1, 1] = 5, 5  # the first unit looks to the right, the second upwards
    figure = shown(weights | {"layer1": [kernel, np.zeros(8, "float32")]})
    right, up, nothing = column(figure, "layer1")[:3, 1:-1, 1:-1]
    half = len(right) // 2
    assert green(right[:, half + 2 :]).all() and not green(right[:, : half - 2]).any()
    assert green(up[half + 4 :]).all() and not green(up[: half - 4]).any()  # the highest row is the last
    assert np.ptp(nothing[..., :3].astype(int)) < 12  # white all over


def test_a_larger_weight_has_a_wider_line_and_the_sign_is_its_color(weights):
    kernel = np.zeros((2, 8), "float32")
    kernel[0, :3] = 0.2, 1, -1
    widths, colors = lines(shown(weights | {"layer1": [kernel, np.zeros(8, "float32")]}), "input")
    assert widths[3] < widths[0] < widths[1] == widths[2] and widths[3] < 0.2
    assert green(colors[1] * 255) and not green(colors[2] * 255)
    assert colors[3, :3].min() > 0.95


def test_the_regions_are_those_of_the_heads(weights):
    """Nearly all points of the old task lie on their class's side; those of the new one needn't yet."""
    figure = shown(weights)
    (low_x, low_y), side = figure._square
    task = load_pair("plane").old
    place = ((task.x_validation - (low_x, low_y)) / side * 154).astype(int)
    inside = ((place > 1) & (place < 152)).all(1)
    old, _ = regions(figure)
    predicted = green(old[place[inside, 1], place[inside, 0]])
    assert np.mean(predicted == (task.y_validation[inside] == 1)) > 0.97


def test_what_a_layer_changes_is_seen_behind_it_and_not_before(weights):
    before, after = shown(weights), shown(changed(weights, "layer2"))
    for name, moves in (("layer1", False), ("layer2", True), ("layer3", True)):
        assert (column(before, name) != column(after, name)).any() == moves, name
    for between, moves in (("input", False), ("layer1", True), ("layer2", False), ("layer3", False)):
        same = [np.array_equal(a, b) for a, b in zip(lines(before, between), lines(after, between), strict=True)]
        assert all(same) != moves, between
    assert all((a != b).any() for a, b in zip(regions(before), regions(after), strict=True))


def test_a_copy_answers_for_the_old_task_where_one_is_kept(weights):
    run = Run(PLANE.replace(strategy="duplicate and fine-tune"))
    with pytest.raises(ValueError, match="^old_weights are missing: 'duplicate and fine-tune' keeps a copy"):
        shown(weights, run=run)
    before, after = (shown(now, run=run, old_weights=weights) for now in (weights, changed(weights, "layer1")))
    same = [np.array_equal(a, b) for a, b in zip(regions(before), regions(after), strict=True)]
    assert same == [True, False]


def test_frozen_layers_are_framed_blue_and_trained_ones_orange(weights):
    figure = shown(weights, trained=("layer2", "new_head")).figure
    figure.canvas.draw()
    dots = np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255
    frames = {"layer1": (89, 200), "layer2": (189, 200), "layer3": (289, 200), "old": (450, 100), "new": (450, 300)}
    for name, (x, y) in frames.items():
        wanted = to_rgb(TRAINED if name in ("layer2", "new") else FROZEN)
        assert np.abs(dots[y, x - 2 : x + 3] - wanted).sum(1).min() < 0.4, name


def test_titles_tell_the_accuracies(weights):
    figure = shown(weights, run=replace(Run(PLANE), history=HISTORY))
    assert [figure._titles[head].get_text() for head in ("old_head", "new_head")] == [
        "old head: 99.0% → 72.0%", "new head: 90.0%"
    ]  # fmt: skip
    assert shown(weights)._titles["new_head"].get_text() == "new head"


def test_every_layout_has_room_for_its_letters_and_its_lines(weights):
    """No title leaves the page or reaches another or its column's neighbor; lines end at each head."""
    kept = replace(Run(PLANE.replace(strategy="network expansion")), history=HISTORY)
    own = pretrained("plane", added=NEW_UNITS).snapshot()
    for pixels, projected in ((439, False), (620, False), (439, True), (720, True), (819, True), (1459, True)):
        figure = PlaneFigure(pixels / 622, plane_layout(pixels, projected))
        page = figure.show(kept, own, ("expansion", "new_head"))
        stand_still(figure)
        page.canvas.draw()
        texts = [text.get_window_extent() for text in page.findobj(Text) if text.get_text()]
        width, height = page.bbox.size
        assert all(box.x0 > -1 and box.x1 < width + 1 and box.y0 > -1 and box.y1 < height + 1 for box in texts)
        assert not [1 for i, one in enumerate(texts) for other in texts[:i] if one.overlaps(other)], pixels
        ends = {tuple(end) for _, end in figure._lines.get_segments()}
        assert all(any(x == left and top < y < top + figure._layout.region for x, y in ends)
                   for left, top in figure._layout.regions.values())  # fmt: skip


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e38])
def test_weights_that_are_no_numbers_are_no_end_of_the_picture(weights, wrong):
    broken = weights | {"layer2": [np.full_like(weights["layer2"][0], wrong), weights["layer2"][1]]}
    with np.errstate(all="ignore"):
        sharp = tuple(round(1.5 * length) for length in USUAL.size)
        assert Image.open(io.BytesIO(png(plot_playground(Run(PLANE), broken)))).size == sharp


@pytest.mark.slow
def test_a_live_picture_is_what_a_new_figure_shows(weights):
    live = LivePicture(PlaneFigure(scale=1))
    far = Run(PLANE.replace(pair_options={"new_shape": "spirals", "distance": 2}))
    steps = [
        (Run(PLANE), weights, ALL),
        (replace(Run(PLANE), history=HISTORY), changed(weights, "layer1"), ALL),
        (replace(Run(PLANE), history=HISTORY), changed(weights, "layer2"), ("new_head",)),
        (far, weights, ALL),
        (Run(PLANE), weights, ALL),
    ]
    seen = [live.frame(*step) for step in steps]
    assert seen == [LivePicture(PlaneFigure(scale=1)).frame(*step) for step in steps]
    assert seen[0] == seen[-1] and len(set(seen)) == 4
    jpeg = Image.open(io.BytesIO(LivePicture(PlaneFigure(scale=1), jpeg=True).frame(*steps[0])))
    plain = Image.open(io.BytesIO(seen[0])).convert("RGB")
    assert jpeg.format == "JPEG" and jpeg.size == plain.size == USUAL.size
    assert np.abs(np.asarray(jpeg, int) - np.asarray(plain, int)).mean() < 7  # the PNG has 96 colors


@pytest.mark.parametrize(
    ("trained", "beginning"),
    [
        (ALL, "All layers' lines and maps change. The old task's regions change, too."),
        (ALL[1:], "Lines and maps of layer1 stand still. The old task's regions change, too."),
        (("layer1", "layer3"), "Lines of layer2 stand still; its maps change, since a layer before it learns. The old"),
        (("layer1",), "Lines of layer2 and layer3 stand still; their maps change. The old task's regions change, too."),
        (("layer2",), "Lines and maps of layer1 stand still. Lines of layer3 stand still; its maps change, since"),
        (("new_head",), "Lines and maps of layer1, layer2 and layer3 stand still. The old task's regions stand still,"),
        (("old_head",), "Lines and maps of layer1, layer2 and layer3 stand still. The old task's regions change, too."),
    ],
)
def test_words_say_what_moves(trained, beginning):
    assert what_moves(LAYERS, trained).startswith(beginning)
