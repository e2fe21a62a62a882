"""What each strategy keeps of the old task at equal accuracy of the new one, from the trials of Table 1."""

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from utils.checks import check_array, check_number, check_one_of
from utils.strategies import STRATEGIES
from utils.sweeps.table1 import PAIRS, stored_table, stored_trials

Points = list[tuple[float, float]]


def trade_offs(pair: str) -> dict[str, Points]:
    """By strategy, the points (old-task accuracy, new-task accuracy) that it reaches: test images, in %, means of two
    seeds.

    Along the curve, the learning rate rises; for a strategy with a λ, it is λ that rises, at its chosen rate.

    Args:
        pair: A pair in `stored_table`.
    """
    check_one_of("pair", pair, PAIRS)
    chosen, curves = stored_table().notes["chosen"][pair], {}
    for trial in stored_trials():
        if trial.pair != pair:
            continue
        fixed = trial.old_loss_weight is None or STRATEGIES[trial.strategy].rehearses
        if fixed or trial.learning_rate == chosen[trial.strategy]["learning_rate"]:
            along = trial.learning_rate if fixed else trial.old_loss_weight
            point = 100 * fmean(trial.old), 100 * fmean(trial.new)
            curves.setdefault(trial.strategy, []).append((along, point))
    return {name: [point for _, point in sorted(points)] for name, points in curves.items()}


def old_at(points: Sequence[tuple[float, float]], new: float) -> float | None:
    """The most of the old task that a curve keeps where it crosses an accuracy of the new one, on straight lines.

    Args:
        points: The curve's points (old, new) in their order.
        new: The accuracy of the new task, in the unit of the points.

    Returns:
        The accuracy of the old task; None where the curve doesn't reach that of the new one.
    """
    curve = check_array("points", points, 2, as_type=float, wanted="give pairs (old, new)")
    new = check_number("new", new, -np.inf, np.inf)
    crossings = [old for old, at in curve if at == new]
    for (old, low), (next_old, high) in zip(curve, curve[1:], strict=False):
        if (low - new) * (high - new) < 0:
            crossings.append(old + (next_old - old) * (new - low) / (high - low))
    return max(map(float, crossings), default=None)
