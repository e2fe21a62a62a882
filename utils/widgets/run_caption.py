"""The line above a run's picture: which run it is, and what it is doing."""

from html import escape

from utils.training import Run
from utils.training.state import State

_STYLE = "font-size:var(--fb-text,12px);line-height:1.25;height:var(--fb-caption,2.5em);overflow:hidden"
_AT_WORK = {State.PAUSED: "Paused", State.STOPPING: "Ending", State.ABANDONING: "Ending"}


def caption_html(run: Run | None, state: State, number: int | None = None) -> str:
    """The line for the run shown, None at the checkpoint, while a training has this state.

    Args:
        run: The run.
        state: The state of the training.
        number: The run's number in the table; None for none.
    """
    if run is None:
        return f'<div style="{_STYLE}"><b>At the checkpoint</b></div>'
    settings = run.settings
    rate = run.timeline[-1].learning_rate if run.timeline else settings.learning_rate
    word = _AT_WORK.get(state, "Running" if run.history else "Getting ready")  # at first, networks are built
    if run.status != "training" or state is State.READY:
        word = ended_as(run).capitalize()
    label = f"run {number}, {settings.strategy}" if number else settings.strategy
    if settings.label != settings.strategy:  # the table has the layers' names, for which there is no room here
        learning = settings.row.learning(settings.layers, settings.network)
        label += f", {len(learning)} of {len(run.layer_names)} layers"
    what = f"{label}, {settings.pair}, {settings.optimizer} {rate:g}, seed {settings.seed}"
    return f'<div style="{_STYLE}" title="{escape(what)}"><b>{escape(word)}</b>: {escape(what)}</div>'


def ended_as(run: Run) -> str:
    """How a run ended, in a word."""
    return {"training": "interrupted"}.get(run.status, run.status)
