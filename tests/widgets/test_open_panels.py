"""Panels are closed, and their memory is free: when their cell is run again, and when there are very many."""

import gc
import weakref

import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets import widget as registry

from tests.training.comparing import QUICK
from utils import FeatureViewer, FreezeBoard, Playground, Settings, StrategyRace, run
from utils.widgets import board_wishes, open_panels, run_table


@pytest.fixture(autouse=True)
def no_other_panels(monkeypatch):
    """Nothing is traced ahead, and the panels of earlier tests are none of these tests' business."""
    monkeypatch.setattr(board_wishes, "prepare", lambda *given: None)
    monkeypatch.setattr(open_panels, "_open", [])


@pytest.fixture
def run_cell(monkeypatch):
    """`run_cell("a")` begins a run of the cell "a", as JupyterLab names it."""
    runs = iter(range(100))

    def run_cell(name):
        parent = {"header": {"msg_id": str(next(runs))}, "metadata": {"cellId": name} if name else {}}
        shell = type("Shell", (), {"user_ns": {"_oh": {}}, "get_parent": lambda self: parent})()
        monkeypatch.setattr(open_panels, "_shell", lambda: shell)
        return shell.user_ns

    return run_cell


def is_open(panel):
    return panel.widget.comm is not None


@pytest.mark.parametrize(
    "kind",
    [
        FreezeBoard,
        Playground,
        pytest.param(StrategyRace, marks=pytest.mark.exhaustive),
        pytest.param(FeatureViewer, marks=pytest.mark.exhaustive),
    ],
)
def test_a_closed_panel_leaves_no_widget_and_is_freed(kind):
    kind().close()
    before = set(registry._instances)
    panel = kind()
    assert len(registry._instances) > len(before) + 50
    panel.close()
    assert set(registry._instances) == before
    gone = weakref.ref(panel)
    del panel
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_neither_do_the_rows_networks_and_fields_that_a_board_has_shown(open_board, monkeypatch):
    monkeypatch.setattr(run_table, "_MOST", 2)
    FreezeBoard(QUICK).close()
    before = set(registry._instances)
    panel = open_board()
    finished = panel.board.run()
    for _ in range(3):
        panel.board._display.table.add(finished)
    for press in ("Remove selected runs", "Undo", "Remove selected runs"):
        panel.press(press)
    panel.board._display.table.add(finished)
    panel.press("Remove selected runs")
    for strategy in ("network expansion", "learning without forgetting", "fine-tuning"):
        panel.field("strategy").value = strategy
    for pair in ("digits-halves", "digits-drawings"):
        panel.field("tasks").value = pair
    panel.field("network").value = "small_resnet"
    panel.press("Show the Keras code")
    panel.board.close()
    assert set(registry._instances) == before
    assert panel.board.runs == []


def test_a_closed_board_can_still_be_read():
    finished = run(QUICK)
    board = FreezeBoard(QUICK, runs=[finished])
    assert "application/vnd.jupyter.widget-view+json" in board._repr_mimebundle_()
    board.close()
    board.close()
    assert board.runs == [finished] and board.settings == QUICK
    assert set(board._repr_mimebundle_()) == {"text/plain", "image/png"}


def test_a_cell_that_is_run_again_closes_its_panels(run_cell):
    run_cell("a")
    first, second = FreezeBoard(QUICK), StrategyRace()
    run_cell("b")
    other = FreezeBoard(QUICK)
    assert is_open(first) and is_open(second)
    run_cell("a")
    again = FreezeBoard(QUICK)
    assert [is_open(panel) for panel in (first, second, other, again)] == [False, False, True, True]
    assert not first._live.active


def test_ipython_keeps_nothing_of_a_closed_panel(monkeypatch):
    """An output is in `Out`, in `_2`, hidden once more, and in the latest three."""
    shell = InteractiveShell()
    monkeypatch.setattr(open_panels, "_shell", lambda: shell)
    shell.user_ns["board"] = FreezeBoard
    for cell in ("1 + 1", "board()", "3"):
        shell.run_cell(cell, store_history=True)
    panel = weakref.ref(shell.user_ns["_oh"][2])
    shell.user_ns["mine"] = panel()
    panel().close()
    assert shell.user_ns["_oh"] == {1: 2, 3: 3} and shell.user_ns["mine"] is panel()
    del shell.user_ns["mine"]
    gc.collect()
    assert panel() is None


def test_a_closed_panel_trains_no_more():
    board = FreezeBoard(QUICK)
    board.close()
    with pytest.raises(RuntimeError, match="closed"):
        board.run()


def test_a_front_end_that_names_no_cells_keeps_the_latest_panels(run_cell, monkeypatch):
    monkeypatch.setattr(open_panels, "OPEN_AT_MOST", 3)
    panels = []
    for _ in range(5):
        run_cell(None)
        panels.append(Playground(Settings("plane")) if len(panels) % 2 else FreezeBoard(QUICK))
    assert [is_open(panel) for panel in panels] == [False, False, True, True, True]
