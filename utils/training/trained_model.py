"""A run's trained network as a plain Keras model."""

from __future__ import annotations

import numpy as np

from utils.checks import check_one_of
from utils.frameworks import keras
from utils.models import TransferModel, pretrained
from utils.strategies import Settings


def trained_model(settings: Settings, weights: dict[str, list[np.ndarray]], task: str) -> keras.Model:
    """The network of these settings with these weights, for one task: images (N, height, width, channels) to logits.

    It is a new model that shares nothing with any run. It consists of Keras's own layers (and the reader's, for a
    reader's network), so `model.save("network.keras")` writes a file that opens without this project.

    Args:
        settings: The settings of the run.
        weights: The weights by layer, as `TransferModel.snapshot` gives them.
        task: "old" or "new".

    Raises:
        ValueError: For another task.
    """
    check_one_of("task", task, ("old", "new"))
    tasks = settings.tasks()
    if task == "old" and settings.row.keeps_copy:  # the copy answers for the old task, and never trains
        return pretrained(tasks, settings.network).keras_model("old")
    model = pretrained(tasks, settings.network, settings.seed, settings.row.added, settings.standardizes)
    model.restore(weights)
    return _in_plain_layers(model) if task == "new" and model.standardization else model.keras_model(task)


def _in_plain_layers(model: TransferModel) -> keras.Model:
    """The new task's network, with Keras's own layer to standardize the features."""
    mean, deviation = (keras.ops.convert_to_numpy(weight) for weight in model.standardization.weights)
    model.standardization = keras.layers.Normalization(mean=mean, variance=np.square(deviation), name="standardization")
    image = keras.Input(model.input_shape, name="image")
    return keras.Model(image, model.logits(*model.features_of_heads(image))[1], name="new_task")
