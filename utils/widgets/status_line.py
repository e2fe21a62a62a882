"""The line in which a panel says what there is to see; screen readers announce it."""

import html
import time

import ipywidgets as widgets

_SECONDS = 1.0  # between two sentences about a run, so that a screen reader can keep up
_COMPLAINT_SECONDS = 5.0  # for which a complaint stays before a run replaces it
_STYLE = "font-size:13px;line-height:18px"


class StatusLine:
    """One or two sentences, replaced by the next."""

    def __init__(self, width: str):
        self.widget = widgets.HTML(layout={"width": width, "min_height": "40px", "margin": "0"})
        self._text, self._complaint, self._passing, self._last = "", None, False, 0.0

    def say(self, text: str, passing: bool = False) -> None:
        """Show a text now. With `passing`, the next report may replace it at once."""
        self._last, self._passing = time.monotonic(), passing
        if text != self._text:
            self._text = text
            self.widget.value = f'<div role="status" aria-live="polite" style="{_STYLE}">{html.escape(text)}</div>'

    def report(self, text: str, at_once: bool = False) -> None:
        """Show a text about a run, unless another has been shown too recently; with `at_once`, in any case."""
        wait = _COMPLAINT_SECONDS if self._text == self._complaint else _SECONDS
        if at_once or self._passing or time.monotonic() - self._last >= wait:
            self.say(text)

    def complain(self, text: str) -> None:
        """Show what isn't possible."""
        self._complaint = text
        self.say(text)

    def settle(self, text: str) -> None:
        """Replace a complaint, once its reason is gone."""
        if self._text == self._complaint:
            self.say(text)
