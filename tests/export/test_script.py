"""A run's script in plain Keras does what the run did, and reads like one that somebody wrote."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from tests.training.comparing import live
from tests.training.keras_scripts import ALL, FIFTY, drawn
from utils.export import keras_code
from utils.export.plan import phases, shares_one_optimizer
from utils.strategies import STRATEGIES, Change, LossOption, LossTerm, OutputCode, Settings, Strategy
from utils.training import Run

pytestmark = pytest.mark.slow  # what its tests share takes seconds


def as_if_made(settings, events=(), updates=None, status="finished"):
    """A run that nobody trained: for what is written, only its settings and events matter."""
    made = settings.updates if updates is None else updates
    known = {"old_accuracy_before": 0.97, "old_accuracy": 0.5, "new_accuracy": 0.8}
    return Run(settings, status, events=tuple(events), history={"training_loss": np.zeros(made)}, **known)


def phases_of(run):
    return phases(run.timeline)


def percents(text):
    """Old task before and after, new task."""
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def of(run):
    return [100 * share for share in (run.old_accuracy_before, run.old_accuracy, run.new_accuracy)]


# With two outputs. One with a `train_step` of its own is among those that test_double_precision.py runs.
KIND = "joint training"


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(strategy, marks=pytest.mark.slow if strategy == KIND else pytest.mark.exhaustive)
        for strategy in STRATEGIES
    ],
)
def test_a_script_stands_alone(start, tmp_path, strategy):
    """In a fresh process and in single precision, as a reader would: the whole run's accuracies."""
    events = [(30, Change(learning_rate=5e-4))] if strategy == "feature extraction" else []
    run = live(FIFTY.replace(strategy=strategy, updates=60, old_images=300), events)
    path = tmp_path / "script.py"
    path.write_text(run.to_keras_code(), encoding="utf-8")
    assert percents(start(path)) == pytest.approx(of(run), abs=0.2)


@pytest.mark.slow
def test_scripts_read_well(project, tmp_path):
    for backbone, most in (("small_cnn", 90), ("small_resnet", 101)):
        for strategy in STRATEGIES:
            settings = Settings(strategy=strategy, backbone=backbone)
            for kind, variant in (("all", settings), ("gradual", settings.replace(warm_up=50, unfreeze_every=50))):
                text = as_if_made(variant).to_keras_code()
                (tmp_path / f"{backbone} {strategy} {kind}.py").write_text(text, encoding="utf-8")
                assert text.count("\n") <= (most if kind == "all" else most + 25)
                ours = [line for line in text.splitlines() if "utils" in line]
                assert ours == ["from utils.models import pretrained", "from utils.tasks import load_pair"]
    for i in range(8):
        settings, events = drawn(i)
        (tmp_path / f"{i}.py").write_text(as_if_made(settings, events, 47).to_keras_code(), encoding="utf-8")
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", str(project / "pyproject.toml"), str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_what_plain_keras_has_is_not_written_anew():
    for strategy, row in STRATEGIES.items():
        assert ("train_step" in as_if_made(Settings(strategy=strategy)).to_keras_code()) == (row.backbone_rate != 1)
    flips = [(300, Change(trained_layers=("new_head",))), (600, Change(trained_layers=ALL))]
    assert "train_step" not in as_if_made(Settings(warm_up=100), flips[:1]).to_keras_code()
    assert "train_step" in as_if_made(Settings(), flips).to_keras_code()


def test_phases_follow_stages_and_changes():
    settings = Settings(updates=100, warm_up=20, unfreeze_every=20)
    found = phases_of(as_if_made(settings, [(50, Change(trained_layers=("conv1",))), (70, Change(learning_rate=0.5))]))
    spans = [(phase.first, phase.last, phase.trained, phase.learning_rate, phase.fresh_optimizer) for phase in found]
    assert spans == [
        (0, 20, ("new_head",), 1e-3, True),
        (20, 40, ("dense", "new_head"), 1e-3, True),
        (40, 50, ("conv3", "dense", "new_head"), 1e-3, False),
        (50, 70, ("conv1",), 1e-3, False),
        (70, 100, ("conv1",), 0.5, False),
    ]
    assert not shares_one_optimizer(found)
    assert shares_one_optimizer(found[:2]) and shares_one_optimizer(found[3:])


def test_a_switch_in_the_warm_up_keeps_the_optimizer():
    found = phases_of(as_if_made(Settings(updates=100, warm_up=20), [(10, Change(trained_layers=ALL))]))
    assert [(phase.first, phase.last, phase.fresh_optimizer) for phase in found] == [(0, 10, True), (10, 100, False)]


def test_a_switch_at_the_end_of_the_warm_up_comes_after_the_fresh_start():
    found = phases_of(as_if_made(Settings(updates=100, warm_up=20), [(20, Change(trained_layers=("conv1",)))]))
    assert [(phase.first, phase.trained, phase.fresh_optimizer) for phase in found][1:] == [(20, ("conv1",), True)]


def test_a_run_that_was_stopped_ends_there():
    run = as_if_made(Settings(updates=100), [(30, Change(stop=True))], updates=30, status="stopped")
    assert [(phase.first, phase.last) for phase in phases_of(run)] == [(0, 30)]
    assert "stopped at update 30" in run.to_keras_code()


def test_a_run_without_an_update_is_only_evaluated():
    text = as_if_made(Settings(), updates=0).to_keras_code()
    assert "fit(" not in text and "accuracy(new_task, pair.new)" in text


def test_settings_are_enough_for_a_script():
    """Without a run: as planned, and without a word of what came of it."""
    planned = keras_code(Settings(warm_up=100))
    made = as_if_made(Settings(warm_up=100)).to_keras_code()
    assert made.split("\n\nimport")[1] == planned.split("\n\nimport")[1] and "The run that" not in planned


OWN_ROWS = [
    ("new task", "old task", "weights"),
    ("new task", "old task", "distillation"),
    ("new task", "distillation", "features"),
    ("new task", "features", "weights"),
    ("new task", "old task", "distillation", "features", "weights"),
]


@pytest.mark.parametrize("losses", OWN_ROWS, ids=" + ".join)
def test_the_script_of_a_readers_own_row_names_nothing_that_it_does_not_have(monkeypatch, tmp_path, losses):
    row = Strategy("mine", trains=("backbone", "old_head", "new_head"), losses=losses)
    monkeypatch.setitem(STRATEGIES, "mine", row)
    (tmp_path / "mine.py").write_text(as_if_made(FIFTY.replace(strategy="mine", old_images=100)).to_keras_code())
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_readers_own_term_on_old_images_has_the_output_that_it_names(tmp_path):
    """Squared errors of the old head's probabilities, for a batch of old images in each update."""

    def value(batch):
        return tf.reduce_mean((tf.nn.softmax(batch.old_logits) - tf.one_hot(batch.old_labels, 10)) ** 2)

    code = OutputCode("brier", "old_task.output", "old_y", "brier", "\ndef brier(labels, logits):\n    return labels\n")
    term = LossTerm("brier", "", value, head="old_head", old_images="in each update", code=code)
    row = Strategy("mine", trains=("backbone", "old_head", "new_head"), losses=("new task", term))
    text = as_if_made(FIFTY.replace(strategy=row, old_images=100)).to_keras_code()
    assert '{"new_head": tf.gather(y, i), "brier": tf.gather(old_y, j)}' in text and 'old_task": tf' not in text
    assert '"brier": lambda target, output: brier(target, output[BATCH:])' in text


TRIVIAL = OutputCode("mine", "features", "y", "mine", "\ndef mine(target, output):\n    return 0 * output[:, 0]\n")


@pytest.mark.parametrize(
    "changes, names",
    [
        ({"options": (LossOption("rate", 0.5),)}, ["option 'rate'"]),
        ({"options": (LossOption("keras", 0.5),)}, ["option 'keras'"]),
        ({"code": replace(TRIVIAL, key="distillation")}, ["'distillation' and 'mine'", "output named 'distillation'"]),
        ({"code": replace(TRIVIAL, definition="\ndef distillation(a, b):\n    return 0\n")}, ["function named 'dist"]),
        ({"code": None}, ["'mine'", "no code"]),
    ],
    ids=["rate", "keras", "output", "function", "no code"],
)
def test_names_that_a_script_cannot_have_are_refused(changes, names):
    term = LossTerm("mine", "", lambda batch: 0, **{"code": TRIVIAL} | changes)
    row = Strategy("mine", ("backbone", "old_head", "new_head"), ("new task", "distillation", term))
    with pytest.raises(ValueError) as refused:
        keras_code(FIFTY.replace(strategy=row))
    assert all(name in str(refused.value) for name in names)


@pytest.mark.parametrize("symbol", ["x", "T", "δ"])
def test_a_symbol_in_the_loop_is_no_other_variable(symbol):
    term = LossTerm("mine", "", lambda batch: 0, options=(LossOption("strength", 0.5, symbol=symbol),), code=TRIVIAL)
    row = Strategy("mine", ("backbone", "old_head", "new_head"), ("new task", "distillation", term))
    changes = [(9, Change(loss_options={"strength": 2.0}, temperature=4.0))]
    text = as_if_made(FIFTY.replace(strategy=row), changes).to_keras_code()
    temperature = "new_temperature" if symbol == "T" else "T"
    strength = "δ" if symbol == "δ" else "new_strength"
    assert f"for first, last, {temperature}, {strength}, trained in PHASES:" in text
    assert f"    temperature, strength = {temperature}, {strength}\n" in text
