"""What is kept at equal accuracy of the new task."""

import pytest

from utils.sweeps import old_at, stored_table, trade_offs
from utils.sweeps.table1 import PAIRS, RATES


@pytest.mark.parametrize(
    ("points", "new", "old"),
    [
        ([(90, 50), (60, 90)], 70, 75),
        ([(90, 50), (60, 90)], 90, 60),
        ([(90, 50), (60, 90)], 91, None),
        ([(90, 50), (60, 90)], 49, None),
        ([(90, 50), (60, 90), (40, 80)], 85, 63.75),  # crossed twice: the better one
        ([(90, 50)], 50, 90),
        ([(90, 50)], 51, None),
    ],
)
def test_the_old_task_where_the_new_one_is_as_good(points, new, old):
    assert old_at(points, new) == old


def test_curves_have_the_points_that_were_tried():
    for pair in PAIRS:
        curves, chosen = trade_offs(pair), stored_table().notes["chosen"][pair]
        tried = [trial for trial in stored_table().notes["tried"] if trial["pair"] == pair]
        assert len(curves["fine-tuning"]) == len(RATES)
        weighed = [
            trial
            for trial in tried
            if trial["strategy"] == "L2 to the start"
            and trial["learning_rate"] == chosen["L2 to the start"]["learning_rate"]
        ]
        weighed.sort(key=lambda trial: trial["old_loss_weight"])
        wanted = [(100 * sum(trial["old"]) / 2, 100 * sum(trial["new"]) / 2) for trial in weighed]
        assert curves["L2 to the start"] == [pytest.approx(point) for point in wanted] and len(wanted) >= 3
