"""Notebook 00, Start here: what it states, held against the stored runs and its saved outputs."""

import re
from statistics import fmean

import pytest

from tests.notebooks.statements.stated import (
    FOUR,
    HEAD,
    TUNE,
    accuracies,
    best,
    cells,
    lead,
    lost,
    new,
    paired,
    printed,
    prose,
    stored,
)
from utils.measures import mean_interval
from utils.sweeps import probes_by_block, reach

NAME = "00_start_here.ipynb"
DESCRIBED = re.compile(r"Old task (\S+)% → (\S+)%, forgetting (\S+) points; new task (\S+)%; (\d+)% of the weights")


def test_start_here():
    text = prose(NAME)
    frozen, tuned = (stored(strategy=name, updates=400, evaluate_every=400) for name in (HEAD, TUNE))
    sentence = f"After 400 updates each, feature extraction has reached {new(frozen)}% of the new task and fine-tuning"
    assert f"{sentence} {new(tuned)}%" in text
    in_race = lead(frozen, tuned)
    frozen, tuned = best()
    assert f"feature extraction reaches {new(frozen)}% and fine-tuning {new(tuned)}%" in text
    gap = lead(frozen, tuned)
    assert f"Fine-tuning's lead over it is {gap} points, seed by seed, rather than the {in_race} of the race" in text
    assert "a linear head behind `dense`, on these 64 frozen features, stops near 80%" in text
    assert abs(new(frozen).mean - 80) < 1
    assert {result.forgetting for result in frozen} == {0} and "Feature extraction forgets 0.0 points" in text
    assert f"its training took {fmean(result.seconds for result in frozen):.1f} seconds" in text
    assert (
        f"Fine-tuning took {fmean(result.seconds for result in tuned):.0f} seconds there and forgot {lost(tuned)}"
        in text
    )
    halves, fashion, digits = (lead(*best(pair)) for pair in FOUR[1:])
    others = f"{halves} points (digits 5 to 9 after 0 to 4), {fashion} (clothes after digits) and {digits}"
    assert "With 1,000 images of three other pairs, each strategy again at its best" in text
    assert f"the lead over a head behind `dense` is {others}" in text
    earlier = [100 * probe.test for probe in probes_by_block("digits-drawings", 1000)["conv3"]]
    assert f"behind `conv3`, reaches {mean_interval(earlier)}% with the same 1,000 images" in text
    behind = paired(accuracies(tuned), earlier)
    assert f"Over that probe, fine-tuning's lead is {behind} points" in text and behind.clear
    assert f"ends about {gap.mean:.0f} points behind fine-tuning, and a head behind `conv3`" in text
    assert f"one block earlier, about {behind.mean:.0f} points" in text
    assert f"Fine-tuning reaches {new(tuned).mean:.0f}% there" in text
    alike = reach(TUNE, "digits-halves", 1000)
    plain = stored(strategy=TUNE, pair="digits-halves", updates=400, evaluate_every=400)
    rate = f"At its best result (rate {alike[0].settings.learning_rate:g}, trained until validation stops improving)"
    then = f"instead of {lost(plain)} after 400 updates at a rate of {plain[0].settings.learning_rate:g}"
    assert f"{rate}, fine-tuning forgets {lost(alike)} points of the digits 0 to 4, {then}" in text
    other = f"also at its best result (rate {tuned[0].settings.learning_rate:g}), it forgets {lost(tuned)} points"
    assert other in text


def test_the_two_runs_of_the_race():
    """Single runs, made when the notebook was saved."""
    text = prose(NAME)
    frozen, tuned = DESCRIBED.findall(printed(NAME, "describe(extraction)"))
    before, after, forgotten, learned, share = tuned
    assert f"{before}% were read correctly before, and {after}% are afterwards" in text
    assert f"Fine-tuning forgets {forgotten} points here, feature extraction none" in text
    assert frozen[0] == frozen[1] == before and float(frozen[2]) == 0
    assert f"fine-tuning has reached {learned}% of it and feature extraction {frozen[3]}%" in text
    assert f"hence {share}% and not 100%" in text
    moved = dict(re.findall(r"(\w+) +(\d\.\d+ +\d\.\d+)", printed(NAME, 'result.history["drift"]')))
    by_frozen, by_tuned = ({name: float(row.split()[i]) for name, row in moved.items()} for i in (0, 1))
    assert [name for name, share in by_frozen.items() if share] == ["new_head"]
    assert [name for name, share in by_tuned.items() if not share] == ["old_head"] and len(moved) == 6


def test_the_similar_pair():
    low, high = re.findall(r"(\d+) to (\d+) points", printed(NAME, "equal_var=False"))[0]
    assert f"On the similar pair, fine-tuning forgets between {low} and {high} points less" in prose(NAME)
    assert int(low) > 0


def test_the_head_that_start_here_trains_is_the_chosen_one():
    (cell,) = (cell.source for cell in cells(NAME, "code") if "converged = run(head)" in cell.source)
    chosen = reach(HEAD, "digits-drawings", 1000)[0].settings
    wanted = f"learning_rate={chosen.learning_rate:g}, head_l2={chosen.head_l2:g}, batch_size={chosen.batch_size}"
    assert wanted in cell and f"patience={chosen.patience}" in cell


@pytest.mark.parametrize("strategy", [HEAD, TUNE])
def test_the_rule_of_the_best_results_is_told_as_it_is(strategy):
    """Ten evaluations, 50 updates apart; twenty for the head alone."""
    text = prose(NAME)
    assert "once ten evaluations in a row, 50 updates apart" in text and "A new head alone waits for twenty" in text
    for pair in FOUR:
        settings = reach(strategy, pair, 1000)[0].settings
        assert (settings.evaluate_every, settings.patience) == (50, 20 if strategy == HEAD else 10)
