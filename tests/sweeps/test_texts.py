"""The stored six ways: complete, of this project's encoder and splits, and readable as a table."""

import pytest

from utils.models.text_encoder import small_text_encoder
from utils.sweeps.texts import SETTINGS, frame, stored_rows
from utils.tasks.reviews import reviews
from utils.training.text_comparison import ROWS, SEEDS


@pytest.mark.parametrize("setting", SETTINGS)
def test_stored_rows_are_complete(setting):
    rows, record = stored_rows(setting)
    assert tuple(row.name for row in rows) == ROWS
    assert {len(row.accuracies) for row in rows} == {len(SEEDS)}
    assert [row.forgetting is None for row in rows] == [True] * 4 + [False] * 2
    assert rows[4].forgetting == pytest.approx([0] * 5, abs=1e-9)
    assert {"date", "machine", "versions", "command", "encoder_sha256", "old_task"} <= set(record)
    assert frame(rows).loc[ROWS[1], "test accuracy (%)"] == str(rows[1].accuracy)


def test_they_belong_to_what_is_shipped():
    """After a change of texts or encoder, the command has to be run again."""
    for setting in ("own reviews", "uci"):
        assert stored_rows(setting)[1]["encoder_sha256"] == small_text_encoder().fingerprint()
    task = reviews()
    assert stored_rows("own reviews")[1]["texts"] == [len(task.y_train), len(task.y_validation), len(task.y_test)]
    assert stored_rows("own reviews")[1]["task"] == task.name


def test_the_encoder_pays_where_it_has_read_much():
    """What the notebook says of MiniLM, from stored accuracies."""
    rows = {row.name: row.accuracy for row in stored_rows("uci bert")[0]}
    lowest = rows[ROWS[2]].mean - rows[ROWS[2]].half_width
    assert lowest > rows[ROWS[1]].mean + rows[ROWS[1]].half_width


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="setting='bert' is not allowed"):
        stored_rows("bert")
