"""The button that sets fields and switches to what a run began with, so that it can be run again with changes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape

import ipywidgets as widgets

from utils.training import Run
from utils.widgets.message import Message
from utils.widgets.wording import in_labels

_NO_RUN = "No run yet: press Start first."
_AS_AT_ITS_START = "Everything is set as for this run. Change something, then press Start."
_WITH_CHANGES = "Everything is set as at its start. Its changes aren't repeated: make them again."


class RunAgain:
    """Says which run this button, and those beside it, are about.

    Args:
        runs: Gives the run, by a name for it; an empty mapping where there is none.
        use: Sets fields and switches; what it raises is said beside the button.

    Attributes:
        before: The name of the run, and the button.
        after: The place for what became of it.
    """

    def __init__(self, runs: Callable[[], Mapping[str, Run]], use: Callable[[Run], None]):
        self._runs, self._use = runs, use
        self._name = widgets.HTML(layout={"width": "78px", "margin": "2px 0"})
        button = widgets.Button(description="Run again with changes", layout={"width": "176px"})
        button.tooltip = "set fields and switches as at the start of this run; then change something and press Start"
        button.on_click(lambda _: self._press())
        self._message = Message("230px", 2)
        self.before, self.after = [self._name, button], [self._message.widget]

    def show(self) -> None:
        """Say which run it is now."""
        name = next(iter(self._runs()), "no run yet")
        self._name.value = f'<div style="font-size:12px;line-height:28px"><b>{escape(name)}:</b></div>'
        self._message.clear()

    def _press(self):
        item = next(iter(self._runs().items()), None)
        if item is None:
            self._message.error(_NO_RUN)
            return
        try:
            self._use(item[1])
        except (RuntimeError, ValueError, OSError) as error:
            self._message.error(in_labels(str(error)))
        else:
            changed = any(replace(change, stop=False) for _, change in item[1].events)
            self._message.done(_WITH_CHANGES if changed else _AS_AT_ITS_START)
