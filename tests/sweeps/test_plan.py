"""What a sweep is to run."""

import pytest

from utils.strategies import Settings
from utils.sweeps import grid
from utils.sweeps.plan import planned_settings

BASE = Settings(updates=50, new_images=100)


def test_a_grid_is_every_combination():
    made = grid(BASE, learning_rate=(0.001, 0.01), trained_layers=[None, ["new_head"]])
    assert made == [
        BASE.replace(learning_rate=rate, trained_layers=layers)
        for rate in (0.001, 0.01)
        for layers in (None, ["new_head"])
    ]
    assert grid(BASE) == [BASE] and grid() == [Settings()]


def test_each_of_the_plan_is_made_with_each_seed_once():
    faster = BASE.replace(learning_rate=0.01)
    planned = planned_settings([BASE, faster, BASE.replace(seed=7)], range(2))
    assert planned == [BASE, BASE.replace(seed=1), faster, faster.replace(seed=1)]
    assert planned_settings({"updates": [50], "new_images": [100], "seed": [3, 4]}, None) == [
        BASE.replace(seed=3), BASE.replace(seed=4)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "seeds", "message"),
    [
        ([], None, "plan"),
        ({}, None, "plan"),
        (BASE, None, "plan"),
        ([BASE, "fine-tuning"], None, r"plan\[1\]"),
        ({"learning_rate": []}, None, "learning_rate"),
        ({"learning_rate": 0.1}, None, "learning_rate"),
        ({"strategy": "fine-tuning"}, None, "strategy"),  # a text isn't a list of letters
        ({"patients": [1]}, None, "patients"),
        ({"learning_rate": [0.1, -1]}, None, "learning_rate=-1"),
        ([BASE], [], "seeds"),
        ([BASE], ["a"], r"seeds"),
        ([BASE], 5, "seeds"),
    ],
)
def test_what_is_no_plan_is_named(plan, seeds, message):
    with pytest.raises(ValueError, match=message):
        planned_settings(plan, seeds)
