"""What recorded answers save, against how much they say."""

import pytest

from utils.sweeps import Outcome, recorded, savings
from utils.sweeps.recorded import BASE, DISSIMILARITIES, SEEDS, bits_of, recorded_settings, stored_recorded
from utils.training import run


def test_the_stored_runs_are_all_there():
    stored = stored_recorded()
    assert [outcome.settings for outcome in stored.outcomes] == [
        recorded_settings(dissimilarity, strategy, seed)
        for dissimilarity in DISSIMILARITIES
        for strategy in recorded.STRATEGIES
        for seed in SEEDS
    ]
    assert {outcome.status for outcome in stored.outcomes} == {"finished"}
    assert len(SEEDS) >= 10 and len(DISSIMILARITIES) >= 5


def test_bits_are_those_of_the_answers():
    assert stored_recorded().notes["bits"]["0.5"] == pytest.approx(bits_of(0.5), rel=1e-3)


def test_savings_are_fine_tunings_losses_minus_those_with_the_answers():
    found = savings()
    assert list(found) == list(DISSIMILARITIES)
    for dissimilarity, saving in found.items():
        of = {
            (o.settings.strategy, o.settings.seed): o
            for o in stored_recorded().outcomes
            if o.settings.replace(seed=0, strategy="fine-tuning") == recorded_settings(dissimilarity, "fine-tuning", 0)
        }
        tuned, kept = (of[name, 3] for name in recorded.STRATEGIES)
        assert saving.lost[3] == pytest.approx(tuned.forgetting)
        assert saving.saved[3] == pytest.approx(100 * (kept.old - tuned.old))
        assert saving.gained[3] == pytest.approx(100 * (kept.new - tuned.new))
        assert saving.bits == stored_recorded().notes["bits"][f"{dissimilarity:g}"]


@pytest.mark.exhaustive
@pytest.mark.parametrize("strategy", recorded.STRATEGIES)
def test_a_sample_made_again(strategy):
    wanted = recorded_settings(0.25, strategy, 4)
    (stored,) = (outcome for outcome in stored_recorded().outcomes if outcome.settings == wanted)
    again = Outcome.from_run(run(wanted))
    assert again.new == pytest.approx(stored.new, abs=0.05) and again.old == pytest.approx(stored.old, abs=0.2)
    assert again.settings.updates - again.settings.warm_up == 1000 == BASE.updates - BASE.warm_up
