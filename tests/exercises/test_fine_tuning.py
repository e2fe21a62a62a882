"""The checks of notebook 04: what they accept, and what they say of what they don't."""

import re
from dataclasses import replace

import pytest

from utils import Settings, run
from utils.exercises.fine_tuning import UPDATES, check_gentle, check_rates

pytestmark = pytest.mark.slow  # what its tests share takes seconds

HALVED = {"conv1": 1 / 16, "conv2": 1 / 8, "conv3": 1 / 4, "dense": 1 / 2}


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (HALVED, True, "rate_decay=2"),
        (HALVED | {"new_head": 1}, True, "rate_decay=2"),
        ({"conv1": 0.5, "conv2": 0.25, "conv3": 0.125, "dense": 0.0625}, False, "upside down"),
        (HALVED | {"new_head": 0.5}, False, "new head's factor .*1"),
        (HALVED | {"conv2": 0.2}, False, r"conv2: .*conv3.*\b0\.125\b.*\b0\.2\b"),
        ({"dense": 0.5}, False, "factor 1: conv1, conv2, conv3"),
        ({"conv4": 0.5}, False, "There is no conv4"),
        (HALVED | {"conv1": 0}, False, "above 0"),
        (HALVED | {"conv1": "slow"}, False, "above 0"),
        (HALVED | {"conv1": float("nan")}, False, "above 0"),
        (0.5, False, "not float"),
        (None, False, "not NoneType"),
    ],
)
def test_rates(answer, right, says):
    verdict = check_rates(answer)
    assert verdict.right is right
    assert re.search(says, verdict.why)


def test_the_halved_rates_are_those_of_the_settings():
    decayed = Settings(rate_decay=2).rate_factors
    assert Settings(layer_rates=HALVED).rate_factors == pytest.approx(decayed)


@pytest.fixture(scope="module")
def gentle():
    slow = dict.fromkeys(HALVED, 0.1)
    return run(Settings(updates=UPDATES, evaluate_every=100, warm_up=100, layer_rates={**slow, "new_head": 10}))


def with_curve(result, name, last):
    curve = result.history[name].copy()
    curve[-1] = last
    return replace(result, history=result.history | {name: curve})


@pytest.mark.slow
def test_gentle_can_be_solved(gentle):
    verdict = check_gentle(gentle)
    assert verdict.right
    assert "On the test images" in verdict.why


def test_the_test_images_choose_nothing(gentle):
    assert check_gentle(replace(gentle, old_accuracy=0.0, new_accuracy=0.0)).right


def test_what_is_lost_or_not_learnt_is_told(gentle):
    before = gentle.history["old_accuracy"][0]
    lost = check_gentle(with_curve(gentle, "old_accuracy", before - 0.152))
    assert not lost.right and "forgetting 15.2 points" in lost.why
    learnt = check_gentle(with_curve(gentle, "new_accuracy", 0.698))
    assert not learnt.right and "new task 69.8%" in learnt.why


@pytest.mark.parametrize(
    "changes",
    [
        {"updates": 400},
        {"new_images": 2000},
        {"pair_options": {"dissimilarity": 0.5}},
        {"pair": "digits-halves"},
        {"strategy": "feature extraction"},
    ],
)
def test_another_task_or_budget_is_not_right(gentle, changes):
    verdict = check_gentle(replace(gentle, settings=gentle.settings.replace(**changes)))
    assert not verdict.right
    assert "Stay with" in verdict.why


def test_a_layer_that_stands_still_is_not_right(gentle):
    drift = gentle.history["drift"].copy()
    drift[-1, 0] = 0
    verdict = check_gentle(replace(gentle, history=gentle.history | {"drift": drift}))
    assert not verdict.right
    assert "conv1 never moved" in verdict.why


def test_a_stopped_run_and_junk_are_not_right(gentle):
    assert "stopped early" in check_gentle(replace(gentle, status="stopped")).why
    assert "not NoneType" in check_gentle(None).why
