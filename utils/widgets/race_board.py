"""From a race to the freeze board: a button for each strategy, and the board on which its runs are opened."""

from collections.abc import Callable, Iterable
from functools import partial

import ipywidgets as widgets

from utils.training import Run
from utils.widgets.freeze_board import FreezeBoard
from utils.widgets.open_panels import close_widget

_LABEL = "Open a run on a freeze board, where it can be run again with changes:"


class RaceBoard:
    """Buttons that open a strategy's runs on a freeze board below. There is one board, used again by each of them.

    Args:
        attempt: Calls a function, and shows the reader what goes wrong in it.
        say: Shows the reader a message.
        driver: As in `LivePanel`, for the board.

    Attributes:
        board: The board, once a button has been pressed.
    """

    def __init__(self, attempt: Callable[[Callable[[], None]], None], say: Callable[[str], None], driver: str | None):
        self._attempt, self._say, self._driver = attempt, say, driver
        self.board: FreezeBoard | None = None
        self._label = widgets.HTML(f'<div style="font-size:12px">{_LABEL}</div>', layout={"display": "none"})
        self._buttons = widgets.HBox(layout={"flex_flow": "row wrap"})
        self._place = widgets.VBox()
        self.widget = widgets.VBox([self._label, self._buttons, self._place])

    def offer(self, runs: Iterable[Run]) -> None:
        """Show a button for each strategy of these runs. The board stays as it is."""
        by_name = {}
        for run in runs:
            by_name.setdefault(run.settings.strategy, []).append(run)
        before, self._buttons.children = self._buttons.children, [self._button(*item) for item in by_name.items()]
        self._label.layout.display = None if by_name else "none"
        for button in before:
            close_widget(button)

    def close(self) -> None:
        """Close the board, if there is one."""
        if self.board is not None:
            self.board.close()
            self.board = None

    def _button(self, name, runs):
        button = widgets.Button(description=name, tooltip=f"open {name} on a freeze board", layout={"width": "auto"})
        button.on_click(lambda _: self._attempt(partial(self._open, name, runs)))
        return button

    def _open(self, name, runs):
        if self.board is None or self.board.closed:
            self.board = FreezeBoard(runs[-1].settings, driver=self._driver)
            self._place.children = [self.board.widget]
        for run in runs:
            self.board.show(run)
        what = "The run" if len(runs) == 1 else f"The {len(runs)} runs"
        self._say(f"{what} of {name}: on the freeze board below. Change what you like there, and press its Start.")
