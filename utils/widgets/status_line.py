"""The line in which a panel says what there is to see; screen readers announce it."""

import html
import time

import ipywidgets as widgets

_SECONDS = 1.0  # between two sentences about a run, so that a screen reader can keep up
_LINES, _LINE = 3, 18  # for which room is kept, and pixels
_STYLE = f"font-size:13px;line-height:{_LINE}px"


class StatusLine:
    """One to three sentences, replaced by the next; nothing moves for them."""

    def __init__(self, width: str):
        room = {"height": f"{_LINES * _LINE}px", "overflow": "hidden auto"}  # a fourth line scrolls
        self.widget = widgets.HTML(layout=room | {"width": width, "margin": "0"})
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
