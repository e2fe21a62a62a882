"""Two groups of runs in a sentence."""

import pytest

from utils.strategies import Settings
from utils.sweeps import Outcome, compare

LWF = Settings("plane", strategy="learning without forgetting")


def outcomes(settings, old, new, seeds=range(3)):
    return [
        Outcome(settings.replace(seed=seed), "finished", 0.9, old + seed / 100, new + seed / 50, 0.0, 0.0, 1.0, 1, 1)
        for seed in seeds
    ]


def test_differences_are_first_minus_second_seed_by_seed():
    first, second = outcomes(LWF, 0.8, 0.6), outcomes(LWF.replace(old_loss_weight=10), 0.85, 0.5)
    made = compare(first, second)
    assert (made.saved.mean, made.gained.mean) == (pytest.approx(-5), pytest.approx(10))
    assert made.saved.half_width == pytest.approx(0) and made.seeds == 3
    assert made.differs == {"old_loss_weight": ("1", "10")}
    old = "λ 1 instead of 10 (3 seeds): it forgets 5.0 ± 0.0 points more"
    assert str(made) == f"{old}; it learns 10.0 ± 0.0 points more of the new task."
    turned = str(compare(second, first))
    assert "forgets 5.0 ± 0.0 points less" in turned and "10.0 ± 0.0 points less of the new task" in turned


def test_an_interval_that_contains_zero_is_called_so():
    first, second = outcomes(LWF, 0.8, 0.6), outcomes(LWF, 0.8, 0.6)
    second[0] = outcomes(LWF, 0.7, 0.5)[0]
    made = compare(first, second)
    assert made.saved.mean == pytest.approx(10 / 3) and not made.saved.clear
    assert str(made).startswith("the same settings (3 seeds): what it forgets differs by -3.3 ± 14.3 points, an inter")


def test_a_lambda_without_a_meaning_is_no_difference():
    tuned = Settings("plane", strategy="fine-tuning", old_loss_weight=5)
    assert compare(outcomes(LWF, 0.8, 0.6), outcomes(tuned, 0.7, 0.6)).differs == {
        "strategy": ("learning without forgetting", "fine-tuning")
    }


@pytest.mark.parametrize("seeds", [(0, 1, 3), (1, 0, 2), (0, 1), (0, 0, 1)])
def test_other_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="seeds"):
        compare(outcomes(LWF, 0.8, 0.6), outcomes(LWF, 0.8, 0.6, seeds))
    with pytest.raises(ValueError, match="seeds"):
        compare(outcomes(LWF, 0.8, 0.6, seeds[:1]), outcomes(LWF, 0.8, 0.6, seeds[:1]))
