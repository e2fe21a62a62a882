"""What the reader's own model answers for examples of the old task, or why it can't."""

import warnings

import numpy as np

from utils.comfort import without_retracing_warnings
from utils.frameworks import keras
from utils.messages import reason
from utils.tasks import Task
from utils.tasks.task_form import as_floats
from utils.user_model.checks import OwnModelError
from utils.user_model.head import Head

_AT_ONCE = 20  # examples for which the model is asked


def answers(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """The model's outputs for some examples of the old task.

    Raises:
        OwnModelError: Where the model can't compute them.
    """
    try:
        with without_retracing_warnings():
            return keras.ops.convert_to_numpy(model(as_floats(x), training=False))
    except Exception as error:  # layers, of the reader's own or Keras's, may raise anything
        raise OwnModelError(
            f"old_task: {model.name!r} can't answer for its examples ({reason(error)}): give examples as in its "
            "training, and a model for which model.predict(x) works."
        ) from None


def predicted(model: keras.Model, head: Head, x: np.ndarray) -> np.ndarray:
    """The classes that the model predicts, as positions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a model may want its one input in a list: Keras finds it all the same
        parts = [answers(model, x[i : i + _AT_ONCE]) for i in range(0, len(x), _AT_ONCE)]
    outputs = np.concatenate([part.reshape(len(part), -1) for part in parts])
    if head.is_single_unit:
        return (outputs[:, 0] > (0 if head.outputs == "logits" else 0.5)).astype(int)
    return outputs.argmax(axis=1)


def check_numbers_of_words(first: keras.layers.Layer, tasks: tuple[Task, ...]) -> None:
    """Check that examples of a network whose first layer is an Embedding are rows of its table.

    On a processor a number beyond them stops a run wherever it comes up; on a GPU it counts as zeros without a word.

    Raises:
        OwnModelError: For a number without a row.
    """
    if not isinstance(first, keras.layers.Embedding):
        return
    for task in tasks:
        parts = task.x_train, task.x_validation, task.x_test
        least, most = min(float(x.min()) for x in parts), max(float(x.max()) for x in parts)
        if least < 0 or most >= first.input_dim:
            raise OwnModelError(
                f"{task.name}: x holds {least if least < 0 else most:g}, and the network's Embedding {first.name!r} "
                f"has rows for 0 to {first.input_dim - 1}: give other words the number that stands for unknown ones."
            )
