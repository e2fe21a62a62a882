"""Where the axis of updates ends, although a run with patience may end early."""

from utils.training import Run

_ENDS = (200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)  # few, since with each the background changes


def last_update(run: Run) -> int:
    """The end of the axis: the updates that are planned; with patience, those made, or a round number beyond them."""
    most = run.settings.updates
    if not run.settings.patience:
        return most
    if run.status != "training":
        return max(1, run.updates)
    return min(most, next(end for end in _ENDS if run.updates < end or end == _ENDS[-1]))
