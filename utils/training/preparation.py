"""Before the first update: the check of the data, and what the loss terms record of images and prepare for weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from utils.frameworks import keras, tf
from utils.models import NEW_HEAD, OLD_HEAD, TransferModel
from utils.strategies.checks import SettingsError
from utils.strategies.loss_term import Answers, CheckpointData, LossTerm
from utils.strategies.settings import Settings
from utils.tasks import TaskPair
from utils.training.forward import portions
from utils.training.held_images import Images

# Images to both heads' logits and the features.
Forward: TypeAlias = "Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]"


def check_settings_and_data(settings: Settings, pair: TaskPair) -> None:
    """Check that a run with these settings is possible.

    Raises:
        SettingsError: Where a task has too few images, or a term of the loss or added layers are known only to another
            process.
    """
    _check_images("new_images", settings.new_images, settings.pair, pair.new)
    if settings.row.needs_old_data and settings.old_images is not None:
        _check_images("old_images", settings.old_images, settings.pair, pair.old)
    unknown = [("losses", term.name) for term in settings.row.losses if not term.known]
    if settings.row.added and not settings.row.added.known:
        unknown.append(("added", settings.row.added.name))
    for field, name in unknown:
        raise SettingsError(
            f"{field}: {name!r} is not known in this process: to run this again, give Settings its Strategy, or enter "
            "that in STRATEGIES before you load the run."
        )


def _check_images(field, count, name, task):
    available = len(task.x_train)
    if count > available:
        raise SettingsError(f"{field}={count} is not allowed: {name} has {available:,} of that task to train on.")


def record_images(
    model: TransferModel, losses: tuple[LossTerm, ...], forward: Forward, images: Images
) -> dict[str, dict[str, tf.Tensor]]:
    """Record what the terms need of these images.

    Args:
        model: The network at the checkpoint.
        losses: The terms of the loss.
        forward: From images to the logits of the old and the new head and the features.
        images: The new task's training images, (N, height, width, channels).

    Returns:
        Arrays (N, ...) by term and name.

    Raises:
        SettingsError: Where a term records an array that isn't of the shape (N, ...).
    """
    recorded = {term.name: {name: [] for name in term.record} for term in losses if term.record}
    for part in portions(images) if recorded else ():
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
                recorded[term.name][name].append(rows)
    return {term: {name: tf.concat(parts, 0) for name, parts in arrays.items()} for term, arrays in recorded.items()}


def recorded_shapes(
    model: TransferModel, losses: tuple[LossTerm, ...], forward: Forward
) -> dict[str, dict[str, tuple[int, ...]]]:
    """The shapes of what the terms record of one image, by term and name."""
    if not any(term.record for term in losses):
        return {}
    black = tf.zeros((1, *model.input_shape), keras.config.floatx())
    recorded = record_images(model, losses, forward, black)
    return {term: {name: tuple(rows.shape[1:]) for name, rows in arrays.items()} for term, arrays in recorded.items()}


def prepare_weights(losses: tuple[LossTerm, ...], checkpoint: CheckpointData) -> dict[str, dict[str, dict[str, list]]]:
    """Prepare what the terms need for each weight of the backbone.

    Args:
        losses: The terms of the loss.
        checkpoint: The network at the checkpoint, and training images.

    Returns:
        A list of arrays by term, name and block.

    Raises:
        SettingsError: Where the arrays don't have the shapes of the weights.
    """
    if not any(term.prepare for term in losses):
        return {}
    prepared, without = {}, checkpoint.without_old()
    expected = {block: [array.shape for array in arrays] for block, arrays in checkpoint.weights().items()}
    for term in losses:
        for name, function in term.prepare.items():
            arrays = function(checkpoint if term.old_images else without)
            arrays = {block: [tf.constant(array, keras.config.floatx()) for array in arrays[block]] for block in arrays}
            if {block: [tuple(array.shape) for array in arrays[block]] for block in arrays} != expected:
                raise SettingsError(
                    f"losses: {name!r} of {term.name!r} is not allowed: for each block of the backbone "
                    f"({', '.join(expected)}) it must have an array for each trainable weight, of that weight's shape."
                )
            prepared.setdefault(term.name, {})[name] = arrays
    return prepared
