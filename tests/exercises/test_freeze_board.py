"""The checks of notebook 05: what they accept, and what they say of what they don't."""

from dataclasses import replace

import numpy as np
import pytest

from utils import Settings, run
from utils.exercises.freeze_board import LEAST_NEW, MOST_FORGETTING, UPDATES, check_keep_and_learn, check_replay
from utils.training import Run

pytestmark = pytest.mark.slow  # what its tests share takes seconds


@pytest.fixture(scope="module")
def flipped():
    start = Settings(
        strategy="feature extraction", learning_rate=0.01, updates=UPDATES, standardize=True, evaluate_every=100
    )
    return run(start, [(100, {"trained_layers": ["conv3", "new_head"], "learning_rate": 1e-3})])


@pytest.fixture(scope="module")
def short(flipped):
    """A run on whose length nothing depends."""
    return run(flipped.settings.replace(updates=20, evaluate_every=10), [(10, flipped.events[0][1])])


@pytest.mark.slow
def test_keep_and_learn_can_be_solved(flipped):
    assert check_keep_and_learn(flipped).right
    curves = flipped.history
    assert 100 * (curves["old_accuracy"][0] - curves["old_accuracy"][-1]) <= MOST_FORGETTING
    assert curves["new_accuracy"][-1] >= LEAST_NEW


def test_what_forgets_too_much_is_not_right(flipped):
    curve = np.full_like(flipped.history["old_accuracy"], 0.9)
    curve[-1] = 0.799
    verdict = check_keep_and_learn(replace(flipped, history=flipped.history | {"old_accuracy": curve}))
    assert not verdict.right
    assert "forgetting 10.1 points" in verdict.why


def test_what_learns_too_little_is_not_right(flipped):
    curve = np.full_like(flipped.history["new_accuracy"], 0.839)
    verdict = check_keep_and_learn(replace(flipped, history=flipped.history | {"new_accuracy": curve}))
    assert not verdict.right
    assert "new task 83.9%" in verdict.why


def test_the_test_images_choose_nothing(flipped):
    assert check_keep_and_learn(replace(flipped, old_accuracy=0.0, new_accuracy=0.0)).right


@pytest.mark.parametrize(
    "changes",
    [
        {"strategy": "fine-tuning"},
        {"strategy": "fine-tuning at a tenth of the rate"},
        {"strategy": "fine-tune-FC", "rate_decay": 2, "layer_rates": {"new_head": 10}},
        {"warm_up": 100, "unfreeze_every": 50, "strategy": "fine-tuning"},
    ],
)
def test_any_way_by_layers_and_rates_is_right(flipped, changes):
    """The curves decide, not the way."""
    assert check_keep_and_learn(replace(flipped, settings=flipped.settings.replace(**changes))).right


@pytest.mark.parametrize(
    ("strategy", "says"),
    [
        ("joint training", "images of the old task"),
        ("duplicate and fine-tune", "copy of the old network"),
        ("learning without forgetting", "protects the old task"),
        ("less-forgetting learning", "protects the old task"),
        ("L2 to the start", "protects the old task"),
        ("network expansion", "adds layers"),
    ],
)
def test_another_kind_of_help_is_not_right(flipped, strategy, says):
    verdict = check_keep_and_learn(replace(flipped, settings=flipped.settings.replace(strategy=strategy)))
    assert not verdict.right
    assert f"'{strategy}'" in verdict.why and says in verdict.why and '"feature extraction"' in verdict.why


@pytest.mark.parametrize(
    "changes",
    [
        {"updates": 500},
        {"new_images": 2000},
        {"pair_options": {"dissimilarity": 0.5}},
        {"pair": "digits-halves"},
        {"backbone": "small_resnet"},
    ],
)
def test_another_task_or_budget_is_not_right(flipped, changes):
    verdict = check_keep_and_learn(replace(flipped, settings=flipped.settings.replace(**changes)))
    assert not verdict.right
    assert "Stay with" in verdict.why


@pytest.mark.slow
def test_a_replay_is_right(short):
    """By the events, by hand, and from a saved text and file."""
    settings, (update, change) = short.settings, short.events[0]
    by_hand = [(update, {"trained_layers": list(change.trained_layers), "learning_rate": change.learning_rate})]
    replays = [run(settings, short.events), run(Settings.from_text(settings.to_text()), by_hand)]
    for replay in (*replays, Run.from_dict(replays[0].to_dict())):
        verdict = check_replay(short, replay)
        assert verdict.right
        assert "All 20 training losses" in verdict.why


@pytest.mark.slow
def test_what_is_no_replay_is_explained(short):
    plain = run(short.settings)
    assert "same run twice" in check_replay(short, short).why
    assert "Nothing was switched" in check_replay(plain, short).why
    assert "switched differs" in check_replay(short, plain).why
    assert "settings differ" in check_replay(short, replace(short, settings=short.settings.replace(seed=1))).why
    assert "not NoneType" in check_replay(short, None).why


def test_a_single_differing_loss_is_seen(short):
    history = {name: values.copy() for name, values in short.history.items()}
    history["training_loss"][17] = np.nextafter(history["training_loss"][17], 9)
    assert not check_replay(short, replace(short, history=history)).right
