"""The checks of notebook 06: what they accept, and what they say of what they don't."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.plots.made_runs import made_run
from utils.exercises.joint_training import check_frozen_joint, check_memory


def joint(lost, old_images=50, **changes):
    """A run made up by hand that loses so many points of the old task, 96% at first."""
    settings = {"strategy": "joint training", "old_images": old_images} | changes
    return made_run(updates=100, every=100, level=0.96 - lost / 100, **settings)


@pytest.mark.parametrize(
    ("enough", "too_few", "right", "says"),
    [
        (joint(9, 20), joint(15, 10), True, r"20 old images: 9\.0 points.*10 old images: 15\.0 points.*validation"),
        (joint(10, 21), joint(10.1, 20), True, "20 old images"),
        (joint(2, 3), joint(40, 2), True, "3 old images"),
        (joint(11, 20), joint(15, 10), False, "20 aren't enough"),
        (joint(15, 10), joint(9, 20), False, "swap them"),
        (joint(9, 20), joint(8, 10), False, "10 are enough, too"),
        (joint(9, 50), joint(15, 10), False, "between"),
        (joint(9, 10), joint(15, 20), False, "More images were worse"),
        (joint(9, 20), joint(9, 20), False, "20 are enough, too"),
        (joint(1, None), joint(15, 10), False, "give a number"),
        (joint(9, 20), joint(15, 10, strategy="fine-tuning"), False, "'fine-tuning'.*expected \"joint training\""),
        (joint(9, 20, learning_rate=1e-5), joint(15, 10), False, "settings but old_images"),
        (joint(9, 20), joint(15, 10, seed=4), False, "settings but old_images"),
        (20, 10, False, "Expected a run"),
        (replace(joint(1), status="diverged"), joint(15, 10), False, "ended"),
    ],
)
def test_how_small_the_memory_can_be(enough, too_few, right, says):
    verdict = check_memory(enough, too_few)
    assert verdict.right is right
    assert re.search(says, verdict.why)


HEADS = ["old_head", "new_head"]


@pytest.mark.parametrize(
    ("answer", "prediction", "right", "says"),
    [
        (joint(1, None, trained_layers=HEADS), "may change a little", True, r"old head .*\+1\.0 points"),
        (joint(-0.6, None, trained_layers=HEADS), "May change a little ", True, r"-0\.6 points"),
        (joint(0, None, trained_layers=HEADS[::-1]), "may change a little", True, r"\+0\.0 points"),
        (joint(1, None, trained_layers=HEADS), "stays bit for bit", False, "What about the head"),
        (joint(1, None, trained_layers=HEADS), "is lost", False, "it isn't lost"),
        (joint(1, None, trained_layers=HEADS), "don't know", False, 'Say "stays bit for bit"'),
        (joint(1, None, trained_layers=HEADS), None, False, 'Say "stays bit for bit"'),
        (joint(1, None, trained_layers=["new_head"]), "may change a little", False, "This run trains new_head"),
        (joint(1, None, trained_layers=HEADS, seed=1), "may change a little", False, "all settings but trained_layers"),
        (joint(1, None), "may change a little", False, "conv1, conv2, conv3, dense, old_head, new_head"),
        (joint(1, 40, trained_layers=HEADS), "may change a little", False, "all settings but trained_layers"),
        (5, "may change a little", False, "Expected a run"),
    ],
)
def test_joint_but_frozen(answer, prediction, right, says):
    verdict = check_frozen_joint(answer, prediction)
    assert verdict.right is right
    assert re.search(says, verdict.why)


def test_the_curves_decide_and_not_the_test_images():
    good = joint(5)
    few = joint(15, 30)
    assert check_memory(replace(good, old_accuracy=0.1), few).right
    history = good.history | {"old_accuracy": np.array([0.96, 0.5])}
    assert not check_memory(replace(good, history=history), few).right
