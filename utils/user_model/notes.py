"""What a reader should know of a network and tasks before any number is believed."""

import numpy as np

from utils.measures import UNEVEN, largest_class
from utils.tasks import Task
from utils.user_model.cut_model import CutModel
from utils.user_model.layer_notes import notes_of_layers

_MARGIN = 0.8  # a network that knows its task makes fewer errors than this share of those that one fixed answer makes

_SCALED, _FACTOR = 4, 20  # a range up to this wide was scaled, as -1 to 1 is; one this many times as wide was not
_PIXEL = 255  # the largest value of a pixel


def notes(old: Task, new: Task, labels: np.ndarray, predicted: np.ndarray, cut: CutModel) -> tuple[str, ...]:
    """Sentences about what looks wrong, or makes accuracies look better than they are.

    Args:
        old: The old task.
        new: The new task.
        labels: The labels of some validation examples of the old task, (N,).
        predicted: The classes that the reader's network predicts for them, (N,).
        cut: The network, cut into blocks and an old head.
    """
    found = [_of_the_old_task(old, labels, predicted), *map(_of_the_shares, (old, new)), *map(_of_copies, (old, new))]
    found += [_of_the_scales(old, new), _of_the_head(cut.head), *notes_of_layers(cut)]
    return tuple(note for note in found if note)


def _of_the_old_task(old, labels, predicted):
    accuracy, share = float(np.mean(predicted == labels)), largest_class(labels)[1]
    if 1 - accuracy <= _MARGIN * (1 - share):
        return ""
    return (
        f"the network classifies {accuracy:.0%} of {len(labels)} old-task examples correctly; always giving the same "
        f"answer would be right for {share:.0%}. Are its classes in the order {', '.join(old.class_names[:5])}"
        f"{' …' if old.classes > 5 else ''}, and are the examples scaled as in its training?"
    )


def _of_the_shares(task):
    position, share = largest_class(task.y_test)
    if share <= UNEVEN:
        return ""
    return f"{task.name}: always answering {task.class_names[position]!r} would be right for {share:.0%}."


def _of_the_head(head):
    if not head.penalties:
        return ""
    return (
        f"heads train without regularizers and constraints: {', '.join(head.penalties)} of {head.name!r} won't be used."
    )


def _of_copies(task):
    return f"{task.name}: {task.note}; {task.sizes} examples are left." if task.note else ""


def _of_the_scales(old, new):
    """A new task on another scale than the network's: 0 to 255 where it knows 0 to 1, or the other way round."""
    ranges = [(float(task.x_train.min()), float(task.x_train.max())) for task in (old, new)]
    smaller, larger = sorted(most - least for least, most in ranges)
    if not smaller or smaller > _SCALED or larger < _FACTOR * smaller:
        return ""
    known, found = (" to ".join(f"{x:.3g}" if abs(x) < 1000 else f"{x:,.0f}" for x in limits) for limits in ranges)
    return (
        f"{old.name} has values from {known}, {new.name} from {found}, and a network expects one scale: bring "
        f"{new.name} to that of {old.name}{_conversion(*ranges)}."
    )


def _conversion(old, new):
    """The likely way from one range to another, as Python."""
    (old_least, old_most), (new_least, new_most) = old, new
    if min(old_least, new_least) >= 0 and max(old_most, new_most) <= _PIXEL:
        return f", as with x / {_PIXEL}" if new_most > old_most else f", as with x * {_PIXEL}"
    if old_least < 0 <= new_least and new_most <= _PIXEL:
        return f", as with x / {_PIXEL / 2} - 1"
    if new_least < 0 <= old_least and old_most <= _PIXEL:
        return f", as with (x + 1) * {_PIXEL / 2}"
    return ""
