"""What the notebooks state in Markdown about stored runs, held against these runs."""

import re
from statistics import fmean

import nbformat
import pytest

from tests.conftest import PROJECT
from tests.notebooks.notebook import output_text
from utils.measures import mean_interval
from utils.sweeps import reach, run_seeds, stored_table
from utils.training import Settings

HEAD, TUNE = "feature extraction", "fine-tuning"
FOUR = ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")
BACKBONE = ("conv1", "conv2", "conv3", "dense")


def cells(name, kind):
    return [cell for cell in nbformat.read(PROJECT / "notebooks" / name, as_version=4).cells if cell.cell_type == kind]


def prose(name):
    """A notebook's Markdown, line breaks as spaces."""
    return " ".join(" ".join(cell.source for cell in cells(name, "markdown")).split())


def accuracies(results):
    return [100 * one.new_accuracy for one in results]


def new(results):
    return mean_interval(accuracies(results))


def lost(results):
    return mean_interval([one.forgetting for one in results])


def lead(frozen, tuned):
    """Fine-tuning's accuracy minus feature extraction's, seed by seed."""
    return mean_interval([b - a for a, b in zip(accuracies(frozen), accuracies(tuned), strict=True)])


def best(pair="digits-drawings", new_images=1000, unlikeness=None):
    return [reach(name, pair, new_images, unlikeness) for name in (HEAD, TUNE)]


def stored(**changes):
    return run_seeds(Settings(**changes), told=lambda text: None)


def test_start_here():
    text = prose("00_start_here.ipynb")
    frozen, tuned = (stored(strategy=name, updates=400, evaluate_every=400) for name in (HEAD, TUNE))
    said = f"After 400 updates each, feature extraction has reached {new(frozen)} % of the new task and fine-tuning"
    assert f"{said} {new(tuned)} %" in text
    in_race = lead(frozen, tuned)
    frozen, tuned = best()
    assert f"feature extraction reaches {new(frozen)} % and fine-tuning {new(tuned)} %" in text
    gap = lead(frozen, tuned)
    assert f"fine-tuning's lead is {gap} points, seed by seed, and not the {in_race} of the race" in text
    assert {one.forgetting for one in frozen} == {0} and "with 0.0 points forgotten" in text
    assert f"its training took {fmean(one.seconds for one in frozen):.1f} seconds" in text
    assert f"Fine-tuning took {fmean(one.seconds for one in tuned):.0f} seconds there and forgot {lost(tuned)}" in text
    leads = [f"{lead(*best(pair)).mean:.1f}" for pair in FOUR[1:]]
    assert f"fine-tuning leads by {leads[0]}, {leads[1]} and {leads[2]} points" in text
    assert f"within about {gap.mean:.0f} points of fine-tuning here" in text
    tuned = reach(TUNE, "digits-halves", 1000)
    assert f"reached at a rate of {tuned[0].settings.learning_rate:g}, fine-tuning forgets {lost(tuned)} points" in text


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
        converged[name] = run_seeds(settings, told=lambda text: None, schedule=then)
    for name in choices:  # the head alone trains on: the old task is where it was
        assert [one.forgetting for one in short[name]] == [one.forgetting for one in converged[name]]

    def added(name, runs=converged):
        return lead(runs["none"], runs[name])

    for sentence in (
        f"{new(short['conv1'])} % of the new task with `conv1`, {new(short['dense'])} % with `dense`",
        f"But {new(short['none'])} % with no backbone layer at all",
        f"the frozen backbone reaches {new(converged['none'])} %",
        f"({added('conv1')} and {added('conv2')} points). `conv3` adds {added('conv3')} points",
        f"points and `dense` {added('dense')}",
        f"`dense` is {lead(converged['conv3'], converged['dense'])} points ahead of `conv3`",
        f"All four together add {added('all four')}.",
        f"seemed to add up to {added('dense', short).mean:.0f} points",
        f"training `conv1` costs {lost(short['conv1'])} points of the old task, `dense` {lost(short['dense'])}, "
        f"all four {lost(short['all four'])}",
    ):
        assert sentence in text
    assert not added("conv1").clear and not added("conv2").clear
    assert all(added(name).clear for name in ("conv3", "dense", "all four"))
    clear = [name for name in (*BACKBONE, "all four") if lost(short[name]).clear]
    assert clear == ["conv3", "dense", "all four"]
    order = [lost(short[name]).mean for name in ("none", *BACKBONE, "all four")]
    assert order == sorted(order)


def test_at_equal_budget_the_best_result_stands_beside():
    assert f"At its best result it reaches {new(best()[0])} %" in prose("06_joint_training.ipynb")
    text = prose("07_learning_without_forgetting.ipynb")
    frame = stored_table().frame()
    means = frame.groupby(["pair", "strategy"])["new"].mean()
    pairs = ("digits-drawings", "digits-fashion", "fashion-digits")
    reached = [f"{new(reach(HEAD, pair, 2000)).mean:.1f}" for pair in pairs]
    table = [f"{means[pair, HEAD]:.1f}" for pair in pairs]
    assert (
        f"reaches {reached[0]} % of the drawings, {reached[1]} % of the clothes and {reached[2]} % of the digits after "
        f"clothes, instead of {table[0]}, {table[1]} and {table[2]} % in the table"
    ) in text
    top = [means[pair, "fine-tune-FC"] for pair in pairs]
    assert f"more than the {top[1]:.1f} % of fine-tune-FC" in text and f"about as much as its {top[0]:.1f} %" in text
    assert new(reach(HEAD, pairs[1], 2000)).mean > top[1]
    assert abs(new(reach(HEAD, pairs[0], 2000)).mean - top[0]) < 1


def numbers_of(name, text):
    """The numbers that a saved cell has printed."""
    (cell,) = (cell for cell in cells(name, "code") if text in cell.source)
    return re.findall(r"\d+\.\d+", output_text(cell))


def test_your_own_model():
    """A single run, made when the notebook was saved: its prose repeats what the cell above it has printed."""
    frozen, _, tuned, cost = numbers_of("12_your_own_model.ipynb", "best.items()")
    text = prose("12_your_own_model.ipynb")
    assert f"the frozen backbone reaches {frozen} % of the new task and forgets nothing" in text
    assert f"Fine-tuning reaches {tuned} % and forgets {cost} points" in text
