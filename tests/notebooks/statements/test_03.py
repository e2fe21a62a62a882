"""Notebook 03, Feature extraction: what it states, held against the stored runs and its saved outputs."""

import re
from statistics import fmean

from tests.notebooks.statements.stated import (
    FOUR,
    HEAD,
    TUNE,
    accuracies,
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
from utils.sweeps import probes_by_block, reach

NAME = "03_feature_extraction.ipynb"


def test_feature_extraction():
    text = prose(NAME)
    by_size = {count: best(new_images=count) for count in (20, 100, 1000)}
    leads = {count: lead(*results) for count, results in by_size.items()}
    sentence = f"With 1,000 drawings fine-tuning leads a head behind `dense` by {leads[1000]} points, with 100 by"
    behind_dense = paired(accuracies(best(FOUR[0], 1000)[1]), depth(FOUR[0], 1000)[1]["dense"])
    assert f"over them differs a little: with 1,000 drawings it was {behind_dense} points" in text
    assert (
        f"{sentence} {leads[100]}. With 20 drawings its lead of {leads[20]} points is indistinguishable from zero"
        in text
    )
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
    assert f"five heads (stored) gain {heads} points from 1,000 to 2,000 drawings" in text
    thousand = {pair: lead(*best(pair)) for pair in FOUR}
    halves, drawings, fashion, digits = (thousand[FOUR[i]] for i in (1, 0, 2, 3))
    assert (
        f"leads a head behind `dense` on all four pairs, by {halves}, {drawings}, {fashion} and {digits} points" in text
    )
    assert all(gap.clear for gap in thousand.values())
    hundred = {pair: lead(*best(pair, 100)) for pair in FOUR}
    thin = best(new_images=100, pair_options={"dissimilarity": 0.0})
    assert [pair for pair, gap in hundred.items() if not gap.clear] == ["digits-fashion"] and lead(*thin).clear
    assert f"for clothes after digits, {hundred['digits-fashion']} points, it isn't" in text
    wide = new(best()[0])
    similar = f"a head behind `dense` reaches {new(thin[0])}%; at dissimilarity 1 it takes 1,000 for {wide}%"
    assert similar in text
    tuned = [thin[1], *(best(pair, count)[1] for pair in FOUR for count in (100, 1000)), by_size[20][1]]
    costs = [lost(results).mean for results in tuned]
    assert f"between {min(costs):.0f} and {max(costs):.0f} points of the old task (means)" in text
    thousands = [lead(*best(pair)) for pair in FOUR]
    assert all(gap.mean > 0 and gap.clear for gap in thousands)
    assert "on the backbone's last 64 features, was clearly behind fine-tuning every time" in text


def depth(pair, count):
    """Fine-tuning's lead over the probe behind the block chosen on validation, and the probes' accuracies by block."""
    by_block = probes_by_block(pair, count)
    chosen = max(by_block, key=lambda block: fmean(probe.validation for probe in by_block[block]))
    accuracy = {block: [100 * probe.test for probe in probes] for block, probes in by_block.items()}
    return paired(accuracies(best(pair, count)[1]), accuracy[chosen]), accuracy, chosen


def test_an_earlier_cut():
    text = prose(NAME)
    by_task = {(pair, count): depth(pair, count) for pair in FOUR for count in (100, 1000)}
    earlier = {task: paired(accuracy["conv3"], accuracy["dense"]) for task, (_, accuracy, _) in by_task.items()}
    gains = [earlier[pair, 1000] for pair in FOUR]
    assert f"seed by seed, by {gains[0]}, {gains[1]}, {gains[2]} and {gains[3]} points" in text
    assert all(gain.clear and gain.mean > 0 for gain in gains)
    many, few = ([by_task[pair, count][0] for pair in FOUR] for count in (1000, 100))
    assert (
        f"fine-tuning's lead over the probe is {many[0]} points with 1,000 drawings, {many[1]} on the digits 5 to 9, "
        f"{many[2]} on the clothes and {many[3]} on the digits after clothes"
    ) in text
    assert [gap.clear for gap in many] == [True, False, True, False] and many[0].mean > 0 > many[2].mean
    assert f"its lead is {few[0]}, {few[1]}, {few[2]} and {few[3]} points, in the same order" in text
    assert "ahead on no pair. It is behind on two, though on the clothes the interval only just excludes zero" in text
    assert few[2].half_width < -few[2].mean < few[2].half_width + 0.1
    assert [gap.clear for gap in few] == [False, False, True, True] and max(few[2].mean, few[3].mean) < 0
    assert [chosen for _, _, chosen in by_task.values()] == [*["conv3"] * 4, "conv1", "conv2", "conv3", "conv3"]
    assert f"behind `conv3` is {earlier[FOUR[0], 100]} points better than the one behind `dense`" in text
    assert f"the earlier block is better as well, by {earlier[FOUR[1], 100]} points" in text
    assert earlier[FOUR[0], 100].clear and earlier[FOUR[1], 100].clear
    assert f"chance that one or more miss their true value would be {1 - 0.95**8:.0%}" in text
    curves = [[fmean(accuracy[block]) for block in accuracy] for _, accuracy, _ in by_task.values()]
    assert all(conv3 > dense for _, _, conv3, dense in curves)
    for rising in (*curves[:4], *curves[6:]):
        assert rising[:3] == sorted(rising[:3])


def test_feature_extraction_of_its_own_cells():
    """What its cells have printed when it was saved."""
    name, text = NAME, prose(NAME)
    trained, test = numbers_of(name, "keras.callbacks.EarlyStopping")[:2]
    (probe,) = numbers_of(name, "probe = linear_probe")
    assert f"{test}% from Keras's `fit` and {probe}% from scikit-learn" in text
    assert abs(float(test) - float(probe)) <= 1
    assert f"it gets only {trained}% of the drawings right that it was *trained* on" in text
    *_, raw = numbers_of(name, "whole_seconds / head_seconds")
    assert f"After five epochs on the raw features it stood at {raw}%" in text
    (different,) = re.findall(r"of the two heads: (\S+)", printed(name, "whole_seconds / head_seconds"))
    assert f"the largest difference between their weights is {different}." in text
    low, high, again = re.findall(r"(\d+\.\d)%", printed(name, "engine_results = "))
    assert float(low) <= float(raw) <= float(high) and again == raw


def test_silent_features():
    text, counted = prose(NAME), printed(NAME, "silent_features(features)")
    silent, both = (re.search(pattern, counted)[1] for pattern in (r"drawings: (\d+) of 64", r"for both: (\d+)"))
    assert f"{silent} of the 64 features are silent. {both} of them are silent on the digits as well" in text
    assert f"the head sees {64 - int(silent)} numbers that vary" in text
    gains = re.findall(r"before the ReLU +\S+ ± \S+ +((\S+) ± (\S+))", printed(NAME, "def probe_accuracies"))
    (some, *_), (every, *_) = gains
    assert f"are worth {some} points more where the {silent} silent ones are read before the ReLU" in text
    assert f"and {every} points more where all are" in text
    assert all(float(mean) > float(half) for _, mean, half in gains)
