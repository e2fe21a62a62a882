"""What the collection rests on: with the default settings, the two strategies differ so that nobody can overlook it."""

import pytest

from utils import Settings, mean_interval, run

SEEDS = range(5)


def five_seeds(**changes):
    settings = Settings(**changes)
    return [run(settings.replace(seed=seed, evaluate_every=settings.updates)) for seed in SEEDS]


@pytest.fixture(scope="module")
def tuned():
    return five_seeds(strategy="fine-tuning")


@pytest.fixture(scope="module")
def extracted():
    return five_seeds(strategy="feature extraction")


@pytest.mark.slow
def test_fine_tuning_forgets_at_least_ten_points(tuned):
    assert mean_interval([one.forgetting for one in tuned]).mean >= 10


def test_feature_extraction_forgets_exactly_nothing(extracted):
    assert [one.forgetting for one in extracted] == [0] * 5
    assert all((one.history["drift"][:, :-1] == 0).all() for one in extracted)


@pytest.mark.slow
def test_fine_tuning_learns_the_new_task_better_by_at_least_five_points(tuned, extracted):
    gains = [100 * (a.new_accuracy - b.new_accuracy) for a, b in zip(tuned, extracted, strict=True)]
    assert mean_interval(gains).mean >= 5


@pytest.mark.slow
def test_it_does_so_whatever_rate_feature_extraction_gets(tuned):
    """The rate that does best on validation images, out of the notebook's four."""
    rates = {rate: five_seeds(strategy="feature extraction", learning_rate=rate) for rate in (0.001, 0.003, 0.01, 0.03)}
    best = max(rates.values(), key=lambda runs: sum(one.history["new_accuracy"][-1] for one in runs))
    gains = [100 * (a.new_accuracy - b.new_accuracy) for a, b in zip(tuned, best, strict=True)]
    assert mean_interval(gains).mean >= 5


@pytest.mark.slow
def test_alike_tasks_forget_less(tuned):
    alike = five_seeds(pair="digits-halves")
    less = mean_interval([a.forgetting - b.forgetting for a, b in zip(tuned, alike, strict=True)])
    assert less.mean - less.half_width > 0
