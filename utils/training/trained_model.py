"""A run's trained network as a plain Keras model."""

import keras
import numpy as np

from utils.models import TransferModel, pretrained
from utils.strategies import Settings


def trained_model(settings: Settings, weights: dict[str, list[np.ndarray]], task: str) -> keras.Model:
    """The network of these settings with these weights, for one task: images (N, height, width, channels) to logits.

    It is a new model that shares nothing with any run. It consists of Keras's own layers (and the reader's, in a
    network of theirs): `model.save("network.keras")` writes a file that opens without this project.

    Args:
        settings: those of the run.
        weights: layer by layer, as `TransferModel.snapshot` gives them.
        task: "old" or "new".

    Raises:
        ValueError: for another task.
    """
    row, tasks = settings.row, settings.tasks()
    if task == "old" and row.keeps_copy:  # which answers for the old task, and was never trained
        return pretrained(tasks, settings.network).keras_model("old")
    model = pretrained(tasks, settings.network, settings.seed, row.expands, settings.standardizes)
    model.restore(weights)
    return _in_plain_layers(model) if task == "new" and model.standardization else model.keras_model(task)


def _in_plain_layers(model: TransferModel) -> keras.Model:
    """The new task's network, in which Keras's own layer standardizes the features."""
    mean, deviation = (keras.ops.convert_to_numpy(weight) for weight in model.standardization.weights)
    model.standardization = keras.layers.Normalization(mean=mean, variance=np.square(deviation), name="standardization")
    passed = [keras.Input(model.input_shape, name="image")]
    for block in model.blocks:
        passed.append(block(passed[-1]))
    return keras.Model(passed[0], model.logits(passed[-2], passed[-1])[1], name="new_task")
