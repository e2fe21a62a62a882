"""The playground without a front end: what is clicked, what is seen of the network, what is to be read."""

import io
import re
import time

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

from tests.training.comparing import assert_same
from tests.waiting import wait_until
from tests.widgets.panel import Panel, plain
from utils import FreezeBoard, Playground, Settings, StrategyRace, describe, run
from utils.models import pretrained
from utils.plots import LivePicture, PlaneFigure, what_moves
from utils.plots.plane_layout import USUAL
from utils.strategies import SettingsError
from utils.widgets import board_wishes
from utils.widgets.playground import PLAYGROUND

pytestmark = pytest.mark.slow  # what its tests share takes seconds

QUICK = Settings(pair="plane", updates=40, new_images=100, batch_size=16, evaluate_every=20)
ENDLESS = QUICK.replace(updates=100_000)
ALL = ("layer1", "layer2", "layer3", "new_head")


@pytest.fixture(scope="module", autouse=True)
def traced():
    """On a slow machine the first run takes longer than a test may wait."""
    run(QUICK)


@pytest.fixture
def open_playground(opened):
    return lambda settings=QUICK, **options: opened(Playground(settings, **options))


def bits(weights):
    return {name: [value.tobytes() for value in values] for name, values in weights.items()}


def drawn(made, weights, trained=ALL):
    """The picture that the playground should show."""
    return LivePicture(PlaneFigure(scale=1.25), jpeg=True).frame(made, weights, trained)


def under_way(panel, at_least=1):
    panel.press("Start")
    wait_until(lambda: panel.board._live.progress is not None and panel.board._live.progress.update >= at_least)
    return panel


def paused(panel):
    """The weights that are seen once it's paused."""
    panel.press("Pause")
    panel.wait_for_pause()
    return bits(panel.board.weights)


@pytest.mark.drawn
@pytest.mark.slow
def test_a_run_from_start_to_end(open_playground):
    panel = open_playground()
    start = pretrained("plane").snapshot()
    assert bits(panel.board.weights) == bits(start)
    empty = panel.picture
    file = bytes(panel.of(widgets.Image)[0].value)
    assert file[:2] == b"\xff\xd8" and Image.open(io.BytesIO(file)).width >= USUAL.size[0]
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert_same(made, run(QUICK))
    assert panel.words == describe(made) and "test points" in panel.words
    assert panel.picture == drawn(made, panel.board.weights) != empty
    assert bits(panel.board.weights)["layer1"] != bits(start)["layer1"]
    panel.press("Back to the checkpoint")
    assert bits(panel.board.weights) == bits(start) and panel.picture == empty


@pytest.mark.drawn
@pytest.mark.slow
def test_a_frozen_layer1_stands_still_in_the_picture_and_the_rest_goes_on(open_playground):
    panel = under_way(open_playground(ENDLESS), 20)
    panel.flip("layer1")
    wait_until(lambda: "layer1" not in panel.board._live.progress.trained_layers)
    first = paused(panel)
    assert panel.words.endswith(what_moves(("layer1", "layer2", "layer3", "old_head", "new_head"), ALL[1:]))
    update = panel.board._live.progress.update
    panel.press("Step")
    wait_until(lambda: panel.board._live.progress.update > update)
    panel.wait_for_pause()
    later = bits(panel.board.weights)
    assert later["layer1"] == first["layer1"] and later["old_head"] == first["old_head"]
    assert all(later[name] != first[name] for name in ("layer2", "layer3", "new_head"))
    assert panel.picture == drawn(panel.board._display.run, panel.board.weights, ALL[1:])


@pytest.mark.slow
def test_run_without_a_front_end_takes_a_schedule(open_playground):
    panel = open_playground()
    made = panel.board.run(schedule=[(20, {"trained_layers": ["layer1", "layer3", "new_head"]})])
    assert [update for update, _ in made.events] == [20] and panel.board.runs == [made]
    again = run(QUICK, made.events)
    assert_same(made, again)
    picture = Image.open(io.BytesIO(panel.board.still()))
    assert picture.format == "PNG" and picture.width > USUAL.size[0]
    assert "image/png" in panel.board._repr_mimebundle_() and repr(panel.board).startswith("Playground('pair=plane")


@pytest.mark.slow
def test_a_run_that_is_clicked_comes_back_with_its_weights(open_playground):
    panel = open_playground()
    for seed in ("1", "2"):
        panel.field("seed").value = seed
        panel.press("Start")
        panel.wait_for_end()
    first, second = panel.board.runs
    panel.press("Show run 1")
    assert bits(panel.board.weights) == bits(first.held.values) != bits(second.held.values)
    object.__setattr__(second, "held", None)
    panel.press("Show run 2")
    assert "no longer in memory" in panel.said["table"] and panel.board._display.run is first


@pytest.mark.drawn
@pytest.mark.slow
def test_step_pause_and_the_words(open_playground):
    panel = open_playground()
    panel.press("Step")
    wait_until(lambda: panel.board._live.progress is not None and panel.board._live.progress.update == 20)
    panel.wait_for_pause()
    assert panel.words.startswith("Update 20 of 40: ") and "(validation points)" in panel.words
    assert panel.words.endswith(what_moves(("layer1", "layer2", "layer3", "old_head", "new_head"), ALL))
    before = panel.picture
    time.sleep(0.2)
    assert panel.picture == before


@pytest.mark.drawn
@pytest.mark.slow
def test_a_switch_before_the_start_is_seen_in_the_picture(open_playground):
    panel = open_playground()
    before = panel.picture
    panel.flip("layer2")
    assert panel.picture != before
    panel.flip("layer2")
    assert panel.picture == before


@pytest.mark.drawn
@pytest.mark.slow
def test_another_shape_is_taught_in_the_background_and_then_shown(open_playground):
    panel = open_playground()
    before = panel.picture
    panel.field("new shape").value = "spirals"
    wait_until(lambda: panel.picture != before)
    second = panel.picture
    panel.field("seed").value = "3"
    wait_until(lambda: panel.picture != second)
    assert bits(panel.board.weights) == bits(pretrained("plane", seed=3).snapshot())
    assert panel.board.settings == QUICK.replace(pair_options={"new_shape": "spirals"}, seed=3)
    panel.field("noise").value = "0,7"
    assert re.search(r"^Error noise can't be 0,7: .*\b0 to 0\.5\b", panel.said["fields"])
    assert panel.marked() == ["noise"]
    panel.field("noise").value = "0.1"
    assert panel.board.settings.pair_options == (("new_shape", "spirals"),)
    panel.field("old shape").value = "blobs"  # ships not: it's made here and now
    panel.field("strategy").value = "feature extraction"
    panel.press("Start")
    wait_until(lambda: panel.board.runs, 60)
    assert panel.board.runs[0].old_accuracy_before > 0.98 and panel.board.runs[0].forgetting == 0


@pytest.mark.drawn
@pytest.mark.slow
def test_a_loss_that_is_no_number_is_survived(open_playground):
    panel = open_playground(QUICK.replace(learning_rate=1e30, optimizer="sgd"))
    with np.errstate(all="ignore"):
        panel.press("Start")
        panel.wait_for_end()
    assert panel.board.runs[0].status in ("diverged", "finished")
    assert panel.picture and panel.board._live.error == ""


@pytest.mark.slow
def test_what_it_offers_is_for_the_plane(open_playground):
    panel = open_playground(None)
    assert panel.board.settings == PLAYGROUND
    assert {"old shape", "new shape", "noise", "distance", "new points"} <= set(panel.shown())
    assert not {"tasks", "network", "dissimilarity", "new images", "evaluate every"} & set(panel.shown())
    with pytest.raises(SettingsError, match="^pair='digits-drawings' .*'plane'"):
        Playground(Settings())
    with pytest.raises(SettingsError, match="^settings='plane' .*Settings"):
        Playground("plane")


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FreezeBoard, StrategyRace])
def test_other_panels_offer_the_networks_that_fit_the_tasks(monkeypatch, kind):
    monkeypatch.setattr(board_wishes, "prepare", lambda *given: None)
    panel = Panel(kind(Settings(updates=10)))
    assert panel.field("network").options == ("small_cnn", "small_resnet") and "distance" not in panel.shown()
    panel.field("tasks").value = "plane"
    assert "network" not in panel.shown() and {"distance", "new points"} <= set(panel.shown())
    if kind is FreezeBoard:
        assert panel.board.settings == Settings(pair="plane", updates=10)
        assert panel.switched_on() == ["layer1", "layer2", "layer3", "new head"]
        assert any("point x and y" in plain(widget.value) for widget in panel.of(widgets.HTML))
    panel.field("tasks").value = "digits-halves"
    assert panel.field("network").value == "small_cnn" and "network" in panel.shown()
