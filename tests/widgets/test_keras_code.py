"""The code of the run that is shown, on the board."""

import html
import json
import re

import ipywidgets as widgets
import pytest

from tests.training.comparing import QUICK
from tests.widgets.panel import plain
from utils import StrategyRace, run
from utils.widgets import keras_code

SHOW, HIDE = "Show the Keras code", "Hide the Keras code"


def code_of(panel):
    """What is unfolded, as its reader sees it, and what Copy would copy."""
    row, _, code = _code_box(panel).children
    markup = " ".join(part.value for part in row.children if isinstance(part, widgets.HTML))
    found = re.search(r"writeText\((.*?)\)\.then", html.unescape(markup), re.DOTALL)
    return plain(code.value), json.loads(found[1]) if found else None


@pytest.mark.slow
def test_before_any_run_a_sentence_says_what_to_do(open_board):
    panel = open_board()
    panel.press(SHOW)
    shown, copied = code_of(panel)
    assert "press Start" in shown and copied is None
    panel.press(HIDE)
    assert code_of(panel) == ("", None)


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_run_that_was_loaded_has_code_too(open_board):
    made = run(QUICK)
    panel = open_board(runs=[made])
    panel.press(SHOW)
    assert code_of(panel)[1] == made.to_keras_code()


@pytest.mark.slow
def test_the_code_of_a_run_that_is_gone_is_folded(open_board):
    panel = open_board()
    made = panel.board.run()
    panel.press(SHOW)
    panel.press("Back to the checkpoint")
    assert code_of(panel)[1] == made.to_keras_code()  # still the latest in the table
    panel.press("Remove selected runs")
    assert code_of(panel) == ("", None) and panel.described(widgets.Button, SHOW)


@pytest.mark.slow
def test_of_a_race_the_reader_chooses(opened):
    panel = opened(StrategyRace(QUICK, ["fine-tuning", "joint training"]))
    panel.board.run()
    choice = panel.field("of")
    assert choice.layout.display == "none"
    panel.press(SHOW)
    assert choice.layout.display is None and choice.options == ("fine-tuning", "joint training")
    shown, copied = code_of(panel)
    assert copied == panel.board.runs[0].to_keras_code()
    choice.value = "joint training"
    shown, copied = code_of(panel)
    assert copied == panel.board.runs[1].to_keras_code() and shown.startswith('"""joint training, written')
    panel.press(HIDE)
    assert code_of(panel) == ("", None) and choice.layout.display == "none"


@pytest.mark.slow
def test_of_several_seeds_each_has_its_code(opened):
    panel = opened(StrategyRace(QUICK, ["fine-tuning"], seeds=2))
    panel.board.run()
    panel.press(SHOW)
    assert panel.field("of").options == ("fine-tuning, seed 0", "fine-tuning, seed 1")
    panel.field("of").value = "fine-tuning, seed 1"
    assert "SEED, BATCH, rate = 1, 16, 0.001" in code_of(panel)[1]


class Shell:
    """As much of IPython as the code needs."""

    def __init__(self, **names):
        self.user_ns, self.next_inputs = names, []

    def set_next_input(self, text):
        self.next_inputs.append(text)


@pytest.mark.slow
def test_a_cell_of_its_own(open_board, monkeypatch):
    panel = open_board()
    with pytest.raises(RuntimeError, match=r"no notebook.*print\(run\.to_keras_code\(\)\)"):
        panel.board.insert_code()
    shell = Shell(mine=panel.board, _4=panel.board)
    monkeypatch.setattr(keras_code, "get_ipython", lambda: shell)
    with pytest.raises(RuntimeError, match="insert_code: .*press Start"):
        panel.board.insert_code()
    made = panel.board.run()
    panel.board.insert_code()
    assert shell.next_inputs == [made.to_keras_code()]
    panel.press(SHOW)
    assert hint(panel).endswith(" mine.insert_code()")
    panel.press(HIDE)
    shell.user_ns = {"_4": panel.board}
    panel.press(SHOW)
    assert re.search(r"panel = FreezeBoard\(…\).* panel\.insert_code\(\)$", hint(panel))
    panel.press(HIDE)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")  # a page without cells
    panel.press(SHOW)
    assert hint(panel) == "" and code_of(panel)[1] == made.to_keras_code()


def hint(panel):
    return plain(_code_box(panel).children[1].value)


def _code_box(panel):
    (box,) = [widget for widget in panel.of(widgets.VBox) if "fb-keras-code" in widget._dom_classes]
    return box
