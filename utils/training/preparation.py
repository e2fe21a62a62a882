"""Before the first update: what the terms of a loss record of each image and prepare for each weight."""

from collections.abc import Callable

import keras
import tensorflow as tf

from utils.models import NEW_HEAD, OLD_HEAD, TransferModel
from utils.strategies.checks import SettingsError
from utils.strategies.loss_term import BEFORE_TRAINING, Answers, CheckpointData, LossTerm
from utils.training.forward import portions

Forward = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]  # images to both heads' logits and the features


def recorded(
    model: TransferModel, losses: tuple[LossTerm, ...], forward: Forward, images: tf.Tensor
) -> dict[str, dict[str, tf.Tensor]]:
    """What each term records of these images, (N, height, width, channels), by the term's name and its own."""
    found = {term.name: {name: [] for name in term.record} for term in losses if term.record}
    for part in portions(images) if found else ():
        old, new, features = forward(part)
        answers = Answers(model, part, features, {OLD_HEAD: old, NEW_HEAD: new})
        for term in losses:
            for name, function in term.record.items():
                rows = tf.convert_to_tensor(function(answers), keras.config.floatx())
                if rows.shape.rank == 0 or rows.shape[0] != len(part):
                    raise SettingsError(
                        f"losses: {name!r} of {term.name!r} is not allowed to have the shape {tuple(rows.shape)}: it "
                        f"must be (N, ...), here with N = {len(part)}."
                    )
                found[term.name][name].append(rows)
    return {term: {name: tf.concat(parts, 0) for name, parts in rows.items()} for term, rows in found.items()}


def recorded_shapes(
    model: TransferModel, losses: tuple[LossTerm, ...], forward: Forward
) -> dict[str, dict[str, tuple[int, ...]]]:
    """The shape of what each term records of one image."""
    if not any(term.record for term in losses):
        return {}
    black = tf.zeros((1, *model.input_shape), keras.config.floatx())
    found = recorded(model, losses, forward, black)
    return {term: {name: tuple(rows.shape[1:]) for name, rows in own.items()} for term, own in found.items()}


def prepared(losses: tuple[LossTerm, ...], checkpoint: CheckpointData) -> dict[str, dict[str, dict[str, list]]]:
    """What each term prepares for each weight of the backbone, by the term's name, its own and block.

    A `SettingsError` where that hasn't the shapes of the weights.
    """
    found, without = {}, CheckpointData(checkpoint.model, checkpoint.images, checkpoint.labels)
    wanted = {block: [array.shape for array in arrays] for block, arrays in checkpoint.weights().items()}
    for term in losses:
        for name, function in term.prepare.items():
            arrays = function(checkpoint if term.old_images == BEFORE_TRAINING else without)
            arrays = {block: [tf.constant(array, keras.config.floatx()) for array in arrays[block]] for block in arrays}
            if {block: [tuple(array.shape) for array in own] for block, own in arrays.items()} != wanted:
                raise SettingsError(
                    f"losses: {name!r} of {term.name!r} is not allowed: for each block of the backbone "
                    f"({', '.join(wanted)}) it must have an array for each trainable weight, of that weight's shape."
                )
            found.setdefault(term.name, {})[name] = arrays
    return found
