"""How a checkpoint is made: a network is trained on an old task."""

import datetime
import io
from importlib.metadata import version

import numpy as np

from utils.frameworks import keras
from utils.models.backbones import Backbone, find_backbone
from utils.models.transfer import NEW_HEAD, TransferModel
from utils.tasks import Task, sha256

COMMAND = "python -m utils.models.remake"
# The weights of the epoch with the best validation accuracy are used.
RECIPE = {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 64, "epochs": 30, "patience": 5, "seed": 0}

# A tiny network learns in larger steps. So that Keras's overhead per epoch doesn't take most of the time, it is
# evaluated after every tenth pass only, and makes many steps at once.
_PLANE = {"learning_rate": 1e-2, "batch_size": 50, "epochs": 5, "passes_an_epoch": 10, "steps_at_once": 50}
RECIPES = {"small_mlp": RECIPE | _PLANE}


def recipe(backbone: str) -> dict:
    """How this backbone is trained."""
    return RECIPES.get(backbone, RECIPE)


def teach(old: Task, backbone: str | Backbone) -> tuple[bytes, dict]:
    """Train a network on a task.

    Args:
        old: The task.
        backbone: A `Backbone`, or a name in `BACKBONES`.

    Returns:
        Its weights as the bytes of an npz file, and a record of how they were made.
    """
    network_recipe = find_backbone(backbone)
    backbone = network_recipe.name
    print(f"Teaching {backbone} the old task ({old.name}): once, some seconds on two cores ...", flush=True)
    training = recipe(backbone)
    keras.utils.set_random_seed(training["seed"])
    model = TransferModel(network_recipe, old.input_shape, old.classes, 2)
    network = model.keras_model("old")
    network.compile(
        keras.optimizers.Adam(training["learning_rate"]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=training.get("steps_at_once", 1),
    )
    passes = training.get("passes_an_epoch", 1)
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=training["patience"], restore_best_weights=True)
    network.fit(
        np.concatenate([old.x_train] * passes),
        np.concatenate([old.y_train] * passes),
        validation_data=(old.x_validation, old.y_validation),
        batch_size=training["batch_size"],
        epochs=training["epochs"],
        callbacks=[stop],
        verbose=0,
    )
    weights = {f"{name}/{i}": value for name, values in model.snapshot().items() for i, value in enumerate(values)}
    file = io.BytesIO()
    np.savez(file, **{key: value for key, value in weights.items() if not key.startswith(NEW_HEAD)})
    accuracy = {
        part: float(network.evaluate(x, y, batch_size=250, verbose=0)[1])
        for part, x, y in (
            ("validation", old.x_validation, old.y_validation),
            ("test", old.x_test, old.y_test),
        )
    }
    record = {
        "old_task": old.name,
        "backbone": backbone,
        "sha256": sha256(file.getvalue()),
        "task_sha256": fingerprint(old),
        "accuracy": accuracy,
        "recipe": training,
        "versions": {name: version(name) for name in ("keras", "numpy")},
        "date": datetime.date.today().isoformat(),
        "command": COMMAND,
    }
    return file.getvalue(), record


def fingerprint(task: Task) -> str:
    """A digest of all arrays of a task, since a checkpoint must not have seen the test images of another split."""
    parts = (task.x_train, task.y_train, task.x_validation, task.y_validation, task.x_test, task.y_test)
    return sha256("".join(sha256(np.ascontiguousarray(part).tobytes()) for part in parts).encode())
