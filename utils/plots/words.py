"""What there is to see in a run, in words: for readers who can't see the picture, and for those who can."""

from utils.training import Run


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with one decimal; a dash for what isn't known."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def describe(run: Run) -> str:
    """One or two sentences about a run, every number from the run itself."""
    share = run.trained_parameters / run.total_parameters if run.total_parameters else 0
    trains = f"{100 * share:.0f} % of the weights trained" if share >= 0.01 else f"{100 * share:.1g} % of the weights trained"
    if run.old_accuracy is None:
        return _so_far(run)
    text = (
        f"Old task {percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}, "
        f"forgetting {run.forgetting:.1f} points; new task {percent(run.new_accuracy)}; {trains} "
        f"({run.updates:,} updates, {run.seconds:.1f} s of training; test images)."
    )
    return f"{text} {run.message}".strip()


def _so_far(run):
    if not run.history or not len(run.history["update"]):
        return "Getting ready …"
    old, new = run.history["old_accuracy"], run.history["new_accuracy"]
    return (
        f"Update {run.updates:,} of {run.settings.updates:,}: old task {percent(old[0])} → {percent(old[-1])}, "
        f"{100 * (old[0] - old[-1]):.1f} points forgotten so far; new task {percent(new[-1])} (validation images)."
    )
