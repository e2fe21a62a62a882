import pytest

from tests.widgets.panel import Panel
from utils import FreezeBoard, Settings
from utils.widgets import freeze_board

QUICK = Settings(updates=24, new_images=100, batch_size=16, evaluate_every=8)


@pytest.fixture
def open_board(monkeypatch):
    """`open_board(...)` makes a `FreezeBoard` and gives its `Panel`; its runs end with the test.

    The speed isn't limited, and nothing is traced ahead, which would take the processor from many short tests.
    """
    opened = []
    monkeypatch.setattr(freeze_board, "prepare", lambda settings: None)

    def open_board(settings=QUICK, **options):
        opened.append(Panel(FreezeBoard(settings, **options)))
        opened[-1].field("speed").label = "no limit"
        return opened[-1]

    yield open_board
    for panel in opened:
        panel.board._live.abandon()
        assert panel.board._live.join(120)
