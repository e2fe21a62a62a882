"""What the notebooks state in Markdown about stored runs, held against these runs."""

import re
from statistics import fmean

import nbformat
import pytest

from tests.conftest import PROJECT
from tests.notebooks.notebook import output_text
from utils.measures import mean_interval, paired_difference
from utils.strategies import Settings
from utils.sweeps import orderings, reach, run_seeds, stored_table
from utils.training.held_weights import MOST_BYTES

NAME_07 = "07_learning_without_forgetting.ipynb"
HEAD, TUNE = "feature extraction", "fine-tuning"
FOUR = ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")
BACKBONE = ("conv1", "conv2", "conv3", "dense")


def cells(name, kind):
    return [cell for cell in nbformat.read(PROJECT / "notebooks" / name, as_version=4).cells if cell.cell_type == kind]


def prose(name):
    """A notebook's Markdown, line breaks as spaces."""
    return " ".join(" ".join(cell.source for cell in cells(name, "markdown")).split())


def accuracies(results):
    return [100 * result.new_accuracy for result in results]


def new(results):
    return mean_interval(accuracies(results))


def lost(results):
    return mean_interval([result.forgetting for result in results])


def lead(frozen, tuned):
    """Fine-tuning's accuracy minus feature extraction's, seed by seed."""
    return mean_interval([b - a for a, b in zip(accuracies(frozen), accuracies(tuned), strict=True)])


def leads_by_seed(pair="digits-drawings", new_images=1000):
    frozen, tuned = best(pair, new_images)
    return [b - a for a, b in zip(accuracies(frozen), accuracies(tuned), strict=True)]


def paired(more, less):
    """The difference, seed by seed."""
    return mean_interval([a - b for a, b in zip(more, less, strict=True)])


def best(pair="digits-drawings", new_images=1000, pair_options=None):
    return [reach(name, pair, new_images, pair_options) for name in (HEAD, TUNE)]


def stored(**changes):
    return run_seeds(Settings(**changes), log=lambda text: None)


def test_start_here():
    text = prose("00_start_here.ipynb")
    frozen, tuned = (stored(strategy=name, updates=400, evaluate_every=400) for name in (HEAD, TUNE))
    sentence = f"After 400 updates each, feature extraction has reached {new(frozen)}% of the new task and fine-tuning"
    assert f"{sentence} {new(tuned)}%" in text
    in_race = lead(frozen, tuned)
    frozen, tuned = best()
    assert f"feature extraction reaches {new(frozen)}% and fine-tuning {new(tuned)}%" in text
    gap = lead(frozen, tuned)
    assert f"Fine-tuning's lead is {gap} points, seed by seed, rather than the {in_race} of the race" in text
    assert "stops near 80%" in text and abs(new(frozen).mean - 80) < 1
    assert {result.forgetting for result in frozen} == {0} and "Feature extraction forgets 0.0 points" in text
    assert f"its training took {fmean(result.seconds for result in frozen):.1f} seconds" in text
    assert (
        f"Fine-tuning took {fmean(result.seconds for result in tuned):.0f} seconds there and forgot {lost(tuned)}"
        in text
    )
    halves, fashion, digits = (lead(*best(pair)) for pair in FOUR[1:])
    others = f"the lead is {halves} points (digits 5 to 9 after 0 to 4), {fashion} (clothes after digits) and {digits}"
    assert "With 1,000 images of three other pairs, each strategy again at its best" in text
    assert others in text
    assert f"about {gap.mean:.0f} points behind fine-tuning" in text
    assert f"Fine-tuning reaches {new(tuned).mean:.0f}% there" in text
    alike = reach(TUNE, "digits-halves", 1000)
    plain = stored(strategy=TUNE, pair="digits-halves", updates=400, evaluate_every=400)
    rate = f"At its best result (rate {alike[0].settings.learning_rate:g}, trained until validation stops improving)"
    then = f"instead of {lost(plain)} after 400 updates at a rate of {plain[0].settings.learning_rate:g}"
    assert f"{rate}, fine-tuning forgets {lost(alike)} points of the digits 0 to 4, {then}" in text
    other = f"also at its best result (rate {tuned[0].settings.learning_rate:g}), it forgets {lost(tuned)} points"
    assert other in text


def test_the_head_that_start_here_trains_is_the_chosen_one():
    (cell,) = (cell.source for cell in cells("00_start_here.ipynb", "code") if "converged = run(head)" in cell.source)
    chosen = reach(HEAD, "digits-drawings", 1000)[0].settings
    wanted = f"learning_rate={chosen.learning_rate:g}, head_l2={chosen.head_l2:g}, batch_size={chosen.batch_size}"
    assert wanted in cell and f"patience={chosen.patience}" in cell


@pytest.mark.parametrize("strategy", [HEAD, TUNE])
def test_the_rule_of_the_best_results_is_told_as_it_is(strategy):
    """Ten evaluations, 50 updates apart; twenty for the head alone."""
    text = prose("00_start_here.ipynb")
    assert "once ten evaluations in a row, 50 updates apart" in text and "A new head alone waits for twenty" in text
    for pair in FOUR:
        settings = reach(strategy, pair, 1000)[0].settings
        assert (settings.evaluate_every, settings.patience) == (50, 20 if strategy == HEAD else 10)


def test_one_layer_at_a_time():
    text = prose("05_freeze_board.ipynb")
    choices = {name: [name, "new_head"] for name in BACKBONE}
    choices |= {"all four": [*BACKBONE, "new_head"], "none": ["new_head"]}
    same = {"standardize": True, "head_l2": 0.001}
    short = {
        name: stored(trained_layers=layers, updates=200, evaluate_every=200, **same) for name, layers in choices.items()
    }
    then = [(200, {"trained_layers": ["new_head"], "learning_rate": 0.01})]
    converged = {}
    for name, layers in choices.items():
        settings = Settings(trained_layers=layers, **same).until_converged()
        converged[name] = run_seeds(settings, log=lambda text: None, schedule=then)
    for name in choices:  # the head alone trains on: the old task is where it was
        assert [result.forgetting for result in short[name]] == [result.forgetting for result in converged[name]]

    def added(name, runs=converged):
        return lead(runs["none"], runs[name])

    def more(low, high):
        pairs = zip(short[low], short[high], strict=True)
        return mean_interval([b.forgetting - a.forgetting for a, b in pairs])

    raw = stored(trained_layers=choices["all four"], updates=200, evaluate_every=200)
    for sentence in (
        f"({lost(short['all four'])} points for all four layers, instead of {lost(raw)})",
        f"{new(short['conv1'])}% of the new task with `conv1`, {new(short['dense'])}% with `dense`",
        f"But {new(short['none'])}% with no backbone layer at all",
        f"the frozen backbone reaches {new(converged['none'])}%",
        f"from `conv1` ({added('conv1')} points) and from `conv2` ({added('conv2')}) is indistinguishable from zero",
        f"`conv3` adds {added('conv3')} points and `dense` {added('dense')}",
        f"`dense` is {lead(converged['conv3'], converged['dense'])} points ahead of `conv3`",
        f"All four together add {added('all four')}.",
        f"`dense` alone seemed to add {added('dense', short)} points and all four {added('all four', short)}",
        f"don't separate `conv2` from `conv3` ({more('conv2', 'conv3')} points)",
        f"or `conv3` from `dense` ({more('conv3', 'dense')})",
        f"All four forget {more('dense', 'all four')} points more than `dense` alone",
    ):
        assert sentence in text
    assert not any(added(name).clear for name in ("conv1", "conv2"))
    assert all(added(name).clear for name in ("conv3", "dense", "all four"))
    assert not more("conv2", "conv3").clear and not more("conv3", "dense").clear and more("dense", "all four").clear
    order = [lost(short[name]).mean for name in BACKBONE]
    assert order == sorted(order)
    assert added("dense").mean < added("dense", short).mean / 2


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


def test_at_equal_budget_the_best_result_stands_beside():
    assert f"At its best result it reaches {new(best()[0])}%" in prose("06_joint_training.ipynb")
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


def test_joint_training():
    name, text = "06_joint_training.ipynb", prose("06_joint_training.ipynb")
    tuned, joint = (stored(strategy=strategy, updates=150, evaluate_every=150) for strategy in (TUNE, "joint training"))
    forgotten = [run.forgetting for run in tuned]
    saved = paired_difference(forgotten, [run.forgetting for run in joint])
    assert f"Joint training forgets {saved} points less than fine-tuning" in text and saved.clear
    gained = paired_difference(accuracies(joint), accuracies(tuned))
    assert f"On the new task the difference is {gained} points. That interval contains zero" in text
    assert not gained.clear
    assert f"and forgets {lost(joint)} points in the table above" in text
    head = stored(strategy=HEAD, learning_rate=0.01, updates=150, evaluate_every=150)
    assert {run.forgetting for run in head} == {0} and len({run.forgetting for run in joint}) > 1
    shares = []
    for count in (10, 100):
        few = stored(strategy="joint training", updates=150, old_images=count, evaluate_every=150)
        saved = paired_difference(forgotten, [run.forgetting for run in few])
        shares.append(f"{saved.mean / fmean(forgotten):.0%}")
    assert f"save {shares[0]} of what fine-tuning forgets; a hundred save {shares[1]}" in text
    # Single runs, made when the notebook was saved.
    numbers = numbers_of(name, "in_turns(length)")
    new_middle, old_middle, new_end, _ = numbers[:4]
    assert f"the digits fall to {old_middle}% while the drawings are learned" in text
    assert f"and the drawings fall from {new_middle} to {new_end}%" in text
    *_, new_end, old_end = numbers
    assert f"the network ends at {new_end}% of the drawings and {old_end}% of the digits" in text


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


def printed(name, text):
    """What the one saved cell with this text has printed."""
    (cell,) = (cell for cell in cells(name, "code") if text in cell.source)
    return output_text(cell)


def numbers_of(name, text):
    """The numbers in it."""
    return re.findall(r"\d+\.\d+", printed(name, text))


def test_your_own_model():
    """Single runs, made when the notebook was saved: its prose repeats what the cells above it have shown."""
    name, text = "12_your_own_model.ipynb", prose("12_your_own_model.ipynb")
    assert f"are held, some {MOST_BYTES / 1e6:.0f} MB of them" in text
    frozen, _, tuned, cost = numbers_of(name, "converged.items()")
    assert f"the frozen backbone reaches {frozen}% of the new task and forgets nothing" in text
    assert f"Fine-tuning reaches {tuned}% and forgets {cost} points" in text
    table = printed(name, "strategies = [")
    rows = dict(re.findall(r"(?m)^(fine-tuning|feature extraction) +[\d.]+ +([\d.]+) *$", table))
    gap, now = float(rows[TUNE]) - float(rows[HEAD]), float(tuned) - float(frozen)
    assert f"After 200 updates each, the two were {gap:.1f} points apart; now they are {now:.1f} points apart" in text
    less = re.search(r"forgot ([\d.]+) points less", printed(name, "tuned, kept"))[1]
    assert f"it kept only {less} points more than fine-tuning" in text
