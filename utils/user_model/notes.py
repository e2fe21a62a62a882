"""What a reader should know of a network and tasks before any number is believed."""

import numpy as np

from utils.measures import UNEVEN, largest_class
from utils.tasks import Task
from utils.user_model.head import Head

_MARGIN = 0.8  # a network that knows its task makes fewer errors than this share of those that one fixed answer makes


def notes(old: Task, new: Task, labels: np.ndarray, predicted: np.ndarray, head: Head) -> tuple[str, ...]:
    """Sentences about what looks wrong, or makes accuracies look better than they are.

    Args:
        old: The old task.
        new: The new task.
        labels: The labels of some validation examples of the old task, (N,).
        predicted: The classes that the reader's network predicts for them, (N,).
        head: The old head.
    """
    found = [_of_the_old_task(old, labels, predicted), *map(_of_the_shares, (old, new)), *map(_of_copies, (old, new))]
    found.append(_of_the_head(head))
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
    return f"{task.name}: {task.note}." if task.contradictions else ""
