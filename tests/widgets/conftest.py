import itertools

import pytest

from tests.training.comparing import QUICK
from tests.widgets.panel import Panel
from utils import STRATEGIES, FreezeBoard, Run
from utils.plots import LivePicture
from utils.widgets import board_wishes, fitted_picture

_numbers = itertools.count()


@pytest.fixture(autouse=True, scope="module")
def _few_images(few_images):
    """Panels show what was measured, on however many images."""


@pytest.fixture(autouse=True)
def undrawn(request, monkeypatch):
    """Live pictures aren't drawn, which is most of a short test's time; `drawn` marks the tests where they are.

    They are laid out, as soon as there is a curve.
    """
    if not request.node.get_closest_marker("drawn"):
        monkeypatch.setattr(LivePicture, "frame", _undrawn)
    else:
        monkeypatch.setattr(fitted_picture, "_DOTS", 0)  # as coarse as a picture may be


def _undrawn(picture, *shown):
    nothing = isinstance(shown[0], Run) and not shown[0].history and not any(shown[1:])
    if not nothing:
        picture._figure.show(*shown)
    return b"picture %d" % next(_numbers)  # no two are alike


@pytest.fixture
def own_strategies():
    """What a test adds to the table of strategies is gone after it."""
    before = dict(STRATEGIES)
    yield
    STRATEGIES.clear()
    STRATEGIES.update(before)


@pytest.fixture
def opened(monkeypatch):
    """`opened(board)` gives the `Panel` of a panel; its runs end with the test.

    The speed isn't limited, and nothing is traced ahead, which would take the processor from many short tests.
    """
    panels = []
    monkeypatch.setattr(board_wishes, "prepare", lambda *given: None)

    def opened(board):
        panels.append(Panel(board))
        panels[-1].field("speed").label = "no limit"
        return panels[-1]

    yield opened
    for panel in panels:
        panel.board._live.abandon()
        assert panel.board._live.join(120)


@pytest.fixture
def open_board(opened):
    """`open_board(...)` makes a `FreezeBoard` and gives its `Panel`."""
    return lambda settings=QUICK, **options: opened(FreezeBoard(settings, **options))
