"""Experiments that are ready-made: what they ask, what decides, and what the board says in the end."""

import math

import pytest

from tests.plots.made_runs import made_run
from tests.training.comparing import QUICK, assert_same
from tests.waiting import wait_until
from utils import EXPERIMENTS, Change, Experiment, FreezeBoard, Settings, run

ANSWERS = {"It falls.": -1, "It stays.": 1, "It rises.": math.inf}
FREEZE = Experiment("Freeze all", "What then?", ANSWERS, settings={"updates": 24, "evaluate_every": 8},
                    schedule=((8, {"trained_layers": ["new_head"]}),), look_at="Watch it.")  # fmt: skip


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.name)
def test_each_can_be_run_on_any_network(experiment):
    for base in (Settings(), Settings("plane", seed=3), Settings(backbone="small_resnet", strategy="joint training")):
        settings = experiment.settings_on(base)
        assert (settings.pair, settings.backbone, settings.seed) == (base.pair, base.backbone, base.seed)
        assert settings.strategy == "fine-tuning" and settings.updates == 150
    assert experiment.question.endswith("?") and experiment.look_at.endswith(".")
    assert len(experiment.answers) == 3


@pytest.mark.parametrize(
    ("level", "kind", "right"), [(0.2, "after the change", "It falls."), (0.96, "after the change", "It stays.")]
)
def test_the_run_s_own_numbers_decide(level, kind, right):
    made = made_run(updates=40, every=10, level=level, events=[(15, {"learning_rate": 0.1})])
    experiment = Experiment("x", "?", ANSWERS, kind)
    for predicted in ANSWERS:
        was_right, text = experiment.verdict(made, predicted)
        assert was_right == (predicted == right)
        said = "That was right." if was_right else f"In fact: {right}"
        assert text.startswith(f"You predicted: {predicted} {said}")
        before, after = (f"{accuracy:.1%}" for accuracy in made.history["old_accuracy"][[1, -1]])
        assert text.endswith(f"Old task {before} at update 15, {after} at the end (validation).")


def test_when_it_was_lost():
    experiment = Experiment("x", "?", {"Early.": 10, "Late.": 40, "Never.": math.inf}, "update of the loss")
    for level, right in ((0.2, "Early."), (0.86, "Late."), (0.95, "Never.")):
        assert experiment.verdict(made_run(updates=40, every=10, level=level), right)[0]


def test_a_run_that_ended_too_early_decides_nothing():
    made = made_run(updates=20, every=10)
    assert FREEZE.verdict(made, "It stays.") == (False, "You predicted: It stays. The run ended too early to tell.")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"name": " "}, "^name=' '"),
        ({"measure": "luck"}, "^measure='luck'"),
        ({"answers": {"yes": math.inf}}, "^answers=.* two or more"),
        ({"answers": {"yes": 1, "no": 0, "so": math.inf}}, "^answers=.* rising"),
        ({"answers": {"yes": 1, "no": 2}}, "^answers=.* math.inf"),
        ({"settings": {"updates": 0}}, "^updates=0 "),
        ({"schedule": [(500, Change(learning_rate=1))]}, "update 500 is not allowed: the run ends at 150"),
    ],
)
def test_what_cannot_be_is_named(wrong, named):
    with pytest.raises(ValueError, match=named):
        Experiment(**{"name": "x", "question": "?", "answers": ANSWERS} | wrong)


@pytest.mark.slow
def test_an_experiment_is_predicted_played_and_judged(open_board):
    panel = open_board(presets=[FREEZE])
    menu = panel.board._menu
    assert menu._menu.layout.display == "none"
    panel.press("Experiments ▾")
    panel.press("Freeze all")
    assert "What then?" in menu._question.value and menu._menu.layout.display != "none"
    panel.press("It falls.")
    assert menu._menu.layout.display == "none"
    panel.wait_for_end()
    (made,) = panel.board.runs
    assert made.settings == QUICK and made.events == ((8, Change(trained_layers=("new_head",))),)
    assert_same(made, run(QUICK, FREEZE.schedule))
    assert panel.said == {"buttons": "Note " + FREEZE.verdict(made, "It falls.")[1]}
    assert "In fact: It stays." in panel.said["buttons"]
    assert panel.switched_on() == ["new head"]  # as it was in the end
    panel.press("Experiments ▾")
    panel.press("Freeze all")
    panel.press("It stays.")
    wait_until(lambda: panel.board._live.progress is not None or not panel.board._live.active)
    panel.wait_for_end()
    assert panel.said["buttons"].startswith("Done You predicted: It stays. That was right.")
    assert_same(panel.board.runs[1], made)  # whatever the switches were


@pytest.mark.slow
def test_the_number_that_an_experiment_sets_is_in_the_field(open_board):
    faster = Experiment("Faster", "?", ANSWERS, settings={"updates": 24, "evaluate_every": 8},
                        schedule=[(16, {"learning_rate": 0.01})])  # fmt: skip
    panel = open_board(presets=[faster])
    for button in ("Experiments ▾", "Faster", "It falls."):
        panel.press(button)
    panel.wait_for_end()
    assert panel.field("learning rate").value == "0.01" and panel.board.settings.learning_rate == 0.01


@pytest.mark.slow
def test_an_experiment_unfolds_no_fields(open_board):
    """They would move what is below."""
    gradual = Experiment("Gradual", "?", ANSWERS, settings={"updates": 24, "unfreeze_every": 8})
    panel = open_board(Settings(new_images=100, batch_size=16), presets=[gradual])
    for button in ("Experiments ▾", "Gradual", "It falls."):
        panel.press(button)
    panel.wait_for_end()
    assert "unfreeze every" not in panel.shown() and panel.board.settings.unfreeze_every == 8


@pytest.mark.slow
def test_an_experiment_waits_for_the_run_under_way_and_for_fields(open_board):
    panel = open_board(QUICK.replace(updates=100_000), presets=[FREEZE])
    panel.press("Start")
    for button in ("Experiments ▾", "Freeze all", "It falls."):
        panel.press(button)
    assert panel.said["buttons"].startswith("Error A run is under way: Stop it")
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    panel.field("batch size").value = "0"
    for button in ("Experiments ▾", "Freeze all", "It falls."):
        panel.press(button)
    assert panel.said["buttons"].startswith("Error batch size can't be 0") and not panel.board._live.active


@pytest.mark.slow
def test_a_run_that_is_abandoned_is_not_judged(open_board):
    longer = Experiment("Long", "?", ANSWERS, settings={"updates": 100_000})
    panel = open_board(presets=[longer])
    for button in ("Experiments ▾", "Long", "It falls."):
        panel.press(button)
    wait_until(lambda: panel.board._live.progress is not None)
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    assert panel.board.runs == [] and "It was" not in panel.said.get("buttons", "")


def test_presets_that_are_none():
    with pytest.raises(ValueError, match="^presets"):
        FreezeBoard(QUICK, presets=["freeze"])
