"""Notebook 04, Fine-tuning: what it states, held against the stored runs and its saved outputs."""

import re
from itertools import pairwise

from tests.notebooks.statements.stated import HEAD, lost, new, numbers_of, paired, printed, prose, stored
from utils.exercises.fine_tuning import check_gentle
from utils.measures import holm, mean_interval, paired_p_value
from utils.sweeps import probes_by_block, reach

NAME = "04_fine_tuning.ipynb"
LAYER_COUNT, LEVEL = 4, 78
LOW, HIGH = (0.000025, 0.0001, 0.00025, 0.0005, 0.001, 0.0025), (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01)
HEAD_FIRST, GRADUAL, DECAY = {"warm_up": 1000, "updates": 1200}, {"unfreeze_every": 40}, {"rate_decay": 2.6}
RECIPES = {
    "one rate": ({}, LOW),
    "head first": (HEAD_FIRST, LOW),
    "gradual": (GRADUAL, HIGH),
    "decay": (DECAY, HIGH),
    "both": (GRADUAL | DECAY, HIGH),
}


def tuned(rate=0.001, **changes):
    same = {"updates": 200, "evaluate_every": 200, "layer_rates": {"new_head": 0.01 / rate}}
    return stored(learning_rate=rate, **same | changes)


def moved(results, layer=None):
    drift = [100 * result.history["drift"][-1][:LAYER_COUNT] for result in results]
    return mean_interval([each.mean() if layer is None else each[layer] for each in drift])


def gained(more, less):
    return paired(*([100 * result.new_accuracy for result in results] for results in (more, less)))


def saved(less, more):
    return paired(*([result.forgetting for result in results] for results in (more, less)))


def forgetting_at(level, recipe, rates):
    """For each seed, between the first two neighboring rates whose accuracies enclose the level."""
    by_rate, forgotten = [tuned(rate, **recipe) for rate in rates], []
    for seed in range(5):
        points = [(100 * results[seed].new_accuracy, results[seed].forgetting) for results in by_rate]
        (low, less), (high, more) = next((a, b) for a, b in pairwise(points) if a[0] <= level <= b[0])
        forgotten.append(less + (more - less) * (level - low) / (high - low))
    return forgotten


def test_the_head_first():
    text = prose(NAME)
    cold, short, long = tuned(), tuned(warm_up=100, updates=300), tuned(**HEAD_FIRST)
    assert f"forget {saved(long, cold)} points less, and the new task gains {gained(long, cold)} points" in text
    assert saved(long, cold).clear and gained(long, cold).clear
    assert f"after 100 updates alone, {saved(short, cold)} points are saved" in text
    assert not saved(short, cold).clear
    assert f"The weights also move less: by {moved(long)}% of their length instead of {moved(cold)}%" in text


def test_the_recipes_at_one_rate():
    text = prose(NAME)
    one, decay = tuned(), tuned(**DECAY)
    assert f"it forgets {lost(decay)} points instead of {lost(one)}" in text and saved(decay, one).clear
    assert f"`conv1` moves by {moved(decay, 0)}% instead of {moved(one, 0)}%" in text
    share = moved(decay).mean / moved(one).mean
    assert f"On average a layer moves by {moved(decay)}%, about a quarter of the {moved(one)}%" in text
    assert 0.2 < share < 0.3


def test_the_control_that_decides():
    text = prose(NAME)
    head = new(reach(HEAD, "digits-drawings", 1000))
    assert f"{head}% of the new task, and nothing forgotten" in text and f"but it ends at {head}%" in text
    earlier = mean_interval([100 * probe.test for probe in probes_by_block("digits-drawings", 1000)["conv3"]])
    assert f"behind `conv3`, reaches {earlier}% with the same number of images" in text
    reached = [
        max(100 * tuned(rate, **recipe)[seed].new_accuracy for rate in rates)
        for recipe, rates in RECIPES.values()
        for seed in range(5)
    ]
    assert int(min(reached)) == LEVEL and f"where the new task reaches {LEVEL}%" in text
    at_level = {name: forgetting_at(LEVEL, *recipe) for name, recipe in RECIPES.items()}
    control = at_level["one rate"]
    less = {name: paired(control, values) for name, values in at_level.items() if name != "one rate"}
    worse = {name: paired(values, control) for name, values in at_level.items() if name != "one rate"}
    p = dict(zip(less, holm([paired_p_value(control, at_level[name]) for name in less]), strict=True))
    for sentence in (
        f"{LEVEL}% of the new task costs {mean_interval(control)} points of the old one",
        f"forgets {mean_interval(at_level['head first'])} points, {less['head first']} fewer",
        f"(p = {p['head first']:.3f})",
        f"gradual unfreezing by {worse['gradual']} points, a rate per layer by {worse['decay']}, "
        f"and both together by {worse['both']}",
    ):
        assert sentence in text
    higher = [mean_interval(forgetting_at(82, *RECIPES[name])) for name in ("one rate", "head first")]
    assert f"At 82% the control forgets {higher[0]} points, and the head first {higher[1]}" in text
    assert [name for name, value in p.items() if value <= 0.05] == ["head first"]
    assert [name for name, spread in worse.items() if spread.mean < 0] == ["head first"]
    assert [name for name, spread in worse.items() if spread.clear] == ["head first", "decay", "both"]


def test_of_its_own_cells():
    """What its cells have shown when it was saved: single runs."""
    text = prose(NAME)
    before, after, forgotten, worst = numbers_of(NAME, "changes = old_accuracy.diff()")
    fell, intervals = re.search(r"fell in (\d+) of (\d+)", printed(NAME, "changes = old_accuracy.diff()")).groups()
    assert f"has fallen from {before}% to {after}%: {forgotten} points" in text
    assert f"It fell in {fell} of {intervals} intervals, by {worst} points at most" in text
    assert float(worst) < float(forgotten) / 3 and int(fell) > int(intervals) / 2

    rows = re.findall(r"^(\S+(?: +\d+\.\d+){4})$", printed(NAME, '"new loss"'), re.MULTILINE)
    table = {float(row.split()[0]): row.split()[1:] for row in rows}
    assert list(table) == [10.0**power for power in range(-5, 1)]
    chosen = max(table, key=lambda rate: float(table[rate][0]))
    _, new_task, old_task, _ = table[chosen]
    assert f"On validation images, a rate of {chosen:g} is best" in text
    assert f"gets {new_task}% of the new task, and {old_task}% of the old one is left" in text
    _, new_task, old_task, _ = table[chosen / 10]
    assert f"A tenth of that rate keeps {old_task}% of the old task, with {new_task}% of the new one" in text
    assert f"100 updates are too few to learn much ({table[1e-5][1]}%)" in text
    assert f"At 0.1 and at 1 alike, the network gets {table[1][1]}% of the new task" in text
    assert table[0.1][1] == table[1][1]
    assert f"at 1 the loss is {table[1][3]}, close to" in text and abs(float(table[1][3]) - 2.303) < 0.1
    silent = re.findall(r": (\d+)", printed(NAME, "silent_features(pretrained"))
    assert f"At the checkpoint, {silent[0]} features are silent on drawings" in text
    assert f"After two epochs at 0.001 there are {silent[1]}, and at 0.1 {silent[2]} of 64" in text


def test_the_solution():
    text = prose("solutions/04_fine_tuning.ipynb")
    slow = dict.fromkeys(["conv1", "conv2", "conv3", "dense"], 0.1) | {"new_head": 10}
    results = stored(updates=300, evaluate_every=300, warm_up=100, layer_rates=slow)
    assert all(check_gentle(result).right for result in results) and "All five pass" in text
    assert f"they forget {lost(results)} points and reach {new(results)}% of the new task" in text
