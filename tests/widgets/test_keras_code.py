"""The code of the run that is shown, on the board."""

import html
import json
import re

import ipywidgets as widgets

from tests.widgets.conftest import QUICK
from tests.widgets.panel import plain
from utils import run

SHOW, HIDE = "Show the Keras code", "Hide the Keras code"


def code_of(panel):
    """What is unfolded, as its reader sees it, and what Copy would copy."""
    row, code = panel.board._code.widget.children
    found = re.search(r"writeText\((.*?)\)\.then", html.unescape(row.children[1].value), re.DOTALL)
    return plain(code.value), json.loads(found[1]) if found else None


def test_before_any_run_a_sentence_says_what_to_do(open_board):
    panel = open_board()
    panel.press(SHOW)
    assert code_of(panel) == ("Nothing was run yet: press Start, and the code of that run can be shown here.", None)
    panel.press(HIDE)
    assert code_of(panel) == ("", None)


def test_the_code_is_that_of_the_run_shown_and_folds_with_the_next(open_board):
    panel = open_board()
    made = panel.board.run()
    panel.press(SHOW)
    shown, copied = code_of(panel)
    assert copied == made.to_keras_code()
    assert shown.split() and "".join(shown.split()) == "".join(copied.split())
    assert panel.described(widgets.Button, HIDE)
    panel.board.run(QUICK.replace(seed=1))
    assert code_of(panel) == ("", None)
    panel.press(SHOW)
    assert "SEED, BATCH, rate = 1, 16, 0.001" in code_of(panel)[1]


def test_a_run_that_was_loaded_has_code_too(open_board):
    made = run(QUICK)
    panel = open_board(runs=[made])
    panel.press(SHOW)
    assert code_of(panel)[1] == made.to_keras_code()
