"""From a race to the freeze board: a button for each strategy, and the board on which its runs are opened."""

import html
from collections.abc import Iterable

import ipywidgets as widgets

from utils.training import Run
from utils.widgets.freeze_board import FreezeBoard
from utils.widgets.open_panels import close_widget

_LABEL = "Open a run on a freeze board, to change it and run it again:"
_STYLE = "font-size:12px;line-height:18px"


class RaceBoard:
    """Buttons that open a strategy's runs on a freeze board below. They share one board.

    Args:
        driver: As in `LivePanel`, for the board.

    Attributes:
        board: The board, once a button has been pressed.
    """

    def __init__(self, driver: str | None):
        self._driver = driver
        self.board: FreezeBoard | None = None
        self._words = widgets.HTML(layout={"display": "none"})
        self._buttons = widgets.HBox(layout={"flex_flow": "row wrap"})
        self._place = widgets.VBox()
        self.widget = widgets.VBox([self._words, self._buttons, self._place])

    def offer(self, runs: Iterable[Run]) -> None:
        """Show a button for each strategy of these runs. The board stays as it is."""
        by_name = {}
        for run in runs:
            by_name.setdefault(run.settings.strategy, []).append(run)
        before, self._buttons.children = self._buttons.children, [self._button(*item) for item in by_name.items()]
        self._words.value = f'<div style="{_STYLE}">{_LABEL}</div>'
        self._words.layout.display = None if by_name else "none"
        for button in before:
            close_widget(button)

    def close(self) -> None:
        """Close the board, if there is one."""
        if self.board is not None:
            self.board.close()
            self.board = None

    def _button(self, name, runs):
        button = widgets.Button(description=name, tooltip=f"open {name} on a freeze board", layout={"width": "auto"})
        button.on_click(lambda _: self._try(name, runs))
        return button

    def _try(self, name, runs):
        try:
            self._open(name, runs)
        except Exception as error:  # raised in a callback, it would be seen by nobody
            self._say(str(error))

    def _open(self, name, runs):
        if self.board is None or self.board.closed:
            self.board = FreezeBoard(runs[-1].settings, driver=self._driver)
            self._place.children = [self.board.widget]
        for run in runs:
            self.board.show(run)
        what = "the run" if len(runs) == 1 else f"the {len(runs)} runs"
        self._say(f"The freeze board below shows {what} of {name}. Change what you like there, then press Start.")

    def _say(self, text):
        self._words.value = f'<div role="status" aria-live="polite" style="{_STYLE}">{html.escape(text)}</div>'
