"""The checks of notebook 00."""

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
from utils.models import BACKBONES, OLD_HEAD, layer_names
from utils.strategies import STRATEGIES
from utils.training import Run

_MAY_CHANGE = (
    "learning_rate", "optimizer", "batch_size", "updates", "rate_decay", "layer_rates", "standardize", "head_l2",
    "new_images",
)  # fmt: skip


def check_layers(answer: list[str]) -> Verdict:
    """Check exercise 1: the layers that feature extraction trains in the small CNN."""
    if isinstance(answer, str):
        return Verdict(False, f'Expected a list, even for a single name: ["{answer}"].')
    if not isinstance(answer, list | tuple | set) or not all(isinstance(name, str) for name in answer):
        return Verdict(False, f'Expected a list of names, such as ["conv1"], not {answer!r}.')
    names, right = set(answer), set(STRATEGIES["feature extraction"].layers("small_cnn"))
    known = layer_names(BACKBONES["small_cnn"])
    if unknown := names - set(known):
        return Verdict(False, f"There is no {', '.join(sorted(unknown))}; the layers are {', '.join(known)}.")
    if OLD_HEAD in names:
        return Verdict(False, "The old head belongs to the old task: there is nothing new for it to learn here.")
    if backbone := names - right:
        return Verdict(False, f"{', '.join(sorted(backbone))} would change: the old task relies on it.")
    if missing := right - names:
        return Verdict(False, f"Without {', '.join(missing)} nothing would learn the new task.")
    return Verdict(True, "Only the new head learns. All else stays the same, bit for bit, and so does the old task.")


def check_gentler(answer: Run, reference: Run) -> Verdict:
    """Check exercise 2: one changed setting of fine-tuning that halves the forgetting, with no layer frozen.

    The new task must be learned, too, at least half as well as by the reference. It is judged by the curves, on
    validation images.

    Args:
        answer: The run.
        reference: The run of fine-tuning.
    """
    if wrong := check_ended(answer):
        return wrong
    before, after = reference.settings.to_dict(), answer.settings.to_dict()
    changed = [name for name in before if before[name] != after[name]]
    if _holds_still(answer, reference):
        why = "Let everything that fine-tuning trains keep training"
        return Verdict(False, f"A layer is frozen here, for a while at least. {why}.")
    if answer.settings.strategy != reference.settings.strategy:
        return Verdict(False, f"This is {answer.settings.strategy}: another strategy. Change a setting of fine-tuning.")
    if len(changed) != 1 or changed[0] not in _MAY_CHANGE:
        names = ", ".join(changed) or "none"
        return Verdict(False, f"Change exactly one of {', '.join(_MAY_CHANGE)}. Changed: {names}.")
    if answer.status != "finished":
        return Verdict(False, "The run was stopped early. Let it make all of its updates.")
    lost, lost_before = points_forgotten(answer), points_forgotten(reference)
    numbers = f"Forgetting {lost:.1f} instead of {lost_before:.1f} points on validation images"
    if lost > lost_before / 2:
        more = "more is forgotten" if lost > lost_before else "that isn't half of it yet"
        return Verdict(False, f"{numbers}: {more}. What makes the steps smaller, or fewer?")
    gain, gain_before = _gain(answer), _gain(reference)
    if gain < gain_before / 2:
        return Verdict(
            False,
            f"{numbers}, but too little of the new task is learned: {new_accuracy(answer):.1%}, from "
            f"{answer.history['new_accuracy'][0]:.1%} at the start. At least half of the reference's gain is "
            f"expected, {100 * gain_before / 2:.1f} points. A network that learns nothing forgets nothing.",
        )
    price = 100 * (new_accuracy(reference) - new_accuracy(answer))
    cost = f"The price: {price:.1f} points of the new task." if price > 0 else "It costs nothing on the new task."
    return Verdict(True, f"{numbers}, by {changed[0]} alone. {cost} {test_results(answer)}")


def _holds_still(answer, reference):
    """Whether a layer that the reference trains doesn't train all the time, or has a rate of 0."""
    settings = answer.settings
    if answer.events or settings.warm_up or settings.unfreeze_every:
        return True
    factors = settings.rate_factors
    return any(name not in settings.layers or factors[name] == 0 for name in reference.settings.layers)


def _gain(run):
    """The gain on the curve of the new task, a fraction."""
    return new_accuracy(run) - run.history["new_accuracy"][0]
