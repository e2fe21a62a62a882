"""The stored probes behind each block: all there, of the images of the stored runs, and a sample made again."""

from statistics import fmean

import pytest

from utils.sweeps import probes_by_block
from utils.sweeps.depth import BLOCKS, COUNTS, PAIRS, SEEDS, STRENGTHS, probe_block
from utils.sweeps.reach import probes


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("new_images", COUNTS)
def test_every_block_has_a_probe_for_each_seed(pair, new_images):
    by_block = probes_by_block(pair, new_images)
    assert list(by_block) == list(BLOCKS) == ["conv1", "conv2", "conv3", "dense"]
    for of_block in by_block.values():
        assert len(of_block) == len(SEEDS) == 5 and {probe.strength for probe in of_block} <= set(STRENGTHS)
    # Those behind the last block are the probes that the heads of `reach` are compared with; these had fewer penalties.
    last = fmean(probe.test for probe in by_block["dense"])
    assert last == pytest.approx(fmean(probes(pair, new_images)), abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("block", ["conv3", "dense"])
def test_a_sample_made_again(block):
    job = {"pair": "digits-drawings", "new_images": 100, "block": block, "seed": 3}
    made, stored = probe_block(job), probes_by_block(job["pair"], job["new_images"])[block][job["seed"]]
    assert made | job == made and made["strength"] == stored.strength
    assert (made["validation"], made["test"]) == pytest.approx((stored.validation, stored.test), abs=0.005)


@pytest.mark.parametrize(
    ("task", "named"),
    [(("plane", 100), "pair='plane'"), (("digits-drawings", 20), "new_images=20"), ((None, 100), "pair=None")],
)
def test_what_is_not_stored_is_named(task, named):
    with pytest.raises(ValueError, match=named):
        probes_by_block(*task)
