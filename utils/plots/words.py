"""What there is to see in a run, in words: for readers who can't see the picture, and for those who can."""

import math

from utils.measures import movement
from utils.models import Observation
from utils.plots.style import layer_label
from utils.training import Run

_LEAP = 20  # so many times the first training loss is no noise of a batch


def percent(fraction: float | None) -> str:
    """A fraction as a percentage with one decimal; a dash for what isn't known."""
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def told_movement(share: float) -> str:
    """How far something has moved, as a part of what it was: 0 only where not a bit of it has."""
    if share == 0:
        return "did not move"
    if not math.isfinite(share):
        return "moved from 0" if share == math.inf else "is no number"
    return f"moved by {100 * share:.0f} %" if share >= 0.1 else f"moved by {100 * share:.2g} %"


def describe_movement(before: Observation, now: Observation) -> str:
    """Whose weights have moved, whose features, and who did the one without the other."""
    moved = movement(before, now)
    weights = [name for name, one in moved.items() if one.weights]
    features = [name for name, one in moved.items() if one.features]
    if not weights and not features:
        return "Nothing has moved, neither weights nor features."
    text = f"Weights moved: {_listed(weights)}. Features of this image moved: {_listed(features)}."
    if others := [name for name in features if name not in weights]:
        text += f" Weights as before, and yet other features: {_listed(others)}."
    return text


def describe_other_image(one: Observation, other: Observation) -> str:
    """How much another image's features differ, where the weights are the same."""
    differs = [f"{layer_label(name)} {100 * m.features:.0f} %" for name, m in movement(one, other).items()]
    return f"Another image, the same weights. Its features differ from the last one's: {', '.join(differs)}."


def _listed(layers):
    names = [layer_label(name) for name in layers]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "none"


def describe(run: Run) -> str:
    """One or two sentences about a run, every number from the run itself."""
    if run.old_accuracy is None:
        return _so_far(run)
    share = 100 * run.trained_parameters / run.total_parameters
    trains = f"{share:.0f} % of the weights trained" if share >= 1 else f"{share:.1g} % of the weights trained"
    text = (
        f"Old task {percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}, "
        f"forgetting {run.forgetting:.1f} points; new task {percent(run.new_accuracy)}; {trains} "
        f"({run.updates:,} updates, {run.seconds:.1f} s of training; test images)."
    )
    return " ".join(filter(None, (text, _leap(run), run.message)))


def _leap(run):
    """What there is to say of a loss that has shot up; far too large steps needn't end in a loss that's no number."""
    losses = run.history["training_loss"]
    if run.status == "diverged" or not len(losses) or losses.max() < _LEAP * losses[0]:
        return ""
    return f"On the way the loss leapt from {losses[0]:.1f} to {losses.max():.3g}: the learning rate is too high."


def _so_far(run):
    if not run.history or not len(run.history["update"]):
        return "Getting ready …"
    old, new = run.history["old_accuracy"], run.history["new_accuracy"]
    text = (
        f"Update {run.updates:,} of {run.settings.updates:,}: old task {percent(old[0])} → {percent(old[-1])}, "
        f"{100 * (old[0] - old[-1]):.1f} points forgotten so far; new task {percent(new[-1])} (validation images)."
    )
    if run.warming_up:
        text += f" Warm-up: until update {run.settings.warm_up:,} the new head alone trains."
    return text
