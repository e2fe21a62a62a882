"""The line above a run's picture: which run it is, and what it is doing."""

from html import escape

from utils.training import Run
from utils.training.state import State

_STYLE = "font-size:12px;line-height:16px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
_AT_WORK = {State.PAUSED: "Paused", State.STOPPING: "Ending", State.ABANDONING: "Ending"}
_ENDED = {"training": "Broken off"}  # other runs' status is a word already


def caption_html(run: Run | None, state: State) -> str:
    """The line for the run shown, None at the checkpoint, while a training has this state."""
    if run is None:
        return f'<div style="{_STYLE}"><b>At the checkpoint</b>: no run is shown.</div>'
    settings = run.settings
    is_over = run.status != "training" or state is State.READY
    word = _ENDED.get(run.status, run.status.capitalize()) if is_over else _AT_WORK.get(state, "Running")
    what = f"{settings.label}, {settings.pair}, {settings.optimizer} {settings.learning_rate:g}, seed {settings.seed}"
    return f'<div style="{_STYLE}"><b>{escape(word)}</b>: {escape(what.replace("_", " "))}</div>'
