"""Notebook 03, Feature extraction: what it states, held against the stored runs and its saved outputs."""

import re

from tests.notebooks.statements.stated import (
    FOUR,
    HEAD,
    TUNE,
    best,
    lead,
    leads_by_seed,
    lost,
    new,
    numbers_of,
    paired,
    printed,
    prose,
)
from utils.sweeps import reach


def test_feature_extraction():
    text = prose("03_feature_extraction.ipynb")
    by_size = {count: best(new_images=count) for count in (20, 100, 1000)}
    leads = {count: lead(*results) for count, results in by_size.items()}
    sentence = f"With 1,000 drawings fine-tuning leads by {leads[1000]} points, with 100 by {leads[100]}."
    assert f"{sentence} With 20 drawings its lead of {leads[20]} points is indistinguishable from zero" in text
    assert leads[1000].clear and leads[100].clear and not leads[20].clear
    grows = paired(leads_by_seed(), leads_by_seed(new_images=100))
    assert f"the lead grows by {grows} points, seed by seed" in text and grows.clear

    def plain(pair, count):
        return reach(TUNE, pair, count, same_budget=True)

    gained = [lead(reach(TUNE, pair, 100), plain(pair, 100)).mean for pair in FOUR]
    few = lead(reach(TUNE, FOUR[0], 20), plain(FOUR[0], 20))
    more = f"reach {few} points more with 20 drawings, and {min(gained):.1f} to {max(gained):.1f} points more (means)"
    assert more in text
    assert f"is {lead(by_size[20][0], plain(FOUR[0], 20))} points ahead of feature extraction's best result" in text
    ahead = lead(reach(HEAD, "digits-fashion", 100), plain("digits-fashion", 100))
    assert f"(400 updates at a rate of 0.001 would put it {ahead} points ahead there)" in text and ahead.clear
    changes = {pair: paired(leads_by_seed(pair), leads_by_seed(pair, 100)) for pair in FOUR}
    assert [pair for pair, change in changes.items() if change.clear] == ["digits-drawings"]
    assert "Only on the drawings does the lead clearly grow with the number of images" in text
    heads = lead(reach(HEAD, FOUR[0], 1000), reach(HEAD, FOUR[0], 2000))
    assert f"from 1,000 to 2,000 drawings, five heads (stored) gain {heads} points" in text
    thousand = {pair: lead(*best(pair)) for pair in FOUR}
    halves, drawings, fashion, digits = (thousand[FOUR[i]] for i in (1, 0, 2, 3))
    assert f"leads on all four pairs, by {halves}, {drawings}, {fashion} and {digits} points" in text
    assert all(gap.clear for gap in thousand.values())
    hundred = {pair: lead(*best(pair, 100)) for pair in FOUR}
    thin = best(new_images=100, pair_options={"dissimilarity": 0.0})
    assert [pair for pair, gap in hundred.items() if not gap.clear] == ["digits-fashion"] and lead(*thin).clear
    assert f"for clothes after digits, {hundred['digits-fashion']} points, it isn't" in text
    wide = new(best()[0])
    similar = f"feature extraction reaches {new(thin[0])}%; at dissimilarity 1 it takes 1,000 for {wide}%"
    assert similar in text
    tuned = [thin[1], *(best(pair, count)[1] for pair in FOUR for count in (100, 1000)), by_size[20][1]]
    costs = [lost(results).mean for results in tuned]
    assert f"between {min(costs):.0f} and {max(costs):.0f} points of the old task (means)" in text
    assert f"Fine-tuning, with half as many drawings, gets {new(best()[1])}% of drawings" in text
    eight = [lead(*best(pair, count)) for pair in FOUR for count in (100, 1000)]
    assert all(gap.mean > 0 for gap in eight) and sum(gap.clear for gap in eight) == 7
    assert "never ahead of fine-tuning in the mean of five seeds, and it was clearly behind in seven of eight" in text


def test_feature_extraction_of_its_own_cells():
    """What its cells have printed when it was saved."""
    name, text = "03_feature_extraction.ipynb", prose("03_feature_extraction.ipynb")
    trained, test = numbers_of(name, "keras.callbacks.EarlyStopping")[:2]
    (probe,) = numbers_of(name, "probe = linear_probe")
    assert f"{test}% from Keras's `fit` and {probe}% from scikit-learn" in text
    assert abs(float(test) - float(probe)) <= 1
    assert f"it gets {trained}% of the drawings that it was *trained* on" in text
    raw = numbers_of(name, "After five epochs it gets")[-2]
    assert f"After five epochs on the raw features it stood at {raw}%" in text
    silent = re.search(r"(\d+) of 64 features are 0", printed(name, "silent_features(features)"))[1]
    assert f"these 64 features, of which {silent} are silent, gets only {trained}%" in text
