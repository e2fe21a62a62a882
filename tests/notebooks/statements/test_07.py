"""Notebook 07, Learning without Forgetting: what it states, held against the stored runs and its saved outputs."""

import re
from statistics import fmean

import keras
import numpy as np
import pytest

from tests.notebooks.statements.stated import HEAD, TUNE, accuracies, cells, lost, printed, prose, stored
from utils.exercises.learning_without_forgetting import LEAST_NEW, MOST_FORGETTING, UPDATES
from utils.measures import mean_interval, paired_difference
from utils.strategies import STRATEGIES, cross_entropy, distillation
from utils.sweeps import ORDERINGS, Ordering, kept_more, savings, stored_table, trade_offs
from utils.sweeps.claims import verdicts
from utils.sweeps.table1 import COMPARED, PAIRS, RATES, paper_table
from utils.sweeps.trade_offs import CURVE_RATES, MOVING

NAME = "07_learning_without_forgetting.ipynb"
LWF, LFL, L2 = "learning without forgetting", "less-forgetting learning", "L2 to the start"
JOINT, TENTH, UNITS = "joint training", "fine-tuning at a tenth of the rate", "network expansion + LwF"


@pytest.fixture(scope="module")
def text():
    return prose(NAME)


def of(**changes):
    """What five seeds forget, and what they learn, in the notebook's table of λ and T."""
    runs = stored(**{"updates": 150, "warm_up": 50, "evaluate_every": 150} | changes)
    return [run.forgetting for run in runs], accuracies(runs)


def test_the_loss_is_the_one_that_trains():
    """The notebook's own lines give what `utils` gives, on a batch after some change of the answers."""
    (source,) = (cell.source for cell in cells(NAME, "code") if "def lwf_loss" in cell.source)
    names = {"keras": keras}
    exec(source, names)
    random = np.random.default_rng(0)
    new_logits, old_logits, recorded = random.normal(size=(3, 32, 10)).astype("float32")
    labels = random.integers(10, size=32)
    here = names["lwf_loss"](new_logits, labels, old_logits, recorded, T=5.0, weight=0.7)
    wanted = cross_entropy(new_logits, labels) + 0.7 * distillation(old_logits, recorded, 5.0)
    assert float(here) == pytest.approx(float(wanted), rel=1e-5)


def test_the_goals_of_exercise_2(text):
    assert f"In {UPDATES} updates on `digits-drawings` (1,000 drawings, seed 0)" in text
    assert f"forget at most {MOST_FORGETTING} points *and* reach at least {LEAST_NEW:.0%} on the new task" in text


def test_lambda_and_temperature(text):
    base, usual = of(strategy=TUNE), of(strategy=LWF, old_loss_weight=1)
    strong, soft = of(strategy=LWF, old_loss_weight=10), of(strategy=LWF, temperature=5)
    saved, gained = paired_difference(base[0], usual[0]), paired_difference(usual[1], base[1])
    assert f"save {saved} points of the old task, and the new task's difference of {gained} isn't clear" in text
    assert saved.clear and not gained.clear
    further, price = paired_difference(usual[0], strong[0]), paired_difference(usual[1], strong[1])
    assert f"save another {further} points" in text and f"the new task loses {price}" in text
    assert further.clear and price.clear
    softer, better = paired_difference(usual[0], soft[0]), paired_difference(soft[1], usual[1])
    assert f"neither to the old task ({softer} points saved) nor to the new one ({better})" in text
    assert not softer.clear and not better.clear
    shown = printed(NAME, "def gradient_size")
    against = dict(zip((1, 2, 5, 10), re.findall(r"gradient, against T = 1 +(.*)", shown)[0].split(), strict=True))
    assert f"At T = 5 the gradient is {100 * float(against[5]):.1f}% of what it is at T = 1" in text
    assert f"at T = 10 {100 * float(against[10]):.1f}%" in text


def after_1000(strategy, rate, warm_up):
    """Five runs of 1,000 updates of the backbone, after a warm-up or without one."""
    lengths = {"updates": 3000, "warm_up": 2000, "warm_up_rate": 0.003} if warm_up else {"updates": 1000}
    return stored(strategy=strategy, learning_rate=rate, standardize=True, evaluate_every=50, **lengths)


def forgotten(strategy, rate, warm_up):
    return [run.forgetting for run in after_1000(strategy, rate, warm_up)]


def test_warm_up_rate_and_length(text):
    rates = (0.0003, 0.001, 0.003)
    by_warm_up = {
        name: paired_difference(*(forgotten(name, 0.001, on) for on in (False, True))) for name in (TUNE, LWF)
    }
    assert f"saves fine-tuning {by_warm_up[TUNE]} points and Learning without Forgetting {by_warm_up[LWF]}" in text
    savings = [
        [a - b for a, b in zip(*(forgotten(name, 0.001, on) for on in (False, True)), strict=True)]
        for name in (TUNE, LWF)
    ]
    more = paired_difference(*savings)
    assert f"That is {more} points more for fine-tuning, as the paper says" in text
    assert more.clear and all(spread.clear for spread in by_warm_up.values())

    tuned, kept = ([lost(after_1000(name, rate, True)) for rate in rates] for name in (TUNE, LWF))
    assert f"fine-tuning forgets {tuned[0]}, {tuned[1]} and {tuned[2]} points at the three rates" in text
    assert f"Learning without Forgetting {kept[0]}, {kept[1]} and {kept[2]}" in text
    new = [paired_difference(*(accuracies(after_1000(name, rate, True)) for name in (LWF, TUNE))) for rate in rates]
    assert f"the two differ by {new[0]}, {new[1]} and {new[2]} points" in text and not any(gap.clear for gap in new)

    def lost_by(rate, update):
        frames = [run.to_frame()["old_accuracy"] for run in after_1000(TUNE, rate, True)]
        return fmean(100 * (frame[2000] - frame[2000 + update]) for frame in frames)

    slow, fast = ([lost_by(rate, update) for update in (100, 1000)] for rate in (0.001, 0.003))
    assert f"fine-tuning has lost {slow[0]:.1f} points after 100 updates and {slow[1]:.1f} after 1,000" in text
    assert f"At 0.003 it has lost {fast[0]:.1f} and {fast[1]:.1f} points" in text
    kept = [run.to_frame()["old_accuracy"] for run in after_1000(LWF, 0.003, True)]
    low, end = (100 * fmean(frame[2000 + update] for frame in kept) for update in (50, 1000))
    assert f"falling to {low:.1f}% in the first 50 updates, but then they bring it back to {end:.1f}%" in text
    every = [lost(after_1000(LWF, rate, on)) for rate in rates for on in (False, True)]
    least, most = (choose(every, key=lambda spread: spread.mean) for choose in (min, max))
    assert f"it is anything from {least} to {most} points" in text
    first = lost(stored(strategy=LWF, updates=150, warm_up=50, old_loss_weight=1.0, evaluate_every=150))
    assert f"The {first} points of the first table" in text


def test_what_recorded_answers_can_tell(text):
    found = savings()
    forgets = {
        dissimilarity: mean_interval([a - b for a, b in zip(saving.lost, saving.saved, strict=True)])
        for dissimilarity, saving in found.items()
    }
    assert f"hold {found[0.0].bits:.2f} to {found[0.75].bits:.2f} bits per image" in text
    sentence = f"itself is {forgets[0.0]}, {forgets[0.25]}, {forgets[0.5]} and {forgets[0.75]} points at"
    assert sentence in text and all(forgets[dissimilarity].mean < 1 for dissimilarity in (0.0, 0.25, 0.5, 0.75))
    last = found[1.0]
    assert f"At dissimilarity 1 the answers hold {last.bits:.2f} bits" in text
    assert f"loses {mean_interval(last.lost)} points, {last.spread} of them are saved, and {forgets[1.0]} are" in text
    assert forgets[1.0].clear and all(saving.spread.clear for saving in found.values())
    apart = max(abs(fmean(saving.gained)) for saving in found.values())
    gained = {dissimilarity: mean_interval(saving.gained) for dissimilarity, saving in found.items()}
    assert [dissimilarity for dissimilarity, spread in gained.items() if spread.clear] == [0.5]
    assert f"Only at dissimilarity 0.5 is this difference clear ({gained[0.5]} for Learning" in text
    assert f"at most {apart:.1f} points apart" in text
    shown = printed(NAME, "def information")
    assert float(re.search(r"a hundredth of their strength: (\S+) bits", shown)[1]) < 1e-4
    assert f"{found[0.0].bits:.2f}" > f"{found[0.75].bits:.2f}" > f"{last.bits:.2f}"


def difference(task, better, worse, pair):
    return f"{Ordering(task, better, worse).difference(stored_table().frame(), pair):+}"


def on_three(task, better, worse):
    first, second, third = (difference(task, better, worse, pair) for pair in PAIRS)
    return f"{first}, {second} and {third}"


def test_the_settings_of_table_1(text):
    chosen = stored_table().notes["chosen"]
    assert {chosen[pair][TUNE]["learning_rate"] for pair in PAIRS} == {0.001} == {max(RATES)}
    assert "Rates of 0.02 to 1 times that of the original" in text and min(RATES) == 2e-5
    assert "its rate rises (0.1, 0.3 and 1 times the original)" in text and CURVE_RATES == (1e-4, 3e-4, 1e-3)
    for name, words in ((LWF, "Learning without Forgetting"), (LFL, LFL), (L2, L2)):
        first, second, third = (f"{chosen[pair][name]['old_loss_weight']:g}" for pair in PAIRS)
        assert f"| {words} | {first} | {second} | {third} |" in text
    assert "| | `digits-fashion` | `fashion-digits` | `digits-drawings` |" in text
    settings = stored_table().outcomes[-1].settings
    assert (settings.warm_up, settings.patience, settings.evaluate_every, settings.rate_drops) == (2000, 6, 50, 1)
    assert "six evaluations, 50 updates apart" in text and "alone for 2,000 updates" in text


def test_at_equal_accuracy(text):
    curves = {pair: trade_offs(pair) for pair in PAIRS}

    def more(name, than):
        return [kept_more(curves[pair][name], curves[pair][than]) for pair in PAIRS]

    def heights(pair, name):
        means = curves[pair][name].mean(axis=1)[:, 1]
        return means.min(), means.max()

    saved, joint, weights = more(LWF, TUNE), more(JOINT, LWF), more(LWF, L2)
    assert f"** keeps {saved[0]}, {saved[1]} and {saved[2]} points more of the old task than fine-tuning" in text
    assert [gap.clear for gap in saved] == [False, True, True] and min(gap.mean for gap in saved) > 0
    assert f"keeps another {joint[0]}, {joint[1]} and {joint[2]}." in text and all(gap.clear for gap in joint)
    lower = heights("digits-drawings", LWF)[0] - heights("digits-drawings", JOINT)[1]
    assert f"its curve ends {lower:.1f} points lower" in text and lower > 0
    assert f"keeps {weights[0]}, {weights[1]} and {weights[2]} points less than Learning without Forgetting" in text
    assert all(gap.clear and gap.mean > 0 for gap in weights)
    against_tuning = more(L2, TUNE)
    assert f"clearly more than fine-tuning only on `fashion-digits` ({against_tuning[1]})" in text
    assert [gap.clear for gap in against_tuning] == [False, True, False]
    features, less = more(LFL, LWF), more(LWF, LFL)
    assert f"`digits-fashion` (a difference of {features[0]})" in text and not features[0].clear
    assert f"keeps {features[1]} points more on `fashion-digits` and {less[2]} less on `digits-drawings`" in text
    tenth, top = more(TENTH, TUNE), more("fine-tune-FC", TUNE)
    assert f"the difference at equal accuracy is {tenth[0]}, {tenth[1]} and {tenth[2]} points" in text
    assert max(abs(gap.mean) for gap in tenth) < 1.25
    assert f"fine-tune-FC keeps {top[1]} points more than fine-tuning on `fashion-digits`" in text and top[1].clear
    assert not top[0].clear and not top[2].clear
    units = more(UNITS, LWF)
    assert f"(network expansion + LwF) keep {units[1]} points more than recorded answers alone" in text
    assert units[1].clear and f"isn't clear ({units[2]})" in text and not units[2].clear
    for pair, name, upper in (  # whose whole curve lies lower
        ("fashion-digits", LFL, LWF),
        ("digits-drawings", LFL, LWF),
        ("digits-drawings", "fine-tune-FC", TUNE),
        ("digits-fashion", UNITS, LWF),
    ):
        assert heights(pair, name)[1] < heights(pair, upper)[0]
    (cell,) = (cell for cell in cells(NAME, "code") if "kept_more(curve, tuned)" in cell.source)
    shown = cell.outputs[-1]["data"]["text/html"]
    for name in [name for name in MOVING if name != TUNE]:
        row = "".join(f"<td>{kept_more(curves[pair][name], curves[pair][TUNE]):+}</td>" for pair in PAIRS)
        assert f"<th>{name}</th>{row}" in "".join(line.strip() for line in shown.splitlines())


def test_orderings(text):
    found = verdicts()
    signs = list(found.values())
    counts = [signs.count(sign) for sign in "✓○✗"]
    assert f"Of the {len(found)} comparisons, {counts[0]} hold, {counts[1]} are undecided and {counts[2]} come" in text
    by_statement = {
        (ordering.task, ordering.better, ordering.worse): "".join(found[ordering, pair] for pair in PAIRS)
        for ordering in ORDERINGS
    }
    assert by_statement["old", LWF, TUNE] == by_statement["old", LWF, L2] == "✓✓✓"
    assert by_statement["old", JOINT, LWF] == "✓✓✓" and by_statement["old", HEAD, JOINT] == "✗✗✗"
    assert {by_statement["new", name, HEAD] for name in (LWF, TUNE, "fine-tune-FC")} == {"✓✓✓"}
    assert [by_statement["old", LWF, TENTH].count(sign) for sign in "✓○✗"] == [1, 2, 0]
    assert by_statement["new", TUNE, TENTH] == "✓✓✓"
    assert [by_statement["old", "fine-tune-FC", LWF].count(sign) for sign in "✓○✗"] == [0, 2, 1]
    assert f"on all three pairs ({on_three('old', LWF, TUNE)} points)" in text
    assert f"its difference on the new task is {on_three('new', LWF, TUNE)}." in text
    trained = [name for name in COMPARED if {"backbone", "top"} & set(STRATEGIES[name].trains)]
    gaps = [Ordering("new", name, HEAD).difference(stored_table().frame(), pair) for name in trained for pair in PAIRS]
    assert all(gap.clear and gap.mean > 0 for gap in gaps) and len(trained) == 8
    equal = [Ordering("new", LWF, TUNE).difference(stored_table().frame(), pair) for pair in PAIRS]
    assert all(abs(gap.mean) + gap.half_width < 1 for gap in equal)
    assert f"keeps more still ({on_three('old', JOINT, LWF)})" in text
    assert f"Learning without Forgetting learns {on_three('new', LWF, TENTH)} points more" in text
    assert all(Ordering("new", LWF, TENTH).difference(stored_table().frame(), pair).clear for pair in PAIRS)
    assert f"on all three ({on_three('old', HEAD, JOINT)})" in text
    ways = f"go both ways: {on_three('old', LFL, LWF)} points on the old task, {on_three('new', LFL, LWF)} on the new"
    assert ways in text
    paper = paper_table()
    kept = [paper.loc[LFL, column] - paper.loc[LWF, column] for column in paper.columns if column[1] == "old"]
    assert [sum(gap < 0 for gap in kept), sum(gap > 0 for gap in kept), len(kept)] == [4, 2, 7]
    assert "on four of the paper's seven pairs, and more on two" in text


def test_which_strategies_have_curves(text):
    """Those that train what the old task needs, and of the others none moves it."""
    assert "Every strategy that moves the old task has such a curve. Feature extraction and network expansion" in text
    frame = stored_table().frame()
    still = frame[~frame["strategy"].isin(MOVING)].groupby(["pair", "strategy"])["forgetting"].agg(["min", "max"])
    assert (still == 0).all(axis=None) and {name for _, name in still.index} == {HEAD, "network expansion"}
