"""The checks of notebook 07: what they accept, and what they say of what they don't."""

import re
from dataclasses import replace

import numpy as np
import pytest
from keras import ops

from tests.plots.made_runs import made_run
from utils.exercises.learning_without_forgetting import check_distillation, check_new_strategy, check_two_goals
from utils.measures import softmax
from utils.strategies import STRATEGIES, Strategy


def soften(p, t):
    powers = p ** (1 / t)
    return powers / powers.sum(axis=1, keepdims=True)


def entropy(predicted, wanted):
    return -np.mean(np.sum(wanted * np.log(predicted), axis=1))


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (lambda s, r, t: entropy(soften(s, t), soften(r, t)), True, "T = 1, 2 and 5"),
        (lambda s, r, t: -(softmax(np.log(r) / t) * np.log(softmax(np.log(s) / t))).sum() / len(s), True, "T = 1, 2"),
        (lambda s, r, t: np.einsum("ij,ij->i", soften(r, t), -np.log(soften(s, t))).mean(), True, "T = 1, 2"),
        (lambda s, r, t: ops.categorical_crossentropy(soften(r, t), soften(s, t)).numpy().mean(), True, "T = 1, 2"),
        (lambda s, r, t: entropy(soften(s, t) + 1e-7, soften(r, t)), True, "T = 1, 2"),
        (lambda s, r, t: entropy(*(soften(p.astype("float32"), t) for p in (s, r))), True, "T = 1, 2"),
        (lambda s, r, t: entropy(soften(s, 1 / t), soften(r, 1 / t)), False, r"With T = 5.*expected"),
        (lambda s, r, t: entropy(soften(s, t), soften(r, t)) * len(s), False, "expected"),
        (lambda s, r, t: entropy(s, r) * t**2, False, r"T² .*\bAnd T\b"),
        (lambda s, r, t: t**2 * entropy(soften(s, t), soften(r, t)), False, "T² doesn't belong"),
        (lambda s, r, t: entropy(s, r), False, "T does nothing yet"),
        (lambda s, r, t: entropy(s ** (1 / t), r ** (1 / t)), False, "divide by their sum"),
        (lambda s, r, t: entropy(soften(r, t), soften(s, t)), False, "are swapped"),
        (lambda s, r, t: entropy(soften(s, t), r), False, "recorded .*softened"),
        (lambda s, r, t: entropy(s, soften(r, t)), False, "current outputs .*softened"),
        (lambda s, r, t: 3.0, False, r"\b3\.0000; expected"),
        (lambda s, r, t: float("nan"), False, "gives nan"),
        (lambda s, r: 0.0, False, "fails with T = 1: TypeError"),
        (5, False, "fails"),
    ],
)
def test_the_temperature_by_hand(answer, right, says):
    verdict = check_distillation(answer)
    assert verdict.right is right
    assert re.search(says, verdict.why)


def run_of(lost, new, strategy="learning without forgetting", **changes):
    made = made_run(updates=200, every=200, level=0.96 - lost / 100, strategy=strategy, **changes)
    return replace(made, history=made.history | {"new_accuracy": np.array([0.1, new])})


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (run_of(9, 0.71), True, r"Both .*forgetting 9\.0 points.*new task 71\.0%.*validation"),
        (run_of(9, 0.71, old_loss_weight=3, temperature=1.5, warm_up=50, learning_rate=2e-3), True, "Both "),
        (run_of(0, 0.95, old_loss_weight=10, warm_up=100, warm_up_rate=0.01, evaluate_every=50), True, "Both "),
        (run_of(11, 0.71), False, "Too much is lost"),
        (run_of(9, 0.69), False, "Too little is learned"),
        (run_of(11, 0.69), False, "Neither goal yet"),
        (run_of(0, 0.9, strategy="joint training"), False, 'Stay with "learning without forgetting"'),
        (run_of(0, 0.9, unfreeze_every=20), False, "Stay with"),
        (run_of(0, 0.9, trained_layers=["new_head"]), False, "Stay with"),
        (replace(run_of(0, 0.9), status="stopped"), False, "stopped early"),
        ("a run", False, "Expected a run"),
    ],
)
def test_two_goals(answer, right, says):
    verdict = check_two_goals(answer)
    assert verdict.right is right
    assert re.search(says, verdict.why)


@pytest.mark.parametrize(
    ("row", "lost", "right", "says"),
    [
        ({"trains": ("top", "new_head"), "losses": ("new task", "weights")}, 10, True, r"\b10\.0 .*\b40\.0 points"),
        ({"trains": ("backbone", "new_head"), "losses": ("new task", "features", "weights")}, 19, True, "your own"),
        ({"trains": ("top", "old_head", "new_head"), "losses": ("new task", "distillation")}, 0, True, "your own"),
        ({"trains": ("top", "new_head"), "losses": ("new task", "weights")}, 25, False, "half of it"),
        ({"trains": ("backbone", "new_head")}, 10, False, "'fine-tuning' by another"),
        ({"trains": ("new_head",)}, 0, False, "'feature extraction' by another"),
        ({"trains": ("new_head",), "weight": 2}, 0, False, "'feature extraction' by another"),
        ({"trains": ("new_head",), "backbone_rate": 2}, 0, False, "'feature extraction' by another"),
    ],
)
def test_a_row_of_your_own(monkeypatch, row, lost, right, says):
    monkeypatch.setitem(STRATEGIES, "mine", Strategy("mine", **row))
    verdict = check_new_strategy(run_of(lost, 0.6, strategy="mine"), run_of(40, 0.8, strategy="fine-tuning"))
    assert verdict.right is right
    assert re.search(says, verdict.why)


@pytest.mark.parametrize(
    "changes", [{"learning_rate": 1e-7}, {"pair_options": {"dissimilarity": 0.0}}, {"seed": 1}, {"warm_up": 100}]
)
def test_a_row_of_your_own_has_the_settings_of_fine_tuning(monkeypatch, changes):
    row = Strategy("mine", trains=("top", "new_head"), losses=("new task", "weights"))
    monkeypatch.setitem(STRATEGIES, "mine", row)
    verdict = check_new_strategy(run_of(1, 0.7, strategy="mine", **changes), run_of(40, 0.8, strategy="fine-tuning"))
    assert not verdict.right and "settings but the strategy" in verdict.why
    free = {"old_loss_weight": 3, "temperature": 4}
    assert check_new_strategy(run_of(1, 0.7, strategy="mine", **free), run_of(40, 0.8, strategy="fine-tuning")).right
    idle = check_new_strategy(run_of(1, 0.3, strategy="mine"), run_of(40, 0.8, strategy="fine-tuning"))
    assert not idle.right and "hardly anything is learned" in idle.why


def test_a_row_from_the_table_is_none_of_your_own():
    verdict = check_new_strategy(run_of(0, 0.6, strategy="joint training"), run_of(40, 0.8, strategy="fine-tuning"))
    assert not verdict.right and "'joint training'" in verdict.why and "table" in verdict.why
