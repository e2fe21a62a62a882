"""What a reader should know of a network and tasks before any number is believed."""

import keras
import numpy as np

from utils.keras_internals import flat_layers, global_seed_state
from utils.measures import UNEVEN, largest_class
from utils.models.block import is_of_keras
from utils.tasks import Task
from utils.user_model.cut_model import CutModel

_MARGIN = 0.8  # a network that knows its task makes fewer errors than this share of those that one fixed answer makes


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
    found += [_of_the_head(cut.head), _of_frozen_layers(cut), *_of_single_layers(cut), _of_unseeded_draws(cut)]
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


def _of_frozen_layers(cut):
    norms = [layer.name for layer in flat_layers(cut.source) if isinstance(layer, keras.layers.BatchNormalization)]
    names = [name for name in cut.frozen_by_hand if cut.train_norms or name not in norms]
    if not names:
        return ""
    way_out = " train_norms=False keeps batch normalisation as it is." if set(names) & set(norms) else ""
    return (
        f"frozen by hand in the model: {', '.join(names)}. Here the switches decide, so each trains with its block."
        + way_out
    )


def _of_single_layers(cut):
    for layer in flat_layers(cut.source):
        if isinstance(layer, keras.layers.SpectralNormalization):
            yield (
                f"{layer.name}: in fit, SpectralNormalization divides its kernel in every update, frozen or not; here "
                "a frozen one stays as it is."
            )
        if isinstance(layer, keras.layers.AugMix):
            yield (
                f"{layer.name}: AugMix mixes with random numbers of Python's, not of Keras's: the same settings give "
                "other numbers in another kernel."
            )


def _of_unseeded_draws(cut):
    """Only layers of the reader's own can draw without a generator of their own, which no seed resets."""
    if all(map(is_of_keras, flat_layers(cut.source))):
        return ""
    x, names = keras.ops.zeros((2, *cut.input_shape), cut.source.inputs[0].dtype), []
    for block in cut.backbone(cut.source.name, cut.source.name).build(cut.input_shape):
        before = global_seed_state()
        x = block(x, training=True)
        names += [block.name] if global_seed_state() != before else []
    if not names:
        return ""
    return (
        f"in {', '.join(names)}, a layer draws random numbers without a seed, so the same settings give other numbers "
        "each time. Give it a generator of its own: self.seed = keras.random.SeedGenerator(1), then seed=self.seed."
    )
