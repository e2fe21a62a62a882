"""The feature viewer as its reader meets it, and in code."""

import re

import ipywidgets as widgets
import numpy as np
import pytest

from tests.training.comparing import QUICK, assert_same
from tests.waiting import wait_until
from utils import FeatureViewer, Settings, movement, observe, pretrained, run, train
from utils.strategies import Change, Controls, SettingsError
from utils.training.live import stop_others

pytestmark = pytest.mark.slow  # what its tests share takes seconds

HALF = ("conv2", "new_head")
BEHIND_HALF = ["conv2", "conv3", "dense", "old_head", "new_head"]


@pytest.fixture(scope="module", autouse=True)
def traced():
    """What is waited for shouldn't be TensorFlow's first trace, on a machine that does other things, too."""
    run(QUICK.replace(trained_layers=HALF))


@pytest.fixture
def open_viewer(opened):
    return lambda settings=QUICK, **options: opened(FeatureViewer(settings, **options))


def moved(panel):
    """Layers whose weights have moved, and those whose features have, as the viewer has them."""
    found = movement(panel.board.before, panel.board.now)
    return [[name for name, change in found.items() if getattr(change, what)] for what in ("weights", "features")]


def set_switches(panel, *layers):
    for switch in panel.of(widgets.Checkbox):
        switch.value = switch.description.replace(" ", "_") in layers


@pytest.mark.slow
def test_it_opens_at_the_checkpoint(open_viewer):
    panel = open_viewer()
    assert re.search(r"\bcheckpoint\..*\bold task, 0\.$", panel.words)
    assert moved(panel) == [[], []]
    assert panel.switched_on() == ["conv1", "conv2", "conv3", "dense", "new head"]
    buttons = [button.description for button in panel.of(widgets.Button)]
    assert buttons == ["Train 8 updates", "Back to the checkpoint", "Another one"]


@pytest.mark.drawn
@pytest.mark.slow
def test_a_half_frozen_network_by_button(open_viewer):
    panel = open_viewer()
    before = panel.picture
    set_switches(panel, *HALF)
    panel.press("Train 8 updates")
    panel.wait_for_pause()
    assert moved(panel) == [list(HALF), BEHIND_HALF]
    assert re.search(r"^Update 8\..*\bconv2 and new head\.", panel.words)
    assert panel.words.endswith(": conv3, dense and old head.")
    assert panel.boxes()["conv3"] == "frozen" and panel.boxes()["conv2"] == "trained"
    assert panel.picture != before
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    assert moved(panel) == [[], []]
    assert panel.words.startswith("At the checkpoint.")


@pytest.mark.slow
def test_it_shows_what_the_engine_trains(open_viewer):
    panel = open_viewer()
    for _ in range(2):
        panel.board.run(HALF)
    for progress in train(QUICK.replace(trained_layers=HALF, updates=16)):
        latest = progress
    model = pretrained("digits-drawings")
    model.restore(latest.weights())
    due = observe(model, panel.board.now.image)
    for name in model.layer_names:
        assert all(map(np.array_equal, panel.board.now.weights[name], due.weights[name]))
        assert np.array_equal(panel.board.now.features[name], due.features[name])


@pytest.mark.slow
def test_switches_between_two_presses(open_viewer):
    panel = open_viewer()
    panel.board.run(["new_head"])
    assert moved(panel) == [["new_head"], ["new_head"]]
    conv1 = panel.board.now.weights["conv1"][0]
    panel.flip("conv3")
    panel.press("Train 8 updates")
    panel.wait_for_pause()
    assert moved(panel) == [["conv3", "new_head"], ["conv3", "dense", "old_head", "new_head"]]
    assert np.array_equal(panel.board.now.weights["conv1"][0], conv1)
    assert re.search(r"\bupdate 16\b.*\bold task, 0\b.*\bconv3, new_head\b", repr(panel.board))


@pytest.mark.slow
def test_another_image_has_other_features_under_the_same_weights(open_viewer):
    panel = open_viewer()
    panel.board.run(["new_head"])
    first = panel.board.now
    panel.field("image").label = "new task"
    panel.field("class").value = "star"
    assert re.search("^Another image.*: conv1 ", panel.words)
    found = movement(first, panel.board.now)
    assert [change.weights for change in found.values()] == [0] * 6
    assert all(change.features > 0 for change in found.values())
    assert moved(panel) == [["new_head"], ["new_head"]]  # against the checkpoint, for this image, too
    star = panel.board.now.image
    sentence = panel.words
    panel.board._changed()  # the thread that trains had still to show the last update, as it may on a busy machine
    assert panel.words == sentence
    panel.press("Another one")
    assert not np.array_equal(panel.board.now.image, star)
    assert panel.field("class").value == "star"
    panel.board.run()
    assert panel.words.startswith("Update 16. ")


@pytest.mark.drawn
@pytest.mark.slow
def test_what_is_shown_can_be_chosen(open_viewer):
    panel = open_viewer()
    panel.board.run(HALF)
    pictures = set()
    for view in panel.field("what to show").options:
        panel.field("what to show").value = view
        pictures.add(panel.picture)
    assert len(pictures) == 3
    assert open_viewer(view="the change").field("what to show").value == "the change"
    with pytest.raises(ValueError, match="^view='then' .*'now'"):
        FeatureViewer(QUICK, view="then")


@pytest.mark.slow
def test_what_cannot_be_springs_back_and_is_told(open_viewer):
    panel = open_viewer(QUICK.replace(trained_layers=("new_head",)))
    panel.flip("new head")
    assert panel.switched_on() == ["new head"]
    assert "every layer is frozen" in panel.board._message.text
    panel.flip("old head")
    assert re.search("fine-tuning .*old head", panel.board._message.text)
    with pytest.raises(SettingsError, match="'conv11' .*mean 'conv1'"):
        panel.board.run(["conv11"])
    for wrong, message in (
        (("later", "3"), "^task='later' "),
        (("old", "star"), "^label='star' .*'0', '1'"),
        (("old", "3", -1), "^number=-1 "),
    ):
        with pytest.raises(ValueError, match=message):
            panel.board.look_at(*wrong)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (QUICK.replace(backbone="small_resnet"), "^backbone='small_resnet' "),
        (QUICK.replace(backbone="small_resnet"), r"FreezeBoard\(settings\).*small_resnet"),
        (Settings(pair="plane"), r"Playground\(settings\).*small_mlp"),
        (QUICK.replace(strategy="network expansion"), "^strategy='network expansion' "),
        (QUICK.replace(strategy="duplicate and fine-tune"), "needs more than one network"),
        ({"updates": 3}, "give a Settings"),
    ],
)
def test_what_it_cannot_draw_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        FeatureViewer(settings)


@pytest.mark.slow
def test_at_the_end_of_all_updates(open_viewer):
    panel = open_viewer()
    for _ in range(3):
        panel.board.run(HALF)
    assert not panel.board._live.active
    assert "update 24" in repr(panel.board)
    panel.flip("conv2")
    panel.press("Train 8 updates")
    panel.wait_for_pause()
    assert panel.words.startswith("Update 32. ") and panel.board._live.active
    stop_others(None)  # as a panel does that is made elsewhere
    panel.wait_for_end()
    panel.press("Train 8 updates")
    panel.wait_for_pause()
    made = panel.board._live.progress.run()
    assert made.events == ((24, Change(trained_layers=("new_head",))),)  # the stop has left no trace
    for progress in train(made.settings, Controls(made.events)):
        if progress.update == 40 and progress.evaluated:
            assert_same(made, progress.run())
            due = progress.weights()
            break
    for name, values in due.items():
        assert all(map(np.array_equal, panel.board.now.weights[name], values))
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    assert moved(panel) == [[], []]
    panel.board.run(HALF)
    assert "update 8" in repr(panel.board)


@pytest.mark.slow
def test_a_run_without_numbers_cannot_go_on(open_viewer):
    panel = open_viewer(QUICK.replace(learning_rate=1e9, optimizer="sgd"))
    panel.press("Train 8 updates")
    panel.wait_for_end()
    panel.press("Train 8 updates")
    assert re.search("can't continue: press Back to the checkpoint.* lower rate", panel.board._message.text)


@pytest.mark.drawn
@pytest.mark.slow
def test_pictures_on_the_way(open_viewer):
    panel = open_viewer(QUICK.replace(updates=400, evaluate_every=400))
    panel.field("speed").label = "25 updates/s"
    start = panel.picture
    panel.press("Train 400 updates")
    wait_until(lambda: panel.picture != start and moved(panel)[0])
    panel.flip("conv1", "conv2", "conv3")
    wait_until(lambda: panel.board._live.progress.trained_layers == ("dense", "new_head"))
    frozen_at = panel.board._live.progress.update
    wait_until(lambda: panel.board._update > frozen_at)
    first = panel.board.now
    reached = panel.board._live.progress.update  # at least as far as what `first` shows
    wait_until(lambda: panel.board._update > reached + 5)
    assert panel.boxes()["conv1"] == "frozen"
    found = movement(first, panel.board.now)
    assert [name for name, change in found.items() if change.weights] == ["dense", "new_head"]


@pytest.mark.slow
def test_without_a_front_end_and_as_a_picture(open_viewer):
    panel = open_viewer(driver="play")
    seen = panel.board.run(HALF)
    assert seen is panel.board.now
    bundle = panel.board._repr_mimebundle_()
    assert bundle["image/png"] and "application/vnd.jupyter.widget-view+json" in bundle
    pattern = r"^FeatureViewer\(digits-drawings\b.*\bupdate 8\b.*\bold task, 0\b.*\bconv2, new_head\)$"
    assert re.search(pattern, bundle["text/plain"])
    assert panel.board.still()[:8] == b"\x89PNG\r\n\x1a\n"
