"""The rule by which a learning rate and λ are chosen."""

import math
from dataclasses import replace

import pytest

from utils.strategies import Settings
from utils.sweeps.outcome import Outcome
from utils.sweeps.trials import Trial, best, try_settings, widen


def trial(rate=1e-3, weight=None, scores=(0.9, 0.9), **others) -> Trial:
    values = {"old_validation": scores, "old": scores, "new": scores} | others
    return Trial("plane", "fine-tuning", rate, weight, new_validation=scores, **values)


def test_the_best_has_the_highest_mean():
    trials = [trial(1e-3, scores=(0.9, 0.8)), trial(1e-4, scores=(0.7, 0.95)), trial(1e-2, scores=(0.86, 0.83))]
    assert best(trials) is trials[0]
    slower = trial(3e-4, scores=(0.8, 0.9))
    assert best([*trials, slower]) is slower  # of equals, the lowest rate
    weighed = [
        trial(weight=weight, scores=scores) for weight, scores in ((1, (0.9, 0.8)), (3, (0.8, 0.9)), (9, (0.8,)))
    ]
    assert best(weighed).old_loss_weight == 3  # and the strongest protection


def test_test_images_and_the_old_task_choose_nothing():
    right, wrong = trial(1e-3, 1.0, (0.9, 0.9)), trial(1e-2, 10.0, (0.5, 0.5))
    for name in ("old_validation", "old", "new"):
        trials = [replace(right, **{name: (0.0, 0.0)}), replace(wrong, **{name: (1.0, 1.0)})]
        assert best(trials) is trials[0]


@pytest.mark.parametrize("peak", [0.004, 0.05, 1, 5, 70])
def test_a_grid_grows_until_no_end_of_it_is_chosen(peak):
    """The nearer to the peak, on a scale of ratios, the better."""
    asked = []

    def made(weight):
        return trial(weight=weight, scores=(1 - abs(math.log(weight / peak)) / 100,))

    def further(weight):
        asked.append(weight)
        return [made(weight)]

    trials = widen([made(weight) for weight in (0.1, 1, 10)], further)
    weights = [each.old_loss_weight for each in trials]
    chosen = best(trials).old_loss_weight
    assert min(weights) < chosen < max(weights) and peak / 3.5 < chosen < 3.5 * peak
    assert weights == [0.1, 1, 10, *asked] and len(set(weights)) == len(weights)


def test_a_grid_does_not_grow_for_ever():
    trials = widen([trial(weight=1.0), trial(weight=3.0)], lambda weight: [trial(weight=weight)])  # all equally good
    assert [each.old_loss_weight for each in trials] == [1, 3, 9, 30, 100, 300, 900, 3000]


def test_the_seeds_of_one_choice_make_up_a_trial():
    asked = []

    def outcomes(settings):
        asked.extend(settings)
        return [
            Outcome(each, "finished", 0.9, each.seed / 10, each.learning_rate, 0, 0.5, 1, 1, 1) for each in settings
        ]

    lwf = Settings("plane", strategy="learning without forgetting", old_loss_weight=3)
    first, second = try_settings(outcomes, [Settings("plane"), lwf.replace(learning_rate=0.1)], range(3, 5))
    assert [settings.seed for settings in asked] == [3, 4, 3, 4]
    assert (first.old, first.new, first.old_loss_weight) == ((0.3, 0.4), (1e-3, 1e-3), None)
    assert (second.strategy, second.learning_rate, second.old_loss_weight) == (lwf.strategy, 0.1, 3)
    assert Trial.from_dict(second.to_dict()) == second
