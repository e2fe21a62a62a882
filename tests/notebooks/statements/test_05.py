"""Notebook 05, The freeze board: what it states, held against the stored runs and its saved outputs."""

from tests.notebooks.statements.stated import lead, lost, new, prose, stored
from utils.measures import mean_interval
from utils.strategies import Settings
from utils.sweeps import run_seeds

BACKBONE = ("conv1", "conv2", "conv3", "dense")


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
