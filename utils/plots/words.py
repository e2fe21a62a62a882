"""What there is to see in a run, in words: for readers who can't see the picture, and for those who can."""

from utils.models import NEW_HEAD, OLD_HEAD
from utils.plots.style import layer_label
from utils.training import Run

_LEAP = 20  # so many times the first training loss is no noise of a batch


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with one decimal; a dash for what isn't known."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def describe(run: Run) -> str:
    """One or two sentences about a run, every number from the run itself."""
    if run.old_accuracy is None:
        return _so_far(run)
    share = 100 * run.trained_parameters / run.total_parameters
    trains = f"{share:.0f} % of the weights trained" if share >= 1 else f"{share:.1g} % of the weights trained"
    text = (
        f"Old task {percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}, "
        f"forgetting {run.forgetting:.1f} points; new task {percent(run.new_accuracy)}; {trains} "
        f"({run.updates:,} updates, {run.seconds:.1f} s of training; test {examples_of(run)})."
    )
    return " ".join(filter(None, (text, _leap(run), run.message)))


def _leap(run):
    """What there is to say of a loss that has shot up; far too large steps needn't end in a loss that's no number."""
    losses = run.history["training_loss"]
    if run.status == "diverged" or not len(losses) or losses.max() < _LEAP * losses[0]:
        return ""
    return f"On the way the loss leapt from {losses[0]:.1f} to {losses.max():.3g}: the learning rate is too high."


def what_moves(layers: tuple[str, ...], trained: tuple[str, ...]) -> str:
    """What stands still in the picture of a network in the plane while it trains, layer by layer, and what doesn't.

    layers: all, from the input to the heads. trained: those that learn.
    """
    blocks = [name for name in layers if name not in (OLD_HEAD, NEW_HEAD)]
    learning = [name for name in blocks if name in trained]
    below = False  # whether a layer before this one learns
    still, lines_still = [], []
    for name in blocks:
        if name not in learning:
            (lines_still if below else still).append(layer_label(name))
        below |= name in learning
    said = []
    if still:
        said.append(f"Lines and maps of {_listed(still)} stand still.")
    if lines_still:
        its = "its maps change, since a layer before it learns" if len(lines_still) == 1 else "their maps change"
        said.append(f"Lines of {_listed(lines_still)} stand still; {its}.")
    if not still and not lines_still:
        said.append("All layers' lines and maps change.")
    moves = learning or OLD_HEAD in trained
    said.append(f"The old task's regions {'change' if moves else 'stand still'}, too.")
    return " ".join(said)


def _listed(names):
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def examples_of(run: Run) -> str:
    """What its tasks are made of: "images", "points" or "examples"."""
    return run.settings.examples


def _so_far(run):
    if not run.history or not len(run.history["update"]):
        return "Getting ready …"
    old, new = run.history["old_accuracy"], run.history["new_accuracy"]
    most = "at most " if run.settings.patience else ""
    text = (
        f"Update {run.updates:,} of {most}{run.settings.updates:,}: old task {percent(old[0])} → {percent(old[-1])}, "
        f"{100 * (old[0] - old[-1]):.1f} points forgotten so far; new task {percent(new[-1])} "
        f"(validation {examples_of(run)})."
    )
    if run.warming_up:
        text += f" Warm-up: until update {run.settings.warm_up:,} the new head alone trains."
    return text
