"""A run that has ended goes on: it's repeated up to its end, which gives the same weights, and then trained further."""

import time
from collections.abc import Iterator
from dataclasses import replace

from utils.strategies.controls import Change, Controls
from utils.strategies.settings import Settings
from utils.training.loop import train
from utils.training.progress import Progress
from utils.training.run import Run

_MOST = 100_000  # updates of a run
_SLICE_SECONDS = 0.05  # of repeating, between two reports


def settings_beyond(run: Run) -> Settings:
    """The settings with which a run goes on: its own, with twice as many updates as it made, or more.

    A run that ended by early stopping goes on without it, since it would end there again.

    Raises:
        RuntimeError: For a run that can't go on.
    """
    if run.status == "diverged":
        raise RuntimeError(f"This run can't continue: press Back to the checkpoint. {run.message}")
    if run.updates >= _MOST:
        raise RuntimeError(f"This run has made {_MOST:,} updates, the maximum: press Back to the checkpoint.")
    settings = run.settings
    ended_early = run.status == "finished" and run.updates < settings.updates
    return settings.replace(
        updates=min(_MOST, run.updates + settings.updates),
        patience=0 if ended_early else settings.patience,
        standardize=settings.standardizes,  # which may follow from the patience
    )


def go_on(run: Run, layers: tuple[str, ...], settings: Settings, controls: Controls) -> Iterator[Progress]:
    """Repeat a run as fast as possible, without a pause at its evaluation points, and train it further.

    What it gives is one run, as if it had never ended. A stop ends it while it's being repeated, too.

    Args:
        run: The run that has ended.
        layers: The layers that are switched on where it ended.
        settings: Those of `settings_beyond(run)`.
        controls: The reader's requests. They take effect once the run is repeated.

    Yields:
        As `train`; while the run is being repeated, up to its last update, less often.
    """
    events = [(update, replace(event, stop=False)) for update, event in run.events]
    switched = [event.trained_layers for _, event in run.events if event.trained_layers is not None]
    if set(layers) != set([run.settings.layers, *switched][-1]):
        events.append((run.updates, Change(trained_layers=layers)))
    inner, wish, reported = Controls(events), Change(), time.monotonic()
    for progress in train(settings, inner):
        repeats = progress.status == "training" and progress.update <= run.updates
        if repeats and time.monotonic() - reported < _SLICE_SECONDS:
            continue
        yield replace(progress, evaluated=False) if repeats else progress
        reported = time.monotonic()
        wish = wish.then(controls.take(progress.update))
        if wish.stop or not repeats:
            inner.request(wish)
            wish = Change()
        inner.limit_chunk(None if repeats else controls.most_updates)
