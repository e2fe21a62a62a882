"""Texts as they come: odd ones have a defined result, wrong ones a clear error."""

import re

import numpy as np
import pandas as pd
import pytest

from utils.text.table import read_table
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


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_table_of_ones_own(tmp_path, capsys):
    path = write(tmp_path, f'said,stars\n"Good, and  cheap",1\n"Good, and cheap",1\nBad,0\n{"long " * 500},0\n')
    found = read_table(path, text="said", label="stars")
    assert list(found["label"]) == ["1", "0", "0"] and found["text"][0] == "Good, and cheap"
    assert len(found["text"][2]) <= LONGEST
    assert re.match(r"1 of 4 texts .*\b2,000 characters\b", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("words,sentiment\na,1\n", r"^own\.csv .*'text'.*\['words', 'sentiment'\]"),
        ("text,label\na,1\n", "no column 'sentiment'"),
        ("text,sentiment\na,1\n ,0\n", "line 3: .*text.*empty"),
        ("text,sentiment\na,1\nb,NaN\n", "line 3: .*label.*missing"),
        ("text,sentiment\na,\nb,1\n", "line 2: .*label.*missing"),
        ("text,sentiment\na,1\nb,1\n", r"'sentiment' has 1 .*\b2 to 20\b"),
        ("text,sentiment\n" + "".join(f"t{i},{i / 7}\n" for i in range(21)), "'sentiment' has 21 "),
        ("text,sentiment\na,1\na,0\n", "two labels for 'a'"),
        ("", r"^own\.csv .*CSV"),
        ("sep=;\ntext;sentiment\na;1\n ;0\n", "line 4: .*text.*empty"),
        ("text,sentiment\na,1\nb,c,d,0\n", r"^own\.csv .*line 3 has 4 cells, and 2 are expected\.$"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, content, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_table(write(tmp_path, content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_as_spreadsheets_write_it(tmp_path, separator, encoding):
    rows = [("text", "sentiment"), ("üble Sache – 5 €", "1"), ("good", "0")]
    found = read_table(write(tmp_path, "".join(separator.join(row) + "\n" for row in rows), encoding))
    assert found.values.tolist() == [list(row) for row in rows[1:]]


def test_a_task_shares_no_text_and_lacks_no_class():
    table = pd.DataFrame({"text": list("abcdef"), "label": ["no", "yes"] * 3})
    parts = np.repeat(["train", "validation", "test"], 2)
    task = text_task("letters", table, parts, ("no", "yes"))
    assert task.texts_test == ("e", "f") and task.y_test.tolist() == [0, 1] and task.classes == 2
    with pytest.raises(ValueError, match="no 'no' to test"):
        text_task("letters", table[table["text"] != "e"], parts[[0, 1, 2, 3, 5]], ("no", "yes"))
    with pytest.raises(ValueError, match="^letters: 'a' .*twice"):
        text_task("letters", table.replace("b", "a"), parts, ("no", "yes"))
