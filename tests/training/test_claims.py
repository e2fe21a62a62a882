"""What the collection rests on: with the default settings, the two strategies differ so that it can't be overlooked.

Asserted from the stored runs of five seeds. Fine-tuning's are made again in the exhaustive part; by default,
tests/sweeps/test_seeds.py makes a run of the same store again.
"""

import pytest

from utils import Settings, mean_interval, run
from utils.sweeps import reach, run_seeds

FAIR = {"updates": 400, "evaluate_every": 400}


def stored(**changes):
    return run_seeds(Settings(**FAIR | changes), log=lambda text: None)


def lead(frozen, tuned):
    """Fine-tuning's accuracy minus feature extraction's on the new task, seed by seed."""
    return mean_interval([100 * (b.new_accuracy - a.new_accuracy) for a, b in zip(frozen, tuned, strict=True)])


@pytest.mark.slow
def test_fine_tuning_forgets_at_least_ten_points():
    assert mean_interval([result.forgetting for result in stored(strategy="fine-tuning")]).mean >= 10


@pytest.mark.slow
def test_feature_extraction_forgets_exactly_nothing():
    made = [run(Settings(strategy="feature extraction", seed=seed, **FAIR)) for seed in range(2)]
    assert [result.forgetting for result in made] == [0, 0]
    assert all((result.history["drift"][:, :-1] == 0).all() for result in made)


def test_fine_tuning_learns_more_after_the_same_budget_and_at_its_best():
    """By far less at its best: a head that hasn't converged made most of the difference."""
    same = lead(stored(strategy="feature extraction"), stored(strategy="fine-tuning"))
    best = lead(*(reach(name, "digits-drawings", 1000) for name in ("feature extraction", "fine-tuning")))
    assert best.mean - best.half_width >= 5
    assert same.mean > 3 * best.mean


def test_similar_tasks_forget_less():
    tuned, alike = stored(strategy="fine-tuning"), stored(strategy="fine-tuning", pair="digits-halves")
    less = mean_interval([a.forgetting - b.forgetting for a, b in zip(tuned, alike, strict=True)])
    assert less.mean - less.half_width > 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5))
def test_a_stored_run_made_again(seed):
    stored_run = stored(strategy="fine-tuning")[seed]
    again = run(stored_run.settings)
    # Another processor rounds otherwise, and updates of the backbone make much of little.
    assert again.new_accuracy == pytest.approx(stored_run.new_accuracy, abs=0.05)
    assert again.forgetting == pytest.approx(stored_run.forgetting, abs=20)
