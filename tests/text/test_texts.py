"""Texts as they come: odd ones have a defined result, wrong ones a clear error."""

import numpy as np
import pandas as pd
import pytest

from utils.text.texts import LONGEST, clean, text_task


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("  two \n lines\t", "two lines"),
        ("!?…", "!?…"),
        ("👍🏽", "👍🏽"),
        ("非常好吃", "非常好吃"),
        ("cafe\u0301", "caf\u00e9"),
        ("x" * (LONGEST + 1), "x" * LONGEST),
    ],
)
def test_every_script_stays_and_spaces_go(given, wanted):
    assert clean(given) == wanted


@pytest.mark.parametrize("given", ["", " \n\t", None, float("nan"), 3])
def test_nothing_to_read_is_refused(given):
    with pytest.raises(ValueError, match="text=.* is not allowed: give"):
        clean(given)


def test_a_task_shares_no_text_and_lacks_no_class():
    table = pd.DataFrame({"text": list("abcdef"), "label": ["no", "yes"] * 3})
    parts = np.repeat(["train", "validation", "test"], 2)
    task = text_task("letters", table, parts, ("no", "yes"))
    assert task.texts_test == ("e", "f") and task.y_test.tolist() == [0, 1] and task.classes == 2
    with pytest.raises(ValueError, match="there is no 'no' to test on"):
        text_task("letters", table[table["text"] != "e"], parts[[0, 1, 2, 3, 5]], ("no", "yes"))
    with pytest.raises(ValueError, match="letters: 'a' occurs twice"):
        text_task("letters", table.replace("b", "a"), parts, ("no", "yes"))
