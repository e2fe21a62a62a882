"""A run described in one or two sentences, for readers who can't see the picture and for those who can."""

from utils.checks import check_float, check_kind, check_names
from utils.models import NEW_HEAD, OLD_HEAD
from utils.plots.changes import trained_for_a_while
from utils.plots.style import layer_label
from utils.training import Run

_JUMP = 20  # times the first training loss: more than the noise of a batch


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with one decimal; a dash where it isn't known."""
    if fraction is None:
        return "–"
    fraction = check_float("fraction", fraction)
    return f"{fraction:.1%}"


def describe(run: Run) -> str:
    """Describe a run in one or two sentences, with its own numbers."""
    check_kind("run", run, Run, "give a Run")
    if run.old_accuracy is None:
        return _describe_progress(run)
    share = 100 * run.trained_parameters / run.total_parameters
    trains = f"{share:.0f}% of the weights trained" if share >= 1 else f"{share:.1g}% of the weights trained"
    if parts := [f"{names} for only {count:,}" for names, count in trained_for_a_while(run)]:
        trains += f", {' and '.join(parts)} updates"
    text = (
        f"Old task {percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}, "
        f"forgetting {run.forgetting:.1f} points; new task {percent(run.new_accuracy)}; {trains} "
        f"({run.updates:,} updates, {run.seconds:.1f} s of training; test {examples_of(run)})."
    )
    return " ".join(filter(None, (text, _describe_jump(run), run.message)))


def _describe_jump(run):
    """A sentence about a loss that has shot up, since far too large steps needn't end in NaN; else an empty text."""
    losses = run.history["training_loss"]
    if run.status == "diverged" or not len(losses) or losses.max() < _JUMP * losses[0]:
        return ""
    return f"During the run the loss jumped from {losses[0]:.1f} to {losses.max():.3g}: the learning rate is too high."


def what_moves(layers: tuple[str, ...], trained: tuple[str, ...]) -> str:
    """What changes in the picture of a network in the plane while it trains, layer by layer, and what doesn't.

    Args:
        layers: All layers, from the input to the heads.
        trained: Those that learn.
    """
    layers, trained = check_names("layers", layers), check_names("trained", trained)
    blocks = [name for name in layers if name not in (OLD_HEAD, NEW_HEAD)]
    learning = [name for name in blocks if name in trained]
    learns_below = False  # whether a layer before this one learns
    unchanged, frozen_above = [], []
    for name in blocks:
        if name not in learning:
            (frozen_above if learns_below else unchanged).append(layer_label(name))
        learns_below |= name in learning
    sentences = []
    if unchanged:
        sentences.append(f"Lines and maps of {_listed(unchanged)} stand still.")
    if frozen_above:
        maps = "its maps change, since a layer before it learns" if len(frozen_above) == 1 else "their maps change"
        sentences.append(f"Lines of {_listed(frozen_above)} stand still; {maps}.")
    if not unchanged and not frozen_above:
        sentences.append("All layers' lines and maps change.")
    regions_change = learning or OLD_HEAD in trained
    sentences.append(f"The old task's regions {'change' if regions_change else 'stand still'}, too.")
    return " ".join(sentences)


def _listed(names):
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def examples_of(run: Run) -> str:
    """What the examples of its tasks are called: "images", "points" or "examples"."""
    return check_kind("run", run, Run, "give a Run").settings.examples


def _describe_progress(run):
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
        text += f" Warm-up: until update {run.settings.warm_up:,} only the new head trains."
    return text
