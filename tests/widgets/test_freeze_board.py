"""The board without a front end: values are set and buttons clicked as a front end does it."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import ipywidgets as widgets
import pytest
from PIL import Image

from tests.notebooks.notebook import COMPLAINT
from tests.plots.made_runs import made_run, with_accuracies
from tests.training.comparing import QUICK, assert_same
from tests.waiting import wait_until
from tests.widgets.panel import Panel, Picture, parts, plain
from utils import EXPERIMENTS, STRATEGIES, Change, FreezeBoard, Run, Settings, describe, run
from utils.plots import plot_plane, png
from utils.training import live
from utils.widgets import board_wishes, live_panel, status_line
from utils.widgets.curves_picture import CurvesPicture

LAYERS = ["conv1", "conv2", "conv3", "dense", "old head", "new head"]
BACK = (
    "Back at the checkpoint: the network knows the old task, and its new head is random. Fields, switches and the runs "
    "in the table are as they were."
)
WELCOME = "The network knows the old task. Press Start, then freeze and unfreeze layers while it trains."
ENDLESS = QUICK.replace(updates=100_000)
SHORT = QUICK.replace(updates=8)


def updates(panel):
    return panel.board._live.progress.update if panel.board._live.progress else -1


def under_way(panel):
    """The panel, once its run has got somewhere."""
    panel.press("Start")
    wait_until(lambda: panel.words.startswith("Update ") and updates(panel) > 0)
    return panel


def numbers_of(made):
    """What the table says of a run, as the text of its cells."""
    percents = [f"{value:.1%}" for value in (made.old_accuracy_before, made.old_accuracy, made.new_accuracy)]
    lost = f"{made.old_accuracy_before * 100 - made.old_accuracy * 100:+.1f}"
    return f"{made.updates:,} {percents[0]} → {percents[1]} {lost} {percents[2]} "


def drawn(made, **ghosts):
    """The picture that the board should show."""
    picture = CurvesPicture(lambda: None)
    picture.draw(made, (), ghosts)
    return Picture(picture.image.value)


def size(picture):
    return Image.open(io.BytesIO(picture)).size


# Start, Pause, Step, Stop, Back


@pytest.mark.drawn
@pytest.mark.slow
def test_a_run_from_start_to_end(open_board):
    panel = open_board()
    assert panel.words == WELCOME and panel.rows == []
    empty = panel.picture
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert panel.picture == drawn(made)  # once, and not as a ghost of itself, too
    assert made.status == "finished" and made.settings == QUICK
    assert_same(made, run(QUICK))
    assert panel.words == describe(made)
    (row,) = panel.rows
    assert row.startswith("1 fine-tuning ★ " + numbers_of(made))
    first, *others = row.partition(numbers_of(made))[2].split(", ")
    assert first.endswith(" digits-drawings")
    assert set(others) == {"adam 0.001", "batch 16", "seed 0", "new images 100"}
    assert panel.picture != empty


@pytest.mark.drawn
@pytest.mark.slow
def test_pause_step_resume_stop(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.press("Pause")
    panel.wait_for_pause()
    assert panel.words.startswith(f"Update {updates(panel):,} of 100,000: ")
    before, sentence, picture = updates(panel), panel.words, panel.picture
    time.sleep(0.3)
    assert (updates(panel), panel.words, panel.picture) == (before, sentence, picture)
    panel.press("Step")
    there = (before // 8 + 1) * 8
    panel.wait_for_pause()
    assert updates(panel) == there and panel.words.startswith(f"Update {there:,} of 100,000: ")
    panel.press("Resume")
    wait_until(lambda: updates(panel) > there)
    panel.press("Pause")
    panel.wait_for_pause()
    panel.press("Start")  # goes on, too
    assert "paused run" in panel.said["buttons"]
    assert panel.board._live.state == "running"
    panel.press("Stop")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert made.status == "stopped" and made.updates >= there
    assert panel.words == describe(made) and made.message in panel.words
    assert panel.rows[0].startswith("1 fine-tuning ★ " + numbers_of(made))
    assert panel.rows[0].endswith(", stopped") and "stopped" not in panel.rows[0].removesuffix(", stopped")


@pytest.mark.drawn
@pytest.mark.slow
def test_until_validation_is_best(open_board):
    """One button, and a head on the frozen backbone runs until validation stops improving, as fast as it can."""
    panel = open_board(QUICK.replace(strategy="feature extraction", learning_rate=0.3))
    panel.press("Use early stopping")
    wanted = QUICK.replace(strategy="feature extraction", learning_rate=0.3).until_converged()
    assert panel.board.settings == wanted
    assert panel.field("speed").value == 0
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert_same(made, run(wanted))
    assert made.result_update < made.updates < wanted.updates
    assert made.message in panel.words
    assert f"features standardized, result from update {made.result_update:,}" in panel.rows[0]
    assert panel.picture == drawn(made)


@pytest.mark.slow
def test_how_a_run_ends_is_not_changed_under_way(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.press("Use early stopping")
    assert "Stop it before" in panel.said["fields"]
    panel.press("Reset")
    assert "Stop it before you reset" in panel.said["fields"]
    assert panel.board.settings == ENDLESS


@pytest.mark.slow
def test_step_starts_a_run_and_the_last_step_ends_it(open_board):
    panel = open_board()
    for point in (8, 16):
        panel.press("Step")
        wait_until(lambda point=point: updates(panel) == point)
        panel.wait_for_pause()
        assert panel.words.startswith(f"Update {point} of 24: ")
    panel.press("Step")
    panel.wait_for_end()
    assert panel.board.runs[0].status == "finished"


@pytest.mark.slow
def test_the_pause_button_says_what_it_will_do(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.press("Pause")
    panel.wait_for_pause()
    for _ in range(5):
        panel.press("Resume")
        time.sleep(0.03)
        panel.press("Pause")
        time.sleep(0.03)
    assert panel.described(widgets.Button, "Resume")
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.described(widgets.Button, "Pause")


@pytest.mark.drawn
@pytest.mark.slow
@pytest.mark.parametrize("paused", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
def test_back_to_the_checkpoint_drops_the_run(open_board, paused):
    panel = open_board(ENDLESS)
    empty = panel.picture
    under_way(panel)
    panel.flip("conv1")
    wait_until(lambda: panel.boxes()["conv1"] == "frozen")
    if paused:
        panel.press("Pause")
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    assert panel.words == BACK
    assert panel.board.runs == [] and panel.rows == []
    assert panel.picture == empty
    assert panel.boxes()["conv1"] == "frozen" and "conv1" not in panel.switched_on()  # as the next run will be


@pytest.mark.drawn
@pytest.mark.slow
def test_back_to_the_checkpoint_after_a_run_keeps_it_in_the_table_alone(open_board):
    panel = open_board()
    panel.press("Start")
    panel.wait_for_end()
    shown = panel.picture
    panel.press("Back to the checkpoint")
    assert panel.words.startswith("Back at the checkpoint") and len(panel.rows) == 1
    assert panel.picture != shown  # a pale ghost, instead of the curves
    panel.ghost(1).value = False
    assert panel.picture == open_board().picture


@pytest.mark.slow
@pytest.mark.parametrize(
    ("button", "place", "pattern"),
    [
        ("Pause", "buttons", "Error .*pause: press Start"),
        ("Stop", "buttons", "Error .*stop: press Start"),
        ("Save selected runs", "table", "Error No run .*save"),
        ("Use these settings", "text", "Done .*set; press Start"),
        ("Remove selected runs", "table", "Error No run .*remove"),
        ("Reset", "fields", "Done .*first"),
    ],
)
def test_buttons_before_the_first_run(open_board, button, place, pattern):
    panel = open_board()
    panel.press(button)
    (said,) = panel.said.items()
    assert said[0] == place and re.match(pattern, said[1]) and panel.words == WELCOME
    assert not panel.board._live.active and panel.board.settings == QUICK


@pytest.mark.slow
def test_start_twice_is_refused_and_the_run_goes_on(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.press("Start")
    assert panel.said["buttons"] == "Error A run is under way: Stop it before you start another."
    assert sum(thread.name == "live drive" for thread in threading.enumerate()) == 1
    before = updates(panel)
    wait_until(lambda: updates(panel) > before)


@pytest.mark.slow
def test_one_run_after_another(open_board):
    panel = open_board(SHORT)
    for seed in range(3):
        panel.field("seed").value = str(seed)
        panel.press("Start")
        panel.wait_for_end()
    assert [made.settings.seed for made in panel.board.runs] == [0, 1, 2]
    assert [row.split()[0] for row in panel.rows] == ["1", "2", "3"]
    assert [int(re.search(r"seed (\d+)", row)[1]) for row in panel.rows] == [0, 1, 2]
    assert_same(panel.board.runs[1], run(SHORT.replace(seed=1)))


@pytest.mark.drawn
@pytest.mark.slow
def test_start_clears_the_curves_of_the_run_before_at_once(open_board, monkeypatch):
    def slow(*arguments):
        go_on.wait(20)
        yield from train(*arguments)

    train, go_on, panel = live.train, threading.Event(), open_board(SHORT)
    panel.press("Start")
    panel.wait_for_end()
    (first,) = panel.board.runs
    monkeypatch.setattr(live, "train", slow)
    panel.press("Start")
    assert panel.words == "Getting ready …"
    assert panel.picture == drawn(Run(SHORT), **{"1": first})
    go_on.set()
    panel.wait_for_end()
    assert len(panel.rows) == 2


@pytest.mark.slow
def test_every_button_does_something(open_board):
    panel = open_board()
    silent = [button.description for button in panel.of(widgets.Button) if not button._click_handlers.callbacks]
    assert silent == []
    named = [button.description for button in panel.of(widgets.Button)]
    assert named == ["Use early stopping", "Fewer settings", "Reset", "Start", "Pause", "Step", "Stop",
                     "Back to the checkpoint", "Experiments ▾", *(preset.name for preset in EXPERIMENTS),
                     "Projector mode", "Use these settings",
                     "Run again with changes", "Show the Keras code",
                     "Save selected runs", "Remove selected runs", "Undo"]  # fmt: skip


# Switches


@pytest.mark.slow
def test_flips_on_the_way_are_recorded_and_can_be_replayed(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.flip("conv1")
    wait_until(lambda: panel.boxes()["conv1"] == "frozen")
    panel.flip("conv2", "old head")
    wait_until(lambda: panel.boxes()["conv2"] == "frozen")
    panel.field("learning rate").value = "0.005"
    wait_until(lambda: panel.board._live.progress.learning_rate == 0.005)
    panel.press("Stop")
    panel.wait_for_end()
    (made,) = panel.board.runs
    changes = [change for _, change in made.events]
    assert changes[0] == Change(trained_layers=("conv2", "conv3", "dense", "new_head"))
    assert changes[-3].trained_layers == ("conv3", "dense", "old_head", "new_head")
    assert changes[-2:] == [Change(learning_rate=0.005), Change(stop=True)]
    (first, _), *_, (last, _), _ = made.events
    assert f"at update {first:,}: conv1 frozen, " in panel.rows[0]
    assert panel.rows[0].rstrip().endswith(f"at update {last:,}: rate 0.005, stopped")
    assert_same(made, run(made.settings, schedule=made.events))
    trained = made.trained_spans()
    assert trained["conv1"] == [(0, made.events[0][0])] and trained["conv3"] == [(0, made.updates)]


@pytest.mark.slow
def test_switches_set_the_next_run_when_nothing_is_running(open_board):
    panel = open_board()
    panel.flip("conv1", "dense")
    assert panel.board.settings == QUICK.replace(trained_layers=("conv2", "conv3", "new_head"))
    assert [name for name, word in panel.boxes().items() if word == "trained"] == ["conv2", "conv3", "new head"]
    panel.press("Start")
    panel.wait_for_end()
    assert panel.board.runs[0].settings.layers == ("conv2", "conv3", "new_head")
    assert panel.board.runs[0].events == ()
    assert panel.rows[0].endswith(", only conv2 + conv3 + new head")


@pytest.mark.slow
def test_the_last_layer_springs_back_on_the_way(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.flip("conv1", "conv2", "conv3", "dense")
    wait_until(lambda: panel.boxes()["dense"] == "frozen")
    panel.flip("new head")
    assert panel.switched_on() == ["new head"]
    assert "every layer is frozen" in panel.said["buttons"]
    assert panel.board._live.active
    panel.flip("old head")
    panel.flip("new head")  # no loss reaches the old head
    assert panel.switched_on() == ["old head", "new head"]
    assert "reaches old head" in panel.said["buttons"]
    panel.press("Stop")
    panel.wait_for_end()
    assert all("new_head" in change.trained_layers for _, change in panel.board.runs[0].events if not change.stop)


@pytest.mark.slow
def test_a_switch_that_springs_back_leaves_a_wish_that_is_not_obeyed_yet(open_board, monkeypatch):
    """Flipped fast, the first flip may not have come to the training when the second is refused."""
    panel = open_board(ENDLESS.replace(trained_layers=("conv1", "new_head")))
    under_way(panel)
    panel.press("Pause")
    panel.wait_for_pause()
    panel.flip("conv1")
    panel.flip("new head")
    assert panel.switched_on() == ["new head"]


@pytest.mark.slow
def test_nothing_trained_at_all_is_refused_at_start(open_board):
    panel = open_board(QUICK.replace(strategy="feature extraction"))
    panel.flip("new head")
    panel.press("Start")
    assert "every layer is frozen" in panel.said["buttons"] and "trained" not in panel.said["buttons"]
    assert not panel.board._live.active
    panel.flip("new head")
    panel.press("Start")
    panel.wait_for_end()
    assert len(panel.rows) == 1


@pytest.mark.slow
def test_a_switch_says_what_it_cannot_do_or_not_yet(open_board):
    panel = open_board(ENDLESS)
    panel.flip("old head")
    assert re.search("Note .*fine-tuning .*old head", panel.said["buttons"])
    assert panel.boxes()["old head"] == "frozen"
    panel.flip("old head")
    under_way(panel)
    panel.press("Pause")
    panel.wait_for_pause()
    panel.flip("conv1")
    assert panel.said["buttons"] == "Note The switch takes effect when you press Resume or Step."
    assert panel.boxes()["conv1"] == "trained"
    panel.press("Resume")
    wait_until(lambda: panel.boxes()["conv1"] == "frozen")


@pytest.mark.slow
def test_a_strategy_sets_the_switches(open_board):
    panel = open_board()
    panel.field("strategy").value = "feature extraction"
    assert panel.switched_on() == ["new head"]
    assert [name for name, word in panel.boxes().items() if word == "trained"] == ["new head"]
    panel.field("strategy").value = "fine-tuning"
    assert panel.switched_on() == [name for name in LAYERS if name != "old head"]


@pytest.mark.slow
def test_a_strategy_chosen_on_the_way_switches_the_run_too(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("strategy").value = "feature extraction"
    wait_until(lambda: panel.boxes()["conv1"] == "frozen")
    assert panel.switched_on() == ["new head"]
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.board.runs[0].events[0][1] == Change(trained_layers=("new_head",))


@pytest.mark.slow
def test_warm_up_shows_in_the_drawing(open_board):
    panel = open_board(QUICK.replace(warm_up=8))
    panel.press("Step")
    panel.wait_for_pause()
    assert panel.words.startswith("Update 8")
    assert [name for name, word in panel.boxes().items() if word == "trained"] == ["new head"]
    panel.press("Step")
    wait_until(lambda: updates(panel) == 16)
    panel.wait_for_pause()
    assert panel.boxes()["conv1"] == "trained" and panel.boxes()["old head"] == "frozen"


@pytest.mark.slow
def test_another_network_has_other_switches(open_board):
    panel = open_board()
    panel.field("network").value = "small_resnet"
    names = Settings(backbone="small_resnet").layers
    assert [name.replace(" ", "_") for name in panel.switched_on()] == list(names)
    assert panel.board.settings == QUICK.replace(backbone="small_resnet")


@pytest.mark.slow
def test_another_network_chosen_on_the_way_is_for_the_next_run(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("network").value = "small_resnet"
    assert "network applies to the next" in panel.said["fields"]
    assert list(panel.boxes()) == LAYERS
    panel.flip("conv1")  # the network that is trained can still be switched
    wait_until(lambda: panel.boxes()["conv1"] == "frozen")
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.board.runs[0].settings.backbone == "small_cnn"
    assert panel.board.settings == ENDLESS.replace(backbone="small_resnet")
    assert [name.replace(" ", "_") for name in panel.switched_on()] == list(Settings(backbone="small_resnet").layers)


@pytest.mark.slow
def test_other_fields_on_the_way_are_for_the_next_run(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("batch size").value = "8"
    assert "batch size applies to the next" in panel.said["buttons"]
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.board.runs[0].settings.batch_size == 16 and panel.board.settings.batch_size == 8


@pytest.mark.slow
def test_speed_slows_down_and_changes_no_number(open_board):
    panel = open_board()
    assert panel.field("speed").label == "no limit"
    expected = run(QUICK)  # and what is to be traced has been
    panel.field("speed").label = "25 updates/s"
    began = time.monotonic()
    panel.press("Start")
    panel.wait_for_end()
    assert time.monotonic() - began > 0.85  # 24 updates at 25 a second
    assert_same(panel.board.runs[0], expected)


STRATEGY_FIELDS = {"λ", "temperature T", "old images"}


IN_DEFAULT = "joint training", "learning without forgetting"  # old images and old answers: the fields they have


@pytest.mark.slow
@pytest.mark.parametrize(
    "strategy", [pytest.param(name, marks=[] if name in IN_DEFAULT else pytest.mark.exhaustive) for name in STRATEGIES]
)
def test_every_strategy_runs_to_its_end(open_board, strategy):
    panel = open_board()
    panel.field("strategy").value = strategy
    settings = QUICK.replace(strategy=strategy)
    assert panel.board.settings == settings and panel.note == ""
    assert [name.replace(" ", "_") for name in panel.switched_on()] == list(settings.layers)
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert made.status == "finished" and made.settings == settings
    assert panel.words == describe(made) and panel.rows[0].startswith(f"1 {strategy} ★ ")


@pytest.mark.slow
def test_fields_are_those_that_matter(open_board):
    panel, fields = open_board(), {}
    for strategy in STRATEGIES:
        panel.field("strategy").value = strategy
        fields[strategy] = STRATEGY_FIELDS & set(panel.shown())
    needed = {
        "learning without forgetting": {"λ", "temperature T"},
        "network expansion + LwF": {"λ", "temperature T"},
        "less-forgetting learning": {"λ"},
        "L2 to the start": {"λ"},
        "joint training": {"λ", "old images"} if STRATEGIES["joint training"].protects else {"old images"},
    }
    assert fields == {strategy: needed.get(strategy, set()) for strategy in STRATEGIES}
    assert "dissimilarity" in panel.shown()
    panel.field("tasks").value = "digits-halves"
    assert "dissimilarity" not in panel.shown()


@pytest.mark.slow
def test_what_is_not_shown_is_not_set(open_board):
    panel = open_board(QUICK.replace(strategy="learning without forgetting", temperature=5.0, old_loss_weight=0.5))
    assert (panel.field("λ").value, panel.field("temperature T").value) == ("0.5", "5.0")
    panel.field("strategy").value = "fine-tuning"
    assert panel.board.settings == QUICK


@pytest.mark.slow
def test_the_value_in_force_stands_in_the_field(open_board):
    """A strategy's default as its number, which follows the strategy; a value that was typed stays."""
    panel = open_board(QUICK.replace(strategy="learning without forgetting"))
    for strategy in ("learning without forgetting", "L2 to the start", "less-forgetting learning"):
        panel.field("strategy").value = strategy
        assert panel.field("λ").value == str(STRATEGIES[strategy].weight)
        assert panel.board.settings.old_loss_weight is None
    panel.field("λ").value = "3"
    panel.field("strategy").value = "learning without forgetting"
    assert panel.field("λ").value == "3" and panel.board.settings.old_loss_weight == 3
    panel.field("λ").value = ""
    assert panel.field("λ").value == str(STRATEGIES["learning without forgetting"].weight)
    assert panel.board.settings.old_loss_weight is None
    chosen = QUICK.replace(strategy="learning without forgetting", old_loss_weight=1.0)
    assert open_board(chosen).board.settings == chosen  # though it's the default, too
    panel.field("strategy").value = "joint training"
    for text, images in (("50", 50), ("all", None)):
        panel.field("old images").value = text
        assert panel.board.settings.old_images == images
    assert "None" not in [field.value for field in panel.of(widgets.Text)]


@pytest.mark.slow
def test_rare_fields_are_folded_away(open_board):
    panel, rare = open_board(Settings()), {"evaluate every", "unfreeze every", "rate decay", "layer rates"}
    assert not rare & set(panel.shown())
    panel.press("More settings")
    assert rare < set(panel.shown())
    panel.field("layer rates").value = "conv1:0,1+conv2:0.5"
    panel.field("rate decay").value = "2,6"
    panel.field("unfreeze every").value = "50"
    wanted = Settings(layer_rates={"conv1": 0.1, "conv2": 0.5}, rate_decay=2.6, unfreeze_every=50)
    assert panel.board.settings == wanted
    panel.press("Fewer settings")
    assert not rare & set(panel.shown()) and panel.board.settings == wanted
    assert rare < set(open_board(wanted).shown())  # what isn't as usual is there to be seen


@pytest.mark.slow
def test_the_fifth_box_of_network_expansion(open_board):
    panel = open_board()
    panel.field("strategy").value = "network expansion"
    assert list(panel.boxes()) == [*LAYERS[:4], "expansion", *LAYERS[4:]]
    assert panel.switched_on() == ["expansion", "new head"]
    panel.field("strategy").value = "fine-tuning"
    assert list(panel.boxes()) == LAYERS


@pytest.mark.slow
def test_another_loss_is_for_the_next_run(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.flip("conv1")
    panel.field("strategy").value = "learning without forgetting"
    assert "strategy applies to the next" in panel.said["buttons"]
    assert "old head" not in panel.switched_on()
    panel.field("λ").value = "3"  # of the next run, too: the one under way has no such loss
    assert panel.board.settings == ENDLESS.replace(strategy="learning without forgetting", old_loss_weight=3.0)
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.switched_on() == LAYERS and panel.note == ""
    assert panel.board.runs[0].settings == ENDLESS
    assert {change.old_loss_weight for _, change in panel.board.runs[0].events} == {None}
    panel.field("updates").value = "24"
    panel.press("Start")
    panel.wait_for_end()
    assert panel.board.runs[1].settings == QUICK.replace(strategy="learning without forgetting", old_loss_weight=3.0)


@pytest.mark.slow
def test_a_strategy_with_another_network_is_for_the_next_run(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("strategy").value = "network expansion"
    assert list(panel.boxes()) == LAYERS  # of the network that is trained
    assert "strategy=network expansion" in panel.field("next run as text").value
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.switched_on() == ["expansion", "new head"]
    assert panel.board.settings == ENDLESS.replace(strategy="network expansion")


@pytest.mark.slow
def test_protection_turned_on_the_way_is_recorded(open_board):
    panel = open_board(ENDLESS.replace(strategy="learning without forgetting"))
    panel.press("Start")
    wait_until(lambda: updates(panel) > 0)
    for field, value, change in (
        ("λ", "4,5", Change(old_loss_weight=4.5)),
        ("temperature T", "3", Change(temperature=3.0)),
        ("λ", "None", Change(old_loss_weight=STRATEGIES["learning without forgetting"].weight)),
    ):
        panel.field(field).value = value
        wait_until(lambda change=change: change in [event for _, event in panel.board._live.progress.run().events])
    panel.press("Stop")
    panel.wait_for_end()
    assert len(panel.board.runs[0].events) == 4  # and the stop
    weight = STRATEGIES["learning without forgetting"].weight
    for (update, _), text in zip(panel.board.runs[0].events, ("λ 4.5", "T 3", f"λ {weight:g}"), strict=False):
        assert f"at update {update:,}: " in panel.rows[0] and text in panel.rows[0]


@pytest.mark.slow
def test_a_strategy_chosen_on_the_way_brings_its_own_weight(open_board, own_strategies):
    lwf = STRATEGIES["learning without forgetting"]
    STRATEGIES["stronger"] = replace(lwf, name="stronger", weight=7.0)
    panel = open_board(ENDLESS.replace(strategy=lwf.name))
    panel.press("Start")
    wait_until(lambda: updates(panel) > 0)
    panel.field("strategy").value = "stronger"
    assert panel.field("λ").value == "7.0"
    wait_until(lambda: panel.board._live.progress.run().events)
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.board.runs[0].events[0][1].old_loss_weight == 7


@pytest.mark.slow
def test_switches_that_differ_from_the_strategy_are_named_beside_it(open_board):
    panel = under_way(open_board(ENDLESS))
    assert panel.note == ""
    panel.flip("conv1", "conv2", "conv3")
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.field("strategy").value == "fine-tuning" and panel.note == "only dense + new head"
    assert "trained_layers=dense+new_head" in panel.field("next run as text").value
    panel.flip("conv1", "conv2", "conv3")
    assert panel.note == ""


# What can't be


LOW = "dissimilarity", "new images", "seed", "evaluate every", "unfreeze every", "rate decay", "layer rates"
BAD_FIELDS = [
    ("learning rate", "0", "can't be 0: it must be a finite number of 1e-30 or more."),
    ("learning rate", "-1", "can't be -1: it must be "),
    ("learning rate", "inf", "can't be inf: it must be "),
    ("learning rate", "nan", "can't be nan: it must be "),
    ("learning rate", "1,000,5", "can't be 1,000,5: it must be a number."),
    ("learning rate", "", "is empty: it must be a number."),
    ("batch size", "0", "can't be 0: it must be a whole number from 1 to 1,024."),
    ("updates", "-1", "can't be -1: it must be "),
    ("updates", "1000000000", "can't be 1000000000: it must be "),
    ("updates", "2.5", "can't be 2.5: it must be a whole number."),
    ("updates", "2,5", "can't be 2,5: it must be a whole number."),
    ("updates", "many", "can't be many: it must be a whole number."),
    ("updates", "", "is empty: it must be a whole number."),
    ("new images", "0", "can't be 0: it must be "),
    ("new images", "50000", "can't be 50000: digits-drawings has "),
    ("seed", "-1", "can't be -1: it must be "),
    ("dissimilarity", "2", "can't be 2: it must be "),
    ("warm-up", "25", "can't be 25: it must be a whole number from 0 to 24 (updates)."),
    ("warm-up", "-1", "can't be -1: it must be "),
    ("evaluate every", "0", "can't be 0: it must be "),
    ("unfreeze every", "-1", "can't be -1: it must be "),
    ("rate decay", "0", "can't be 0: it must be "),
    ("layer rates", "conv9:0.1", "can't be conv9:0.1: each layer must be one of 'conv1', "),
    ("layer rates", "conv1:fast", "can't be conv1:fast: each factor must be a number."),
    ("layer rates", "conv1:-1", "can't be conv1:-1: each factor must be a number from 0 to 1000."),
]


@pytest.mark.slow
def test_fields_that_cannot_be_are_named_and_nothing_starts(open_board, subtests):
    """By their labels, beside them, and marked."""
    panel = open_board()
    for field, value, text in BAD_FIELDS:
        with subtests.test(f"{field} {value}"):
            good, place = panel.field(field).value, "fields" if field in LOW else "buttons"
            if field in ("unfreeze every", "rate decay", "layer rates"):
                place = "rare fields"
            panel.field(field).value = value
            if value == "50000":  # how many there are is known once they are loaded
                panel.press("Start")
                panel.wait_for_end()
            said = (place, panel.said[place])
            assert value == "50000" or list(panel.said) == [place]
            assert said[0] == place and said[1].startswith(f"Error {field} {text}")
            panel.press("Start")
            panel.wait_for_end()
            assert panel.said[place] == said[1] and panel.said["buttons"].startswith("Error ")
            assert panel.rows == [] and panel.marked() == [field] and field in panel.shown()
            panel.field(field).value = good
            assert panel.board.settings == QUICK and panel.marked() == []
            panel.press("Reset")
    panel.press("Start")
    panel.wait_for_end()
    assert len(panel.rows) == 1 and panel.words == describe(panel.board.runs[-1]) and panel.said == {}


@pytest.mark.slow
def test_an_error_goes_with_its_cause(open_board):
    panel = open_board()
    panel.field("batch size").value = "0"
    wrong = panel.said["buttons"]
    assert re.fullmatch("Error batch size can't be 0: .*whole number from 1 to 1,024.", wrong)
    panel.field("seed").value = "3"
    assert panel.said == {"buttons": wrong}
    panel.field("seed").value = "-3"
    assert panel.said["buttons"] == wrong and "seed can't be -3" in panel.said["fields"]
    assert panel.marked() == ["batch size", "seed"]
    panel.field("batch size").value = "16"
    assert list(panel.said) == ["fields"] and panel.marked() == ["seed"]
    panel.field("seed").value = "1"
    assert panel.said == {} and panel.marked() == [] and panel.words == WELCOME


@pytest.mark.slow
def test_all_may_be_what_the_field_holds(open_board):
    panel = open_board(QUICK.replace(strategy="joint training"))
    panel.field("old images").value = "many"
    assert panel.said["buttons"] == "Error old images can't be many: it must be a whole number, or all."
    panel.field("old images").value = "None"  # of an older text
    assert panel.said == {} and panel.field("old images").value == "all"


@pytest.mark.slow
def test_what_was_typed_is_shown_as_it_is_applied(open_board):
    panel = open_board()
    for field, typed, shown in (
        ("learning rate", "0,01", "0.01"), ("learning rate", "1e-3", "0.001"), ("learning rate", " 0.02 ", "0.02"),
        ("dissimilarity", "0,5", "0.5"), ("batch size", "16", "16"), ("layer rates", "conv1:0,1", "conv1:0.1"),
    ):  # fmt: skip
        panel.field(field).value = typed
        assert panel.field(field).value == shown
    assert panel.words == WELCOME and panel.marked() == [] and panel.said == {}
    wanted = QUICK.replace(learning_rate=0.02, pair_options={"dissimilarity": 0.5}, layer_rates={"conv1": 0.1})
    assert panel.board.settings == wanted


@pytest.mark.slow
def test_reset_brings_back_fields_and_switches(open_board):
    panel = open_board(runs=[made_run(updates=24)])
    panel.field("strategy").value = "learning without forgetting"
    panel.field("λ").value = "3"
    panel.field("seed").value = "x"
    panel.field("tasks").value = "digits-halves"
    panel.field("features").value = True
    panel.flip("conv1")
    panel.press("Reset")
    assert panel.field("features").label == "automatic"  # and not an empty list
    assert panel.board.settings == QUICK and panel.marked() == [] and len(panel.rows) == 1
    assert panel.said == {"fields": "Done All fields are back at their first values."}
    panel.field("seed").value = "2"
    assert panel.said == {}


@pytest.mark.slow
def test_a_rate_that_cannot_be_harms_no_run_under_way(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("learning rate").value = "-1"
    complaint = panel.said
    assert re.search(r"^Error learning rate can't be -1: .*\b1e-30\b", complaint["buttons"])
    assert panel.marked() == ["learning rate"]
    before = updates(panel)
    time.sleep(1.5)
    assert updates(panel) > before and panel.words.startswith("Update ")
    assert panel.said == complaint and panel.marked() == ["learning rate"]
    panel.field("learning rate").value = "0.01"
    assert panel.said == {} and panel.marked() == []
    wait_until(lambda: panel.board._live.progress.learning_rate == 0.01)
    panel.press("Stop")
    panel.wait_for_end()
    assert [change for _, change in panel.board.runs[0].events] == [Change(learning_rate=0.01), Change(stop=True)]


@pytest.mark.slow
def test_what_the_next_run_cannot_have_is_refused_at_once(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("updates").value = "0"
    assert re.search(r"^Error updates can't be 0: .*whole number from 1 to 100,000\b", panel.said["buttons"])
    assert panel.marked() == ["updates"]
    panel.field("updates").value = "50"
    assert panel.said["buttons"] == "Note The run in progress keeps its settings; updates applies to the next."
    assert panel.marked() == [] and panel.board._live.active


@pytest.mark.drawn
@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_run_and_is_explained(open_board):
    panel = open_board(QUICK.replace(optimizer="sgd", learning_rate=1e6))
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert made.status == "diverged" and 0 < made.updates < 24
    assert "learning rate of 1e+06" in panel.words and "too large" in panel.words and "lower rate" in panel.words
    assert panel.rows[0].endswith(", diverged")
    assert panel.picture != open_board().picture  # the curves are kept
    panel.field("learning rate").value = "0.01"
    panel.press("Start")
    panel.wait_for_end()
    assert panel.board.runs[1].status == "finished" and panel.words == describe(panel.board.runs[1])


@pytest.mark.slow
def test_a_rate_that_is_too_high_without_an_overflow_is_named_too(open_board):
    panel = open_board(QUICK.replace(optimizer="sgd", learning_rate=100))
    panel.press("Start")
    panel.wait_for_end()
    assert "rate is too high" in panel.words


@pytest.mark.slow
def test_an_error_in_the_training_is_shown_and_the_board_stays_usable(open_board, monkeypatch):
    def failing(*arguments):
        for _, progress in zip(range(3), train(*arguments), strict=False):
            yield progress
        raise MemoryError("no room")

    train, panel = live.train, open_board()
    with monkeypatch.context() as patch:
        patch.setattr(live, "train", failing)
        panel.press("Start")
        panel.wait_for_end()
    assert panel.words == "The run ended with an error." and panel.said["buttons"] == "Error MemoryError: no room"
    interrupted_row = r"1 fine-tuning \d+ \d+\.\d% → – – – .*, interrupted"
    assert len(panel.rows) == 1 and re.fullmatch(interrupted_row, panel.rows[0])
    panel.press("Start")
    panel.wait_for_end()
    assert_same(panel.board.runs[1], run(QUICK))


@pytest.mark.slow
def test_an_error_in_the_drawing_is_shown_too(open_board, monkeypatch):
    panel = open_board()
    with monkeypatch.context() as patch:
        patch.setattr(panel.board._picture, "draw", lambda *_: 1 / 0)
        panel.press("Start")
        panel.wait_for_end()
    assert "ZeroDivisionError" in panel.board._live.error
    panel.press("Start")
    panel.wait_for_end()
    assert panel.words == describe(panel.board.runs[0])


@pytest.mark.slow
def test_an_error_in_a_button_is_shown(open_board, monkeypatch):
    panel = open_board()
    monkeypatch.setattr(panel.board._live, "start", lambda *_, **__: {}["gone"])
    panel.press("Start")
    assert panel.said == {"buttons": "Error KeyError: 'gone'"}


# Settings as text


@pytest.mark.slow
def test_settings_travel_as_text(open_board):
    asked = Settings(pair="digits-drawings", strategy="feature extraction", trained_layers=("dense", "new_head"),
                     learning_rate=0.02, optimizer="sgd", batch_size=8, updates=100, warm_up=20, new_images=50,
                     pair_options={"dissimilarity": 0.25}, evaluate_every=5, seed=7)  # fmt: skip
    there, here = open_board(asked), open_board()
    text = there.field("next run as text").value
    assert text == asked.to_text() and "trained_layers=dense+new_head" in text
    here.field("next run as text").value = text
    assert here.board.settings == QUICK  # not before the button is pressed
    here.press("Use these settings")
    assert here.board.settings == asked
    assert here.switched_on() == ["dense", "new head"]
    assert "are set; press Start" in here.said["text"]
    assert here.field("next run as text").value == text


@pytest.mark.slow
def test_text_follows_the_fields_and_switches(open_board):
    panel = open_board()
    panel.field("seed").value = "5"
    panel.flip("conv1")
    text = panel.field("next run as text").value
    assert Settings.from_text(text) == panel.board.settings
    assert "seed=5" in text and "trained_layers=conv2+conv3+dense+new_head" in text
    copy = next(widget.value for widget in panel.of(widgets.HTML) if "Copy" in widget.value)
    assert f"writeText(&#x27;{text}&#x27;)" in copy


BAD_TEXTS = {
    "hello": "settings: 'hello' is not allowed: write field=value; field=value.",
    "color=red": "field can't be 'color': it must be one of ",
    "updates=many": "updates can't be 'many': it must be a whole number.",
    "updates=10; updates=20": "settings: updates is given twice",
    "pair=digits-drawing": "Did you mean 'digits-drawings'?",
    "learning_rate=0": "learning rate can't be 0.0: it must be",
    "trained_layers=conv9": "It must be one of 'conv1', ",
    "seed=__import__('os').system('true')": ": it must be a whole number.",
}


@pytest.mark.slow
def test_text_that_cannot_be(open_board, subtests):
    panel = open_board()
    for text, message in BAD_TEXTS.items():
        with subtests.test(text):
            panel.field("next run as text").value = text
            panel.press("Use these settings")
            assert message in panel.said["text"]
            assert panel.board.settings == QUICK


@pytest.mark.slow
def test_text_is_not_for_a_run_under_way(open_board):
    panel = under_way(open_board(ENDLESS))
    panel.field("next run as text").value = "trained_layers=new_head"
    panel.press("Use these settings")
    assert "under way: Stop it" in panel.said["text"] and "fields and switches" in panel.said["text"]
    assert panel.boxes()["conv1"] == "trained" and panel.board.settings == ENDLESS


# The table


@pytest.mark.drawn
@pytest.mark.slow
def test_ghosts_come_and_go(open_board):
    high, low = made_run(updates=24, every=8, level=0.8), made_run(updates=24, every=8, level=0.2)
    panel = open_board(runs=[high, low])
    assert [row.split()[0] for row in panel.rows] == ["1", "2"]
    both = panel.picture
    panel.ghost(1).value = False
    second = panel.picture
    panel.ghost(2).value = False
    none = panel.picture
    panel.ghost(1).value = True
    first = panel.picture
    assert len({both, first, second, none}) == 4
    panel.ghost(2).value = True
    assert panel.picture == both
    assert both == drawn(Run(QUICK), **{"1": high, "2": low})
    assert panel.ghost(1).tooltip != panel.ghost(2).tooltip
    image = panel.of(widgets.Image)[0]
    room = [int(side.removesuffix("px")) for side in (image.layout.width, image.layout.height)]
    width, height = size(bytes(image.value))
    assert width >= room[0] and width / height == pytest.approx(room[0] / room[1], rel=0.01)


def ticked(panel):
    return [int(row.split()[0]) for row in panel.rows if panel.ghost(int(row.split()[0])).value]


@pytest.mark.drawn
@pytest.mark.slow
def test_the_last_two_runs_on_the_same_tasks_are_ghosts_unless_the_reader_ticks_others(open_board):
    others = [on(made_run(updates=24, seed=9), pair="digits-halves") for _ in range(2)]
    panel = open_board(SHORT, runs=[*(made_run(updates=24, seed=seed) for seed in range(3)), *others])
    assert ticked(panel) == [2, 3]
    panel.field("tasks").value = "digits-halves"
    assert ticked(panel) == [4, 5]
    panel.field("tasks").value = "digits-drawings"
    panel.ghost(1).value = True
    panel.ghost(3).value = False
    panel.press("Start")
    panel.wait_for_end()
    assert ticked(panel) == [1, 2, 6]
    made, runs = panel.board.runs[-1], panel.board.runs
    assert panel.picture == drawn(made, **{"1": runs[0], "2": runs[1]})
    panel.press("Start")
    panel.wait_for_end()
    assert ticked(panel) == [1, 6, 7]
    panel.press("Back to the checkpoint")
    assert ticked(panel) == [1, 6, 7]


@pytest.mark.drawn
@pytest.mark.slow
def test_a_row_that_is_clicked_comes_back(open_board):
    changes = [(8, {"trained_layers": ["dense", "new_head"]}), (16, {"learning_rate": 0.01})]
    first = made_run(updates=24, every=8, events=changes)
    panel = open_board(SHORT, runs=[first])
    second = panel.board.run(SHORT.replace(seed=1))
    assert panel.switched_on() == [name for name in LAYERS if name != "old head"]
    panel.press("Show run 1")
    assert panel.picture == drawn(first, **{"2": second}) and panel.words == describe(first)
    assert plain(panel.board._display.caption.value).startswith("Finished : run 1, fine-tuning")
    assert panel.switched_on() == ["dense", "new head"] and panel.board.settings.seed == 1
    assert "fb-shown" in panel.board._display.table._rows[1].widget._dom_classes
    panel.press("Run again with changes")
    assert panel.board.settings == first.settings and panel.picture == drawn(first, **{"2": second})
    said = panel.board._display._again._message
    assert "its changes" in said.text.lower()  # they aren't part of the settings
    panel.press("Show run 2")
    assert panel.picture == drawn(second, **{"1": first}) and panel.board.settings == first.settings
    panel.press("Run again with changes")
    assert said.text and "its changes" not in said.text.lower()
    panel.press("Start")
    panel.press("Show run 1")
    assert "in progress" in panel.said["table"]
    panel.press("Run again with changes")
    panel.wait_for_end()
    assert_same(panel.board.runs[2], second)


@pytest.mark.drawn
@pytest.mark.slow
def test_a_run_on_another_network_comes_back(open_board):
    resnet = made_run(updates=24, backbone="small_resnet")
    panel = open_board(runs=[resnet])
    before = panel.switched_on()
    panel.press("Show run 1")
    assert panel.switched_on() == before and panel.picture == drawn(resnet)
    panel.press("Run again with changes")
    assert panel.board.settings == resnet.settings


@pytest.mark.slow
def test_there_is_nothing_to_run_again_before_the_first_run(open_board):
    panel = open_board()
    panel.press("Run again with changes")
    assert panel.board._display._again._message.text == "No run yet: press Start first."


@pytest.mark.slow
def test_the_plane_shows_the_runs_of_the_table(open_board):
    panel = open_board()
    empty = panel.plane
    panel.press("Start")
    panel.wait_for_end()
    after = panel.plane
    assert after != empty
    panel.press("Remove selected runs")
    assert panel.rows == [] and panel.board.runs == [] and panel.plane == empty


@pytest.mark.drawn
@pytest.mark.slow
def test_what_was_removed_can_be_brought_back(open_board):
    panel = open_board(runs=[made_run(updates=24, seed=seed) for seed in range(3)])
    undo = panel.described(widgets.Button, "Undo")
    assert undo.layout.display == "none"
    panel.ghost(1).value = True
    rows, picture = panel.rows, panel.picture
    panel.ghost(2).value = False
    panel.press("Remove selected runs")
    assert panel.said["table"].startswith("Done Removed 2 runs")
    assert undo.layout.display != "none"
    panel.press("Remove selected runs")  # none is ticked anymore: what was removed isn't lost for it
    assert re.search("Error No run .*remove", panel.said["table"])
    panel.press("Undo")
    assert panel.said["table"].endswith(": 1, 3.") and undo.layout.display == "none"
    assert panel.rows == rows and [made.settings.seed for made in panel.board.runs] == [0, 1, 2]
    panel.ghost(2).value = True
    assert panel.picture == picture


@pytest.mark.slow
def test_a_run_made_meanwhile_keeps_its_number(open_board):
    panel = open_board(runs=[made_run(updates=24)])
    panel.press("Remove selected runs")
    assert panel.said["table"].startswith("Done Removed run 1. Undo ")
    panel.press("Start")
    panel.wait_for_end()
    panel.press("Undo")
    assert [row.split()[0] for row in panel.rows] == ["1", "2"]


@pytest.mark.exhaustive
def test_undo_keeps_to_the_most_that_a_table_holds(open_board):
    panel = open_board(runs=[made_run() for _ in range(20)])
    for number in range(1, 21):
        panel.ghost(number).value = True
    panel.press("Remove selected runs")
    for _ in range(18):
        panel.board._display.table.add(made_run())
    panel.press("Undo")
    assert [row.split()[0] for row in panel.rows] == [str(number) for number in range(19, 39)]
    assert panel.said["table"].startswith("Done Back again: 19, 20. ") and " 17, 18." in panel.said["table"][-9:]
    panel.ghost(38).value = False
    panel.press("Remove selected runs")  # there is room for those that waited
    panel.press("Undo")
    assert [row.split()[0] for row in panel.rows][0] == "1" and len(panel.rows) == 20
    panel.press("Remove selected runs")
    for _ in range(20):
        panel.board._display.table.add(made_run())
    panel.press("Undo")
    assert len(panel.rows) == 20 and panel.said["table"].startswith("Error The table holds 20 runs: remove others")
    assert panel.described(widgets.Button, "Undo").layout.display != "none"  # none of them is lost


@pytest.mark.slow
def test_remove_takes_the_ticked_ones(open_board):
    panel = open_board(runs=[made_run(updates=24, seed=seed) for seed in range(3)])
    panel.ghost(1).value = True
    panel.ghost(2).value = False
    panel.press("Remove selected runs")
    assert [made.settings.seed for made in panel.board.runs] == [1]
    assert [row.split()[0] for row in panel.rows] == ["2"]
    panel.press("Start")
    panel.wait_for_end()
    assert [row.split()[0] for row in panel.rows] == ["2", "4"]  # no number means two runs


@pytest.mark.slow
def test_the_oldest_of_too_many_runs_goes(open_board):
    panel = open_board(runs=[made_run(updates=24, seed=seed) for seed in range(22)])
    assert [made.settings.seed for made in panel.board.runs] == list(range(2, 22))
    assert len(panel.rows) == 20 and panel.rows[0].startswith("3 ")


@pytest.mark.slow
def test_stars_are_for_the_runs_that_none_beats(open_board):
    runs = [with_accuracies(0.9, 0.5), with_accuracies(0.8, 0.4), with_accuracies(0.2, 0.9)]
    assert ["★" in row for row in open_board(runs=runs).rows] == [True, False, True]


def on(run, **settings):
    return replace(run, settings=run.settings.replace(**settings))


@pytest.mark.slow
def test_only_runs_on_the_same_tasks_are_compared(open_board):
    """The second beats all others, but on other tasks; the third is alone on its."""
    runs = [with_accuracies(0.8, 0.5), on(with_accuracies(0.9, 0.9), pair="digits-halves"),
            on(with_accuracies(0.5, 0.5), pair_options={"dissimilarity": 0.5}), with_accuracies(0.7, 0.4)]  # fmt: skip
    panel = open_board(runs=runs)
    assert ["★" in row for row in panel.rows] == [True, True, True, False]
    assert panel.plane == png(plot_plane([runs[0], runs[3]], ["1", "4"], (236, 251)))
    pattern = r"digits-drawings, dissimilarity 1\b.*: 2, 3\."
    assert any(re.search(pattern, plain(widget.value)) for widget in panel.of(widgets.HTML))


@pytest.mark.slow
def test_a_row_tells_what_is_not_as_usual(open_board):
    settings = {"backbone": "small_resnet", "strategy": "learning without forgetting", "old_loss_weight": 2.0,
                "temperature": 4.0, "rate_decay": 2.6, "layer_rates": {"stem": 0.1}, "unfreeze_every": 5}  # fmt: skip
    row = open_board(runs=[replace(with_accuracies(0.9, 0.5), settings=QUICK.replace(**settings))]).rows[0]
    assert {"small_resnet", "unfreeze every 5", "rate decay per layer 2.6", "layer rates stem:0.1", "λ 2.0", "T 4.0",
            "new images 100"} < set(row.split(", "))  # fmt: skip


@pytest.mark.slow
def test_saved_and_loaded_the_row_is_the_same(open_board, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel = open_board()
    panel.press("Step")
    panel.wait_for_pause()
    panel.flip("conv1")
    panel.press("Resume")
    panel.wait_for_end()
    panel.press("Save selected runs")
    path = tmp_path / "runs" / "run-1.json"
    assert panel.said["table"] == f"Done Saved: {path.relative_to(tmp_path)}." and path.exists()
    panel.press("Save selected runs")  # nothing is written over
    assert sorted(file.name for file in path.parent.iterdir()) == ["run-1-2.json", "run-1.json"]

    other = open_board()
    other.load(mine=path.read_bytes())
    assert other.said["table"] == "Done mine.json is now run 1."
    assert other.rows == panel.rows and ": conv1 frozen" in other.rows[0]
    assert_same(other.board.runs[0], panel.board.runs[0])
    assert other.board.runs[0].events == panel.board.runs[0].events
    other.load(mine=path.read_bytes())  # the same file again
    assert len(other.rows) == 2


def altered(**changes):
    values = made_run(updates=24, every=8).to_dict()
    values["history"] |= changes.pop("history", {})
    return json.dumps(values | changes).encode()


@pytest.mark.slow
def test_files_that_cannot_be_loaded_are_named(open_board, subtests):
    panel, files = open_board(), {
        "empty": b"",
        "no JSON": b"not JSON",
        "a list": b"[1, 2]",
        "no text": b"\xff\xfe\x00",
        "too deep": b"[" * 100_000,
        "another format": altered(format=99),
        "updates": altered(settings={"updates": -1}),
        "code": altered(settings="import os"),
        "status": altered(status="splendid"),
        "event": altered(events=[[1, {"exec": "import os"}]]),
        "a number for a curve": altered(history={"training_loss": 3}),
        "nothing for a curve": altered(history={"training_loss": None}),
        "no number": altered(history={"old_loss": [float("nan")] * 4}),
        "too few layers": altered(history={"drift": [[0, 0]]}),
        "accuracy": altered(old_accuracy="high"),
        "cut off": altered()[:-20],
    }  # fmt: skip
    for name, content in files.items():
        with subtests.test(name):
            panel.load(broken=content)
            assert re.fullmatch(r"Error broken\.json can't be loaded\. .{10,}", panel.said["table"])
            assert panel.rows == [] and panel.described(widgets.FileUpload, "Load runs").value == ()
    panel.load(whole=altered())
    assert panel.said["table"] == "Done whole.json is now run 1." and len(panel.rows) == 1
    # The browser tells of files that the server won't let through.
    many = [{"name": f"{i}.json", "size": 6_000_000, "type": "", "content": {}} for i in range(2)]
    panel.board._display.table._files.announced.value = many
    assert "2 files are more than the 10 MB" in panel.said["table"] and len(panel.rows) == 1


@pytest.mark.slow
def test_one_broken_file_keeps_no_other_from_being_loaded(open_board):
    panel = open_board()
    panel.load(a=altered(), b=b"{}", c=altered())
    assert [row.split()[0] for row in panel.rows] == ["1", "2"]
    said = panel.said["table"]
    assert "a.json is now run 1." in said and "c.json is now run 2." in said and "b.json can't be loaded." in said


@pytest.mark.slow
def test_what_a_file_says_is_not_taken_for_markup(open_board):
    panel = open_board()
    panel.load(**{"<img src=x onerror=alert(1)>": b"{}"})
    assert panel.said["table"].startswith("Error <img src=x")
    assert not any("<img" in widget.value for widget in panel.of(widgets.HTML))


# Two threads at one board


@pytest.mark.drawn
@pytest.mark.slow
def test_ticking_ghosts_while_the_training_draws(open_board, monkeypatch):
    panel = open_board(ENDLESS, runs=[made_run(updates=24, level=0.1 * n) for n in range(1, 6)])
    panel.field("speed").label = "100 updates/s"
    inside, together, frame = [], [], panel.board._picture.draw

    def watched(*arguments):
        inside.append(1)
        together.append(len(inside))
        time.sleep(0.01)
        try:
            return frame(*arguments)
        finally:
            inside.pop()

    monkeypatch.setattr(panel.board._picture, "draw", watched)
    under_way(panel)
    end, n = time.monotonic() + 0.8, 0
    while time.monotonic() < end or n < 8:
        panel.ghost(n % 5 + 1).value ^= True
        n += 1
        if n % 7 == 0:
            panel.load(another=altered())
    panel.press("Pause")
    panel.wait_for_pause()
    panel.ghost(1).value ^= True
    assert panel.picture == drawn(panel.board._live.progress.run(), **panel.board._display.table.ghosts)
    assert panel.board._live.error == "" and max(together) == 1  # never two at one figure


@pytest.mark.drawn
@pytest.mark.slow
def test_words_and_pictures_come_no_faster_than_can_be_read(open_board, monkeypatch):
    """By a clock that goes on only when it's told to, while the run goes on all the time."""
    panel = open_board(ENDLESS.replace(evaluate_every=1))
    sentences, pictures = [], []
    status = next(widget for widget in panel.of(widgets.HTML) if 'role="status"' in widget.value)
    status.observe(sentences.append, "value")
    panel.of(widgets.Image)[0].observe(pictures.append, "value")
    under_way(panel)
    now = [time.monotonic()]
    for module in (status_line, live_panel):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def new_after(seconds):
        """How many sentences and pictures come in so many seconds, in which some updates are made."""
        before, begin = (len(sentences), len(pictures)), updates(panel)
        now[0] += seconds
        wait_until(lambda: updates(panel) > begin + 2)
        return len(sentences) - before[0], len(pictures) - before[1]

    new_after(10)  # since the clock was stopped
    assert new_after(0) == (0, 0)
    assert new_after(0.06) == (0, 0)
    assert [new_after(0.1) for _ in range(9)] == [(0, 1)] * 9
    assert new_after(0.1) == (1, 1)


# Other ways to drive it


@pytest.mark.slow
def test_run_in_code_is_shown_and_kept(open_board):
    panel = open_board()
    made = panel.board.run(QUICK.replace(seed=4), schedule=[(8, {"trained_layers": ["new_head"]})])
    assert made.settings.seed == 4 and made.events == ((8, Change(trained_layers=("new_head",))),)
    assert panel.board.runs == [made] and panel.words == describe(made)
    assert panel.field("seed").value == "4" and numbers_of(made) in panel.rows[0]
    assert_same(panel.board.run(), run(QUICK.replace(seed=4)))
    with pytest.raises(ValueError, match="new_images=50000 is not allowed"):
        panel.board.run(QUICK.replace(new_images=50_000))
    assert len(panel.rows) == 2


@pytest.mark.slow
@pytest.mark.parametrize("driver", ["thread", "play"])
def test_run_in_code_stops_the_run_under_way_first(open_board, driver):
    panel = open_board(ENDLESS, driver=driver)
    panel.press("Start")
    if driver == "thread":
        wait_until(lambda: updates(panel) > 0)
    panel.board.run(QUICK)
    assert [made.status for made in panel.board.runs] == ["stopped", "finished"]


@pytest.mark.exhaustive
def test_a_plain_script(project, new_keras_home):
    """No kernel, no front end, and an end while something is still going on in the background."""
    code = """
from utils import FreezeBoard, Settings
board = FreezeBoard(Settings(updates=24, new_images=100, batch_size=16, evaluate_every=8))
made = board.run()
print(made)
board._live.start(board.settings.replace(updates=100000))
open("still.png", "wb").write(board.still())
"""
    environment = {**os.environ, "KERAS_HOME": str(new_keras_home), "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=new_keras_home, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and not COMPLAINT.search(done.stderr), done.stderr
    assert re.fullmatch(r"Run\('pair=digits-drawings; .*finished, 24 updates.*\)\n", done.stdout)
    width, height = size((new_keras_home / "still.png").read_bytes())
    assert width > 1000 and height > 1000  # the whole board


def beat(panel, most=5000):
    """What the front end's clock does."""
    (clock,) = panel.of(widgets.Play)
    for _ in range(most):
        if not clock.playing:
            return
        clock.value += 1
        time.sleep(0.001)


@pytest.mark.slow
def test_the_front_ends_clock_drives_it_as_well(open_board):
    panel = open_board(driver="play")
    (clock,) = panel.of(widgets.Play)
    assert clock.interval <= 100 and clock.layout.display == "none" and not clock.playing
    panel.press("Start")
    assert clock.playing and updates(panel) == -1
    assert not any(thread.name == "live drive" for thread in threading.enumerate())
    clock.value += 1
    assert updates(panel) == 0
    beat(panel)
    assert not clock.playing
    assert_same(panel.board.runs[0], run(QUICK))
    panel.press("Start")  # and again
    beat(panel)
    assert_same(panel.board.runs[1], run(QUICK))


@pytest.mark.slow
def test_commands_under_the_front_ends_clock(open_board):
    panel = open_board(ENDLESS, driver="play")
    panel.press("Step")
    beat(panel, 50)
    assert panel.words.startswith("Update 8 of 100,000") and panel.board._live.state == "paused"
    panel.flip("conv1")
    panel.press("Resume")
    beat(panel, 10)
    assert panel.boxes()["conv1"] == "frozen"
    panel.press("Stop")
    beat(panel)
    assert panel.board.runs[0].events[0] == (8, Change(trained_layers=("conv2", "conv3", "dense", "new_head")))
    panel.press("Start")
    panel.press("Back to the checkpoint")
    beat(panel)
    assert panel.words.startswith("Back at the checkpoint") and len(panel.rows) == 1


@pytest.mark.slow
def test_a_command_sets_a_clock_going_that_has_lost_its_beat(open_board):
    """In a page that was loaded again the clock says that it's playing, and stands still."""
    panel = open_board(ENDLESS, driver="play")
    panel.press("Start")
    beats = []
    panel.of(widgets.Play)[0].observe(lambda change: beats.append(change.new), "playing")
    panel.press("Stop")
    assert beats == [False, True]
    beat(panel)


@pytest.mark.slow
def test_an_unknown_driver():
    with pytest.raises(ValueError, match="^driver='clockwork' .*'thread', 'play'"):
        FreezeBoard(driver="clockwork")


@pytest.mark.slow
def test_colab_gets_the_clock(open_board, monkeypatch):
    assert open_board().of(widgets.Play) == []
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert len(open_board().of(widgets.Play)) == 1


def test_settings_that_are_none():
    with pytest.raises(ValueError, match="^settings='fine-tuning' .*Settings"):
        FreezeBoard("fine-tuning")


@pytest.mark.slow
def test_a_new_board_stops_the_run_of_the_old_one(open_board):
    old = under_way(open_board(ENDLESS))
    new = open_board()
    old.wait_for_end()
    assert old.board.runs[0].status == "stopped"
    new.press("Start")
    new.wait_for_end()
    assert new.board.runs[0].status == "finished" and len(old.board.runs) == 1


@pytest.mark.slow
def test_a_run_on_one_board_stops_that_on_another(open_board):
    first, second = open_board(ENDLESS), open_board()
    under_way(first)
    second.press("Start")
    second.wait_for_end()
    first.wait_for_end()
    assert first.board.runs[0].status == "stopped" and second.board.runs[0].status == "finished"


@pytest.mark.slow
def test_a_board_prepares_what_its_settings_need(monkeypatch):
    prepared, failing = threading.Event(), []

    def prepare(settings, is_enough):
        failing.append(settings)
        prepared.set()
        raise OSError("no network")

    monkeypatch.setattr(board_wishes, "prepare", prepare)
    board = FreezeBoard(QUICK)
    assert prepared.wait(10) and failing == [QUICK]
    wait_until(lambda: Panel(board).said == {"buttons": "Error OSError: no network"})


# As a still page


@pytest.mark.slow
def test_the_still_picture_is_of_the_last_state(open_board):
    panel = open_board()
    panel.board._display.table.add(made_run(updates=24, every=8, level=0.9))
    pictures = [panel.board.still()]
    panel.press("Step")
    panel.wait_for_pause()
    pictures.append(panel.board.still())
    panel.press("Resume")
    panel.wait_for_end()
    pictures.append(panel.board.still())
    assert len(set(pictures)) == 3
    for picture in pictures:
        assert Image.open(io.BytesIO(picture)).format == "PNG" and size(picture)[0] == size(pictures[0])[0]


@pytest.mark.slow
def test_a_board_that_has_run_nothing_shows_the_run_it_was_given(open_board):
    assert open_board(runs=[made_run(updates=24)]).board.still() != open_board().board.still()


@pytest.mark.slow
def test_it_shows_itself_as_widgets_and_as_a_picture(open_board):
    panel = open_board()
    shown = panel.board._repr_mimebundle_()
    shown = shown[0] if isinstance(shown, tuple) else shown
    view = shown["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == panel.board.widget.model_id
    assert base64.b64decode(shown["image/png"]) == panel.board.still()
    assert "FreezeBoard" in shown["text/plain"] and "0x" not in shown["text/plain"]


# For readers who see or hear otherwise


@pytest.mark.slow
def test_every_control_has_a_name(open_board):
    panel = open_board(runs=[made_run()])
    kinds = (widgets.Button, widgets.Checkbox, widgets.Dropdown, widgets.IntText, widgets.FloatText, widgets.Text,
             widgets.FileUpload)  # fmt: skip
    measures = {field for box in panel.of(widgets.HBox) if "fb-room" in box._dom_classes for field in box.children}
    controls = [control for control in panel.of(kinds) if control not in measures]  # which nobody sees
    assert len(controls) > 25
    assert all(control.description.strip() for control in controls)
    names = [control.description for control in controls]
    assert len(names) == len(set(names))
    # Words, not pictures of an icon font.
    assert not any(getattr(button, "icon", "") for button in panel.of(widgets.Button))
    assert not panel.of((widgets.ToggleButton, widgets.ToggleButtons, widgets.IntSlider))  # they hide name or state


@pytest.mark.slow
def test_fields_stand_before_switches_and_buttons(open_board):
    """The order of the page is the order of the Tab key."""
    names = [part.description for part in parts(open_board().board.widget) if getattr(part, "description", "")]
    due = "strategy", "conv1", "new head", "Start", "Stop", "next run as text", "Load runs"
    order = [names.index(name) for name in due]
    assert order == sorted(order)


@pytest.mark.slow
def test_frozen_and_trained_are_told_in_words_and_patterns(open_board):
    panel = open_board(QUICK.replace(trained_layers=("dense", "new_head")))
    assert panel.boxes() == {name: "trained" if name in ("dense", "new head") else "frozen" for name in LAYERS}
    for widget in panel.of(widgets.HTML):
        if 'title="' in widget.value:
            assert ("fb-frozen" in widget.value) == (
                ">frozen<" in widget.value or widget.value.endswith("frozen</div>")
            )
    style = next(widget.value for widget in panel.of(widgets.HTML) if ".fb-frozen {" in widget.value)
    assert "repeating-linear-gradient" in style[style.index(".fb-frozen") : style.index(".fb-trained")]
