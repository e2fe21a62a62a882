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
        (HALVED | {"old_head": 3}, True, "rate_decay=2"),  # it never trains here
        ({"conv1": 0.0625, "conv2": 0.125, "conv3": 0.25, "dense": 0.5, "new_head": 1.0}, True, "rate_decay=2"),
        (dict.fromkeys(HALVED, 0.5), False, "conv3: half of dense's factor is 0.25"),
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


def test_what_is_lost_or_not_learned_is_told(gentle):
    before = gentle.history["old_accuracy"][0]
    lost = check_gentle(with_curve(gentle, "old_accuracy", before - 0.152))
    assert not lost.right and "forgetting 15.2 points" in lost.why
    learned = check_gentle(with_curve(gentle, "new_accuracy", 0.698))
    assert not learned.right and "new task 69.8%" in learned.why


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


@pytest.mark.parametrize(
    ("moved", "right", "says"),
    [
        ([0.01, 0.02, 0.03, 0.04], True, "Both at once"),
        ([0.2, 0.2, 0.2, 0.2], True, "Both at once"),
        ([0.05, 0.01, 0.01, 0.01], True, "Both at once"),
        ([0, 0.02, 0.03, 0.04], False, r"Hardly moved: conv1 \(0\.00%\)"),
        ([0.0004, 0.002, 0.02, 0.07], False, r"conv1 \(0\.04%\), conv2 \(0\.20%\)\. Each"),
        ([0.02, 0.02, 0.02, 0.0099], False, r"Hardly moved: dense \(0\.99%\)"),
        ([1e-9, 1e-9, 1e-9, 0.1], False, "conv1 .*conv2 .*conv3 "),
        ([0, 0, 0, 0], False, "conv1 .*conv2 .*conv3 .*dense "),
    ],
)
def test_each_layer_must_have_moved(gentle, moved, right, says):
    drift = gentle.history["drift"].copy()
    drift[-1, :4] = moved
    verdict = check_gentle(replace(gentle, history=gentle.history | {"drift": drift}))
    assert verdict.right is right
    assert re.search(says, verdict.why)


def test_a_stopped_run_and_junk_are_not_right(gentle):
    assert "stopped early" in check_gentle(replace(gentle, status="stopped")).why
    assert "not NoneType" in check_gentle(None).why
