"""What each strategy can reach: stored runs that are fair, heads that have converged, and a sample made again."""

from functools import partial
from statistics import fmean

import pytest

from utils.measures import mean_interval
from utils.strategies import Settings
from utils.sweeps import reach
from utils.sweeps.choice import CHOOSING_SEED
from utils.sweeps.reach import GRIDS, HEADS_ALONE, SAME_BUDGET, TASKS, USUAL, probe, probes, stored_reach
from utils.training import run

PAIRS = ("digits-halves", "digits-drawings", "digits-fashion", "fashion-digits")
STORED = [(task, strategy) for task in TASKS for strategy in GRIDS]
STORED += [(task, "feature extraction") for task in HEADS_ALONE]


def accuracies(results):
    return [100 * result.new_accuracy for result in results]


@pytest.mark.parametrize(("task", "strategy"), STORED, ids=str)
def test_both_answers_are_stored_with_five_seeds_each(task, strategy):
    best, same = reach(strategy, **task), reach(strategy, same_budget=True, **task)
    settings = Settings(strategy=strategy, **task)
    chosen = best[0].settings
    assert [result.settings for result in best] == [chosen.replace(seed=seed) for seed in range(5)]
    choice = {"learning_rate": chosen.learning_rate, "head_l2": chosen.head_l2}
    assert chosen == settings.until_converged(**USUAL[strategy], **choice)
    assert chosen.standardizes == (strategy == "feature extraction")
    fixed = settings.replace(updates=SAME_BUDGET, evaluate_every=SAME_BUDGET)
    assert [result.settings for result in same] == [fixed.replace(seed=seed) for seed in range(5)]
    assert {result.status for result in (*best, *same)} == {"finished"}


@pytest.mark.slow
@pytest.mark.parametrize(("task", "strategy"), STORED, ids=str)
def test_the_best_settings_were_chosen_on_validation_inside_the_grid(task, strategy):
    chosen = reach(strategy, **task)[0].settings
    tried = [(Settings.from_text(entry["settings"]), entry["loss"]) for entry in stored_reach().notes["tried"]]
    same = [
        (settings, loss)
        for settings, loss in tried
        if settings.replace(seed=0, learning_rate=chosen.learning_rate, head_l2=chosen.head_l2) == chosen
    ]
    assert {settings.seed for settings, _ in same} == {CHOOSING_SEED}
    assert min(same, key=lambda entry: entry[1])[0].replace(seed=0) == chosen
    for field in ("learning_rate", "head_l2"):
        values = sorted({getattr(settings, field) for settings, _ in same})
        assert len(values) == 1 or values[0] < getattr(chosen, field) < values[-1]


@pytest.mark.parametrize("task", [*TASKS, *HEADS_ALONE], ids=str)
def test_the_heads_have_converged(task):
    """As good as scikit-learn's logistic regression on the same features of the same images."""
    ours = fmean(accuracies(reach("feature extraction", **task)))
    assert abs(ours - 100 * fmean(probes(**task))) <= (1 if task["new_images"] >= 1000 else 2)


def test_feature_extraction_forgets_exactly_nothing():
    for task, strategy in STORED:
        if strategy == "feature extraction":
            assert {result.forgetting for result in reach(strategy, **task)} == {0}


@pytest.mark.parametrize("pair", PAIRS)
def test_at_its_best_fine_tuning_leads_by_less_than_after_the_same_budget(pair):
    lead = {}
    for same in (False, True):
        frozen, tuned = (
            accuracies(reach(name, pair, 1000, same_budget=same)) for name in ("feature extraction", "fine-tuning")
        )
        lead[same] = mean_interval([b - a for a, b in zip(frozen, tuned, strict=True)])
    assert lead[False].mean > lead[False].half_width
    assert lead[False].mean < lead[True].mean


@pytest.mark.slow
def test_a_sample_made_again():
    task = {"pair": "digits-drawings", "new_images": 100}
    stored = reach("feature extraction", **task)[2]
    assert run(stored.settings).new_accuracy == pytest.approx(stored.new_accuracy, abs=0.01)
    assert probe(task, 2).test == pytest.approx(probes(**task)[2], abs=0.005)


@pytest.mark.parametrize(
    ("find", "task", "says"),
    [
        (partial(reach, "joint training"), ("digits-halves", 1000), "strategy='joint training'"),
        (partial(reach, "fine-tuning"), ("digits-drawings", 2000), "new_images=2000 is not allowed: .* 20, 100, 1000"),
        (probes, ("digits-halves", 3000), "new_images=3000 is not allowed: .* 100, 1000"),
        (probes, ("digits-drawings", 100, {"dissimilarity": 0.3}), r"0\.3} is not allowed: .* 0\.0}"),
        (probes, ("plane", 100), "pair='plane' is not allowed: stored are 'digits-drawings', "),
    ],
)
def test_what_is_not_stored_is_named(find, task, says):
    with pytest.raises(ValueError, match=says):
        find(*task)


def test_no_dissimilarity_means_the_full_one():
    task = "fine-tuning", "digits-drawings", 100
    assert reach(*task, {"dissimilarity": 1.0}) == reach(*task) != reach(*task, {"dissimilarity": 0.0})
