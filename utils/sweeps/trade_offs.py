"""What each strategy keeps of the old task where it learns as much of the new one: its curve, as it protects less.

`python -m utils.sweeps.trade_offs` makes the stored runs again, in an hour on two cores; interrupted, it goes on where
it was. Where a curve goes through the chosen values, it shares the runs of Table 1.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from utils.checks import check_array, check_one_of
from utils.measures import Spread, mean_interval
from utils.strategies import STRATEGIES, Settings
from utils.sweeps.making import Making, making
from utils.sweeps.outcome import Sweep
from utils.sweeps.table1 import COMPARED, PAIRS, RATES, stored_table, stored_trials, table1_settings

COMMAND = "python -m utils.sweeps.trade_offs"
STORED = Path(__file__).parent / "stored" / "trade_offs.json"
SEEDS = range(5)
CURVE_RATES = RATES[1:]  # at the lowest, thousands of updates learn less, and none of the choices fell on it
# The others never move the old task: their curves would be points.
MOVING = tuple(name for name in COMPARED if {"backbone", "top"} & set(STRATEGIES[name].trains))


def curve_settings(pair: str, strategy: str, seed: int = 0) -> list[Settings]:
    """The settings of the points of a curve, from the gentlest on: λ falls at the chosen rate, or else the rate rises.

    Args:
        pair: A pair in `stored_table`.
        strategy: A name in `MOVING`.
        seed: The seed.
    """
    check_one_of("strategy", strategy, MOVING)
    chosen = table1_settings(pair, strategy, seed, stored_table().notes["chosen"])
    row = chosen.row
    if not row.protects or row.rehearses:
        return [chosen.replace(learning_rate=rate) for rate in CURVE_RATES]
    weights = {
        trial.old_loss_weight
        for trial in stored_trials()
        if trial.pair == pair and STRATEGIES[trial.strategy].losses == row.losses
    }
    return [chosen.replace(old_loss_weight=weight) for weight in sorted(weights, reverse=True)]


def make(made: Making, pairs: Iterable[str] = PAIRS, seeds: Iterable[int] = SEEDS) -> Sweep:
    """Make the runs of all curves that Table 1 doesn't have.

    Args:
        made: Makes runs.
        pairs: The pairs.
        seeds: The seeds.
    """
    known = {outcome.settings for outcome in stored_table().outcomes}
    pairs = tuple(pairs)
    planned = [
        settings
        for seed in seeds
        for pair in pairs
        for name in MOVING
        for settings in curve_settings(pair, name, seed)
        if settings not in known
    ]
    return Sweep.now(made.outcomes(planned), COMMAND)


@cache
def stored_trade_offs() -> Sweep:
    """The stored runs, without those that Table 1 has."""
    return Sweep.load(STORED)


def trade_offs(pair: str) -> dict[str, np.ndarray]:
    """By strategy its curve: accuracies on test images in %, (points, seeds, 2), the old task's and the new one's.

    A curve begins where the old task is protected most: the learning rate rises along it; for a strategy with a λ, it
    is λ that falls, at its chosen rate.

    Args:
        pair: A pair in `stored_table`.
    """
    check_one_of("pair", pair, PAIRS)
    outcomes = {outcome.settings: outcome for outcome in (*stored_table().outcomes, *stored_trade_offs().outcomes)}
    curves = {}
    for name in MOVING:
        by_seed = [[outcomes[settings] for settings in curve_settings(pair, name, seed)] for seed in SEEDS]
        seeds = [[(100 * outcome.old, 100 * outcome.new) for outcome in curve] for curve in by_seed]
        curves[name] = np.array(seeds).swapaxes(0, 1)
    return curves


def kept_more(curve: np.ndarray, than: np.ndarray) -> Spread:
    """How much more of the old task one strategy keeps than another where both learn the new one equally well.

    Both curves of the seeds' means are read at one accuracy of the new task: where the later of the two begins. Where
    one lies above the other altogether, the upper one is read where it begins, and the lower one where it is highest:
    what the upper one keeps more then comes with having learned more. The 95% interval is the jackknife's (Efron &
    Stein 1981): all this is done again without each of the seeds in turn.

    Args:
        curve: Accuracies (points, seeds, 2), as in `trade_offs`.
        than: Those of the other strategy, with the same seeds.

    Returns:
        The difference in the unit of the curves.

    Raises:
        ValueError: For curves of other shapes, with fewer than two seeds, or with values that aren't finite.
    """
    curves = _check_curve("curve", curve), _check_curve("than", than)
    seeds, others = (each.shape[1] for each in curves)
    if others != seeds:
        raise ValueError(f"than has {others} seeds, which is not allowed: the curve has {seeds}.")

    def more(chosen):
        means = [each[:, chosen].mean(axis=1) for each in curves]
        height = min(max(points[0, 1] for points in means), min(points[:, 1].max() for points in means))
        kept, other = (_old_at(points, height) for points in means)
        return kept - other

    whole = more(range(seeds))
    without = [more([seed for seed in range(seeds) if seed != left_out]) for left_out in range(seeds)]
    # The deviations of independent values that would give the same interval: the jackknife's pseudo-values.
    spread = mean_interval((seeds - 1) * (np.mean(without) - without))
    return replace(spread, mean=whole)


def _old_at(points, height):
    """The old task's accuracy where the curve first reaches this height, on straight lines between the points.

    The first such place, not the best one: that would be chosen on the images on which it is measured.
    """
    number = int(np.argmax(points[:, 1] >= height))
    if number == 0:
        return float(points[0, 0])
    (old_before, below), (old, at) = points[number - 1], points[number]
    return float(old_before + (height - below) / (at - below) * (old - old_before))


def _check_curve(name, curve):
    wanted = "give accuracies (points, seeds, 2)"
    array = check_array(name, curve, 3, as_type=float, wanted=wanted)
    if array.shape[2] != 2 or array.shape[1] < 2:
        raise ValueError(f"{name} has the shape {array.shape}, which is not allowed: {wanted}, two seeds or more.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that aren't finite, which is not allowed: {wanted}.")
    return array


if __name__ == "__main__":
    with making(STORED, lambda text: print(text, flush=True)) as made:
        make(made).save(STORED)
    print(f"saved: {STORED.name}")
