"""Every set of layers: stored whole, what it says it is, and a sample made again."""

import numpy as np
import pytest

from utils.models import NEW_HEAD
from utils.sweeps import subsets
from utils.sweeps.subsets import BASE, PAIRS, SEEDS, STORED, sets_of_layers, store, subset_settings
from utils.training import run


def test_every_set_on_every_pair_with_every_seed_is_stored_once():
    frame = subsets()
    keys = list(zip(frame["pair"], frame["layers"], frame["seed"], strict=True))
    assert keys == [(pair, layers, seed) for pair in PAIRS for layers in sets_of_layers() for seed in SEEDS]
    assert len(keys) == 4 * 2**4 * 5 and STORED.stat().st_size < 500_000
    assert store()["settings"] == BASE.to_text() and store()["command"] == "python -m utils.sweeps.subsets"


def test_its_curves_begin_at_the_checkpoint_and_end_where_the_run_did():
    frame = subsets()
    assert list(frame.attrs["updates"]) == list(range(0, BASE.updates + 1, BASE.evaluate_every))
    layers = BASE.network.layer_names
    for _, row in frame.iterrows():
        assert row["old_curve"].shape == row["new_curve"].shape == frame.attrs["updates"].shape
        assert row["forgetting"] == pytest.approx(row["old_before"] - row["old"])
        moved = dict(zip((*layers, "old_head", NEW_HEAD), row["moved"], strict=True))
        assert {name for name in layers if moved[name]} == set(row["layers"]) and moved["old_head"] == 0
        if not row["layers"]:  # only the new head trained: nothing is forgotten
            assert row["forgetting"] == 0 and np.ptp(row["old_curve"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "within"), [((), (0, 1)), (("dense",), (5, 3))])
def test_a_sample_made_again(layers, within):
    """Another processor rounds otherwise, and updates of the backbone make much of little."""
    stored = subsets().set_index(["pair", "layers", "seed"]).loc[("digits-drawings", layers, 2)]
    again = run(subset_settings("digits-drawings", layers, 2))
    assert 100 * again.old_accuracy == pytest.approx(stored["old"], abs=within[0])
    assert 100 * again.new_accuracy == pytest.approx(stored["new"], abs=within[1])
