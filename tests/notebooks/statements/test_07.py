"""Notebook 07, Learning without Forgetting: what it states, held against the stored runs and its saved outputs."""

import re

from tests.notebooks.statements.stated import HEAD, TUNE, accuracies, new, printed, prose, stored
from utils.measures import paired_difference
from utils.sweeps import orderings, reach, stored_table

NAME_07 = "07_learning_without_forgetting.ipynb"


def test_at_equal_budget_the_best_result_stands_beside():
    text = prose("07_learning_without_forgetting.ipynb")
    frame = stored_table().frame()
    means = frame.groupby(["pair", "strategy"])["new"].mean()
    pairs = ("digits-drawings", "digits-fashion", "fashion-digits")
    reached = [f"{new(reach(HEAD, pair, 2000)).mean:.1f}" for pair in pairs]
    table = [f"{means[pair, HEAD]:.1f}" for pair in pairs]
    assert (
        f"reaches {reached[0]}% of the drawings, {reached[1]}% of the clothes and {reached[2]}% of the digits after "
        f"clothes, instead of {table[0]}, {table[1]} and {table[2]}% in the table"
    ) in text
    top = [means[pair, "fine-tune-FC"] for pair in pairs]
    assert f"more than the {top[1]:.1f}% of fine-tune-FC" in text and f"about as much as its {top[0]:.1f}%" in text
    assert new(reach(HEAD, pairs[1], 2000)).mean > top[1]
    assert abs(new(reach(HEAD, pairs[0], 2000)).mean - top[0]) < 1


def test_learning_without_forgetting():
    text, lwf = prose(NAME_07), "learning without forgetting"

    def of(**changes):
        runs = stored(**{"updates": 150, "warm_up": 50, "evaluate_every": 150} | changes)
        return [run.forgetting for run in runs], accuracies(runs)

    base, usual = of(strategy=TUNE), of(strategy=lwf, old_loss_weight=1)
    strong, soft = of(strategy=lwf, old_loss_weight=10), of(strategy=lwf, temperature=5)
    saved, gained = paired_difference(base[0], usual[0]), paired_difference(usual[1], base[1])
    assert f"save {saved} points of the old task, and the new task's difference of {gained} isn't clear" in text
    assert saved.clear and not gained.clear
    further, price = paired_difference(usual[0], strong[0]), paired_difference(usual[1], strong[1])
    assert f"save another {further} points" in text and f"the new task loses {price}" in text
    assert further.clear and price.clear
    softer, better = paired_difference(usual[0], soft[0]), paired_difference(soft[1], usual[1])
    assert f"neither to the old task ({softer} points saved) nor to the new one ({better})" in text
    assert not softer.clear and not better.clear

    savings, faster = [], {"layer_rates": {"new_head": 10}}
    for strategy in (TUNE, lwf):
        cold = of(strategy=strategy, updates=100, warm_up=0, **faster)[0]
        warm = of(strategy=strategy, updates=1100, warm_up=1000, evaluate_every=200, **faster)[0]
        savings.append(paired_difference(cold, warm))
        savings.append([a - b for a, b in zip(cold, warm, strict=True)])
    more = paired_difference(savings[1], savings[3])
    assert f"fine-tuning {savings[0]} points, and Learning without Forgetting {savings[2]}" in text
    assert f"It saves fine-tuning {more} points more" in text
    assert savings[0].clear and savings[2].clear and more.clear
    (late,) = re.findall(r"minus 800: (\S+ ± \S+) points", printed(NAME_07, "saved_by_warm_up"))
    assert f"validation accuracy by {late} points" in text

    plain, faint = re.findall(r"points saved (\S+ ± \S+)", printed(NAME_07, "def information"))
    (apart,) = re.findall(r"faint ones: (\S+ ± \S+)", printed(NAME_07, "saved more with plain"))
    assert f"With plain drawings it saves {plain} points" in text and plain == str(saved)
    assert f"the saving of {faint} points isn't clear" in text and f"it is {apart} points more" in text
    clear = [float(mean) > float(half) for mean, half in (value.split(" ± ") for value in (faint, apart))]
    assert clear == [False, True]

    table, words = orderings(), dict(enumerate(["none", "one", "two", "three", "four", "five"]))
    clearly, held = (
        {task: rows[column].str[0].astype(int) for task, rows in table.groupby("task")}
        for column in ("clearly", "held here")
    )
    assert (
        f"Of the five statements about the old task, {words[sum(clearly['old'] == 3)]} are clear on all three of our "
        f"pairs, and {words[sum(held['old'] >= 2)]} hold by the means on at least two. The "
        f"{words[sum(clearly['new'] == 3)]} about the new task are clear on all three"
    ) in text
    (other,) = (line for _, line in table.iterrows() if line["held here"][0] in "01")
    assert f"*{other['statement']}* on the {other['task']} task holds on {words[int(other['held here'][0])]}" in text
    assert f"and on {other['held in the paper']} in the paper" in text
