"""The line in which a panel says what there is to see; screen readers announce it."""

import html
import time

import ipywidgets as widgets

from utils.widgets.style import STATUS, with_class

_SECONDS = 1.0  # between two sentences about a run, so that a screen reader can keep up
_LINES, _ROW = 3, "var(--fb-words-row,18px)"  # for which room is kept
_STYLE = f"font-size:var(--fb-words,13px);line-height:{_ROW}"


class StatusLine:
    """One to three sentences, replaced by the next; nothing moves for them."""

    def __init__(self, width: str):
        room = {"height": f"calc({_LINES} * {_ROW})", "overflow": "hidden auto"}  # a fourth line scrolls
        self.widget = with_class(widgets.HTML(layout=room | {"width": width, "margin": "0"}), STATUS)
        self._text, self._passing, self._last = "", False, 0.0

    def say(self, text: str, passing: bool = False) -> None:
        """Show a text now. With `passing`, the next report may replace it at once."""
        self._last, self._passing = time.monotonic(), passing
        if text != self._text:
            self._text = text
            self.widget.value = f'<div role="status" aria-live="polite" style="{_STYLE}">{html.escape(text)}</div>'

    def report(self, text: str, at_once: bool = False) -> None:
        """Show a text about a run, unless another has been shown too recently; with `at_once`, in any case."""
        if at_once or self._passing or time.monotonic() - self._last >= _SECONDS:
            self.say(text)
