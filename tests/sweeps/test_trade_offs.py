"""What is kept at equal accuracy of the new task."""

import math

import numpy as np
import pytest
import scipy.stats

from utils.measures import mean_interval
from utils.sweeps import kept_more, stored_table, table1_settings, trade_offs
from utils.sweeps.table1 import CHOOSING_SEEDS, PAIRS
from utils.sweeps.trade_offs import MOVING, SEEDS, curve_settings, stored_trade_offs

WEIGHED = "learning without forgetting", "less-forgetting learning", "L2 to the start", "network expansion + LwF"


def one(points):
    """The curve of these points, as if two seeds had given the same."""
    return np.repeat(np.array(points, float)[:, np.newaxis], 2, axis=1)


@pytest.mark.parametrize(
    ("points", "other", "more"),
    [
        ([(90, 50), (60, 90)], [(70, 70), (50, 95)], 75 - 70),  # where the other begins
        ([(90, 50), (60, 90), (40, 80)], [(50, 85)], 63.75 - 50),  # reached twice: the first time
        ([(90, 50), (60, 90)], [(80, 95), (70, 99)], 60 - 80),  # below the other: its top, and where that begins
        ([(95, 80), (60, 90), (97, 85)], [(80, 95)], 60 - 80),
        ([(90, 50)], [(80, 50)], 10),
    ],
)
def test_the_old_task_where_the_new_one_is_as_good(points, other, more):
    assert kept_more(one(points), one(other)).mean == pytest.approx(more)
    assert kept_more(one(other), one(points)).mean == pytest.approx(-more)


def test_the_interval_is_that_of_the_mean_where_only_the_old_task_differs():
    old = np.array([[90, 92, 85, 88], [60, 70, 66, 61]], float)
    low, high = (np.stack([old, np.broadcast_to(new, old.shape)], axis=2) for new in ([[50], [100]], [[70], [100]]))
    wanted, got = mean_interval(0.6 * old[0] + 0.4 * old[1] - old[0]), kept_more(low, high)
    assert (got.mean, got.half_width) == pytest.approx((wanted.mean, wanted.half_width))
    back, none = kept_more(high, low), kept_more(low, low)
    assert (back.mean, back.half_width) == pytest.approx((-got.mean, got.half_width))
    assert (none.mean, none.half_width) == (0, 0)


def test_the_interval_is_the_jackknife_and_the_height_is_found_again_each_time():
    random = np.random.default_rng(0)
    curve, than = (random.normal([[[90, start]], [[60, 90]]], 3, (2, 5, 2)) for start in (50, 60))

    def more(*chosen):
        (low, high), (begin, _) = (each[:, chosen].mean(axis=1) for each in (curve, than))
        return low[0] + (begin[1] - low[1]) / (high[1] - low[1]) * (high[0] - low[0]) - begin[0]

    without = [more(*{*range(5)} - {seed}) for seed in range(5)]
    error = math.sqrt(4 / 5 * sum((each - sum(without) / 5) ** 2 for each in without))
    kept = kept_more(curve, than)
    assert kept.mean == pytest.approx(more(*range(5)))
    assert kept.half_width == pytest.approx(scipy.stats.t(4).ppf(0.975) * error)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (one([(90, 50)])[:, :1], "than has the shape"),
        (one([(90, 50)])[:, [0, 1, 1]], "than has 3 seeds"),
        (one([(90, np.nan)]), "than has values that aren't finite"),
    ],
)
def test_what_is_no_curve_is_refused(wrong, named):
    with pytest.raises(ValueError, match=named):
        kept_more(one([(90, 50)]), wrong)


def test_curves_have_the_points_of_their_settings():
    """Five seeds that aren't among those that chose; the chosen point is that of Table 1."""
    chosen = stored_table().notes["chosen"]
    table = {outcome.settings: outcome for outcome in stored_table().outcomes}
    assert not {*SEEDS} & {*CHOOSING_SEEDS} and len(SEEDS) == 5
    for pair in PAIRS:
        curves = trade_offs(pair)
        assert tuple(curves) == MOVING
        for name, curve in curves.items():
            for seed in SEEDS:
                settings = curve_settings(pair, name, seed)
                at = settings.index(table1_settings(pair, name, seed, chosen))
                assert curve[at, seed] == pytest.approx([100 * table[settings[at]].old, 100 * table[settings[at]].new])
            assert curve.shape == (len(settings), 5, 2)
            along = [-each.protection if name in WEIGHED else each.learning_rate for each in settings]
            assert along == sorted(along) and len({*along}) == len(along) >= 3
            others = [each.learning_rate if name in WEIGHED else each.protection for each in settings]
            assert len({*others}) == 1


def test_every_stored_run_is_of_a_curve_and_none_is_missing():
    made = [outcome.settings for outcome in stored_trade_offs().outcomes]
    of_table = {outcome.settings for outcome in stored_table().outcomes}
    wanted = {
        settings for pair in PAIRS for name in MOVING for seed in SEEDS for settings in curve_settings(pair, name, seed)
    }
    assert {*made} == wanted - of_table and len({*made}) == len(made)
    assert {outcome.status for outcome in stored_trade_offs().outcomes} == {"finished"}
