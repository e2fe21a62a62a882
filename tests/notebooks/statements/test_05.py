"""Notebook 05, The freeze board: what it states, held against the stored runs and its saved outputs."""

import re
from itertools import combinations

from tests.notebooks.statements.stated import FOUR, cells, lead, lost, new, numbers_of, paired, printed, prose, stored
from utils.exercises.freeze_board import check_keep_and_learn
from utils.measures import holm, mean_interval, paired_p_value
from utils.strategies import Settings
from utils.sweeps import run_seeds, subsets

NAME = "05_freeze_board.ipynb"
BACKBONE = ("conv1", "conv2", "conv3", "dense")


def test_one_layer_at_a_time():
    text = prose(NAME)
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

    forgotten = {name: [result.forgetting for result in runs] for name, runs in short.items()}
    learned = {name: [100 * result.new_accuracy for result in runs] for name, runs in converged.items()}
    pairs = list(combinations(BACKBONE, 2))
    more = {pair: paired(forgotten[pair[1]], forgotten[pair[0]]) for pair in pairs}
    gained = {pair: paired(learned[pair[1]], learned[pair[0]]) for pair in pairs}
    raw = stored(trained_layers=choices["all four"], updates=200, evaluate_every=200)
    for sentence in (
        f"({lost(short['all four'])} points for all four layers, instead of {lost(raw)} in the stored runs;",
        f"{new(short['conv1'])}% of the new task with `conv1`, {new(short['dense'])}% with `dense`",
        f"But {new(short['none'])}% with no backbone layer at all",
        f"the frozen backbone reaches {new(converged['none'])}%",
        f"from `conv1` ({added('conv1')} points) and from `conv2` ({added('conv2')}) is indistinguishable from zero",
        f"`conv3` adds {added('conv3')} points and `dense` {added('dense')}",
        f"All four together add {added('all four')}.",
        f"`dense` alone seemed to add {added('dense', short)} points and all four {added('all four', short)}",
        f"Mean forgetting rises from `conv1` ({lost(short['conv1'])} points) to `dense` ({lost(short['dense'])})",
        f"With all four layers trained, {paired(forgotten['all four'], forgotten['dense'])} points more are forgotten",
    ):
        assert sentence in text
    assert not any(added(name).clear for name in ("conv1", "conv2"))
    assert all(added(name).clear for name in ("conv3", "dense", "all four"))
    assert paired(forgotten["all four"], forgotten["dense"]).clear
    order = [lost(short[name]).mean for name in BACKBONE]
    assert order == sorted(order)
    assert added("dense").mean < added("dense", short).mean / 2
    p_forgotten, p_learned = (
        dict(zip(pairs, holm([paired_p_value(values[b], values[a]) for a, b in pairs]), strict=True))
        for values in (forgotten, learned)
    )
    for sentence in (
        f"`dense` forgets {more['conv1', 'dense']} points more than `conv1`, and `conv3` {more['conv1', 'conv3']};",
        f"(p = {p_forgotten['conv1', 'dense']:.2f} and {p_forgotten['conv1', 'conv3']:.2f})",
        f"`dense` is {gained['conv1', 'dense']} points ahead of `conv1` and {gained['conv2', 'dense']} ahead of",
        f"and `conv3` is {gained['conv2', 'conv3']} ahead of `conv2`",
        f"The lead of `dense` over `conv3`, {gained['conv3', 'dense']} points, just misses the threshold "
        f"(p = {p_learned['conv3', 'dense']:.3f}), as does that of `conv3` over `conv1`",
    ):
        assert sentence in text
    assert "No difference in forgetting is clear" in text and min(p_forgotten.values()) > 0.05
    assert {pair for pair, spread in more.items() if spread.clear} == {("conv1", "dense"), ("conv1", "conv3")}
    clear = {pair for pair, p in p_learned.items() if p <= 0.05}
    assert clear == {("conv1", "dense"), ("conv2", "dense"), ("conv2", "conv3")}
    assert all(0.05 < p_learned[pair] < 0.06 for pair in (("conv3", "dense"), ("conv1", "conv3")))


def test_all_sets_of_layers():
    text, table = prose(NAME), subsets()

    def of_layer(pair, layer, column):
        return table[(table["pair"] == pair) & (table["layers"] == (layer,))].sort_values("seed")[column].tolist()

    singles = {pair: [mean_interval(of_layer(pair, layer, "forgetting")).mean for layer in BACKBONE] for pair in FOUR}
    assert singles["digits-drawings"] == sorted(singles["digits-drawings"])
    assert all(max(means) == means[2] for pair, means in singles.items() if pair != "digits-drawings")
    lost_by = {pair: [of_layer(pair, layer, "forgetting") for layer in ("dense", "conv3")] for pair in FOUR}
    drawings, halves, clothes, digits = (paired(*lost_by[pair]) for pair in FOUR)
    assert (
        f"is {drawings:+} points on the drawings, and {halves:+}, {clothes:+} and {digits:+} on digits 5 to 9, clothes "
        "and digits after clothes"
    ) in text
    least = min(holm([paired_p_value(*values) for values in lost_by.values()]))
    assert f"none is clear (the smallest p is {least:.2f})" in text and least > 0.05
    for pair, sentence in {
        "digits-halves": "To learn the digits 5 to 9, `dense` alone reaches {}% and forgets {} points of",
        "digits-drawings": "To learn the drawings, it reaches {}% and forgets {} points",
    }.items():
        assert (
            sentence.format(*(mean_interval(of_layer(pair, "dense", name)) for name in ("new", "forgetting"))) in text
        )


def test_of_its_own_cells():
    """What its cells have shown when it was saved: single runs, and the probe after five."""
    text = prose(NAME)
    before, at_freeze, after = numbers_of(NAME, "halfway = ")
    assert f"falls from {before}% to {at_freeze}% while everything trains" in text
    assert f"the old task is still at {after}%" in text and at_freeze == after
    (table,) = (cell for cell in cells(NAME, "code") if "points = [0, 100, 200]" in cell.source)
    rows = re.findall(r"^(?:100|200) (.*)$", table.outputs[0].data["text/plain"], re.MULTILINE)
    assert len(rows) == 2 and rows[0] == rows[1]
    lines = [line for line in printed(NAME, "probes = [").splitlines() if line]
    (old, old_after), (probed, probed_after) = (
        re.search(r"(\S+)% before, (.*)% after", line).groups() for line in lines[:2]
    )
    (untrained,) = re.findall(r"(\S+)%", lines[2])
    assert f"Read by the old head, the digits fall from {old}% to {old_after}%" in text
    assert f"Read by a new probe, they fall from {probed}% to {probed_after}%" in text
    by_head, by_features = (float(a) - float(b.split()[0]) for a, b in ((old, old_after), (probed, probed_after)))
    head, features = (  # before is the same for all seeds
        f"{lost:.1f} ± {after.split()[2]}" for lost, after in ((by_head, old_after), (by_features, probed_after))
    )
    assert f"the forgetting of the head is {head} points, that of the features {features}." in text
    assert f"the same settings, run here above, gave {head})" in text
    assert f"from a backbone with *random* weights (a single one), a probe reads {untrained}% of the digits" in text
    kept, half_width = map(float, probed_after.split(" ± "))
    assert by_head > 5 * by_features and kept - half_width > float(untrained) + 5


def test_the_solution():
    text = prose("solutions/05_freeze_board.ipynb")
    two_stages = Settings(
        strategy="feature extraction", learning_rate=0.01, updates=400, standardize=True, evaluate_every=400
    )
    layers = {"trained_layers": ["conv3", "new_head"]}
    high, low = (
        run_seeds(two_stages, log=lambda text: None, schedule=[(100, layers | {"learning_rate": rate})])
        for rate in (0.001, 0.0003)
    )
    passes = [[check_keep_and_learn(result).right for result in results] for results in (high, low)]
    assert passes == [[True] * 5, [False] * 5] and "At 0.001 all five seeds pass. At 0.0003 none does" in text
    random_head = stored(**layers, updates=300, evaluate_every=300, standardize=True)
    saved = paired([result.forgetting for result in random_head], [result.forgetting for result in high])
    assert f"the trained head saves {saved} points, a clear difference" in text and saved.clear
