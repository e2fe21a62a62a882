"""The line in which a panel says what is to be seen; screen readers announce it."""

import html
import time

import ipywidgets as widgets

_SECONDS = 1.0  # between two sentences about a run: a screen reader has to keep up
_COMPLAINT_SECONDS = 5.0  # for which a run is silent after a complaint: it wants to be read
_STYLE = "font-size:13px;line-height:18px"


class StatusLine:
    """One or two sentences, replaced by the next."""

    def __init__(self, width: str):
        self.widget = widgets.HTML(layout={"width": width, "min_height": "40px", "margin": "0"})
        self._said, self._complaint, self._passing, self._last = "", None, False, 0.0

    def say(self, text: str, passing: bool = False) -> None:
        """Say this now. passing: whatever comes next may take its place at once."""
        self._last, self._passing = time.monotonic(), passing
        if text != self._said:
            self._said = text
            self.widget.value = f'<div role="status" aria-live="polite" style="{_STYLE}">{html.escape(text)}</div>'

    def report(self, text: str, at_once: bool = False) -> None:
        """Say this unless something was said a moment ago, or a complaint isn't read yet."""
        wait = _COMPLAINT_SECONDS if self._said == self._complaint else _SECONDS
        if at_once or self._passing or time.monotonic() - self._last >= wait:
            self.say(text)

    def complain(self, text: str) -> None:
        """Say what can't be."""
        self._complaint = text
        self.say(text)

    def settle(self, text: str) -> None:
        """Say this in place of a complaint that has been met."""
        if self._said == self._complaint:
            self.say(text)
