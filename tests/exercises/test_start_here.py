"""The checks of notebook 00: what they accept, and what they say of what they don't."""

from dataclasses import replace

import numpy as np
import pytest

from utils import Change, Settings, run
from utils.exercises.start_here import check_gentler, check_layers

pytestmark = pytest.mark.slow  # what its tests share takes seconds

UPDATES = 120


@pytest.fixture(scope="module")
def reference():
    return run(Settings(updates=UPDATES, evaluate_every=UPDATES))


@pytest.fixture(scope="module")
def gentle(reference):
    return run(reference.settings.replace(learning_rate=2e-4))


@pytest.fixture(scope="module")
def slow(reference):
    """Nothing is learned or forgotten: both curves stay where they began, as at a rate of next to nothing."""
    return with_curves(reference, {"learning_rate": 1e-30}, 0, 0)


def with_curves(reference, changes, forgotten, gained):
    """The run with other settings, and of its forgetting and its gain these shares."""
    curves = {}
    for name, share in (("old_accuracy", forgotten), ("new_accuracy", gained)):
        start, end = reference.history[name]
        curves[name] = np.array([start, start + share * (end - start)])
    return replace(reference, settings=reference.settings.replace(**changes), history=reference.history | curves)


@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (["new_head"], True, "Only the new head learns"),
        (["conv1"], False, "conv1 would change"),
        (["conv3", "new_head"], False, "conv3 would change"),
        (["old_head", "new_head"], False, "old head belongs"),
        ([], False, "Without new_head"),
        (["newhead"], False, "There is no newhead"),
        ("new_head", False, 'Expected a list, even for a single name: ["new_head"]'),
        (None, False, '["conv1"], not None'),
        (5, False, "not 5."),
        ([5], False, "not [5]."),
        (("new_head",), True, "Only the new head learns"),
        ({"new_head"}, True, "Only the new head learns"),
        (["conv1", "conv2", "conv3", "dense", "new_head"], False, "conv1, conv2, conv3, dense would change"),
    ],
)
def test_layers(answer, right, says):
    verdict = check_layers(answer)
    assert verdict.right is right
    assert says in verdict.why


@pytest.mark.slow
def test_a_smaller_rate_is_right(reference, gentle):
    verdict = check_gentler(gentle, reference)
    assert verdict.right
    assert "by learning_rate alone" in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"updates": 40},
        pytest.param({"optimizer": "sgd"}, marks=pytest.mark.exhaustive),
        pytest.param({"rate_decay": 4}, marks=pytest.mark.exhaustive),
    ],
    ids=str,
)
def test_fewer_plainer_or_unequal_steps_are_right_too(reference, change):
    verdict = check_gentler(run(reference.settings.replace(**change)), reference)
    assert verdict.right
    assert f"by {next(iter(change))} alone" in verdict.why


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "sgd"},
        {"rate_decay": 4},
        {"batch_size": 64},
        {"layer_rates": {"conv1": 0.1}},
        {"standardize": True},
        {"head_l2": 0.1},
        {"new_images": 500},
    ],
    ids=str,
)
def test_the_curves_decide_whichever_setting_it_was(reference, change):
    verdict = check_gentler(with_curves(reference, change, 0.3, 0.9), reference)
    assert verdict.right
    assert f"by {next(iter(change))} alone" in verdict.why


@pytest.mark.slow
def test_learning_nothing_is_no_way_not_to_forget(reference, slow):
    verdict = check_gentler(slow, reference)
    assert not verdict.right
    assert "Forgetting 0.0 instead of" in verdict.why and "too little" in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(("share", "right"), [(0.49, False), (0.51, True)])
def test_half_of_the_gain_is_due(reference, share, right):
    some = with_curves(reference, {"learning_rate": 1e-5}, 0, share)
    assert check_gentler(some, reference).right is right


@pytest.mark.parametrize(
    ("share", "says"), [(0.49, None), (0.51, "that isn't half of it yet"), (1.01, "more is forgotten")]
)
def test_half_of_the_forgetting_must_go(reference, share, says):
    verdict = check_gentler(with_curves(reference, {"learning_rate": 1e-5}, share, 1), reference)
    assert verdict.right is (says is None)
    assert (says or "by learning_rate alone") in verdict.why


@pytest.mark.slow
def test_it_is_judged_on_validation_images_alone(reference, gentle):
    """Else readers would try settings until the test images like them."""
    assert check_gentler(replace(gentle, old_accuracy=0.0), reference).right
    spoilt = gentle.history | {"old_accuracy": reference.history["old_accuracy"]}
    assert not check_gentler(replace(gentle, history=spoilt), reference).right


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Changed: none"),
        ({"learning_rate": 1e-5, "batch_size": 64}, "Changed: learning_rate, batch_size"),
        ({"pair": "digits-halves"}, "Changed: pair"),
        ({"warm_up": 100}, "A layer is frozen"),
        ({"unfreeze_every": 20}, "A layer is frozen"),
        ({"layer_rates": {"conv1": 0}}, "A layer is frozen"),
        ({"strategy": "feature extraction"}, "A layer is frozen"),
        ({"trained_layers": ["dense", "new_head"]}, "A layer is frozen"),
        ({"strategy": "joint training"}, "This is joint training: another strategy"),
        ({"seed": 1}, "Changed: seed"),
    ],
)
def test_what_is_not_right_is_explained(reference, changes, says):
    """Whatever the curves are: these would be right."""
    verdict = check_gentler(with_curves(reference, changes, 0.3, 0.9), reference)
    assert not verdict.right
    assert says in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"updates": 60}, "half of it"),
        pytest.param({"learning_rate": 3e-3}, "more is forgotten", marks=pytest.mark.exhaustive),
    ],
)
def test_what_forgets_too_much_is_not_right(reference, change, says):
    verdict = check_gentler(run(reference.settings.replace(**change)), reference)
    assert not verdict.right
    assert says in verdict.why


def test_a_stopped_run_is_not_right(reference):
    stopped = run(reference.settings.replace(learning_rate=1e-5), schedule=[(0, {"stop": True})])
    assert not check_gentler(stopped, reference).right


def test_a_schedule_is_not_right(reference, gentle):
    flipped = replace(gentle, events=((10, Change(trained_layers=("new_head",))),))
    assert "frozen" in check_gentler(flipped, reference).why


def test_what_is_no_run_is_named(reference):
    assert "not float" in check_gentler(0.5, reference).why
