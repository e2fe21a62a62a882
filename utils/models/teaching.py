"""How a checkpoint comes about: a network is taught an old task."""

import datetime
import io
from importlib.metadata import version

import keras
import numpy as np

from utils.models.backbones import BACKBONES
from utils.models.transfer import NEW_HEAD, TransferModel
from utils.tasks import Task, sha256

COMMAND = "python -m utils.models.remake"
# The pass that does best on the validation images is kept.
RECIPE = {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 64, "epochs": 30, "patience": 5, "seed": 0}


def teach(old: Task, backbone: str) -> tuple[bytes, dict]:
    """Train a network on a task: its weights as the bytes of an npz file, and the record of how it came about."""
    print(f"Teaching {backbone} the old task ({old.name}): once, some 10 s on two cores ...", flush=True)
    keras.utils.set_random_seed(RECIPE["seed"])
    model = TransferModel(BACKBONES[backbone], old.input_shape, old.classes, 2)
    network = model.keras_model("old")
    network.compile(
        keras.optimizers.Adam(RECIPE["learning_rate"]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=RECIPE["patience"], restore_best_weights=True)
    network.fit(
        old.x_train,
        old.y_train,
        validation_data=(old.x_validation, old.y_validation),
        batch_size=RECIPE["batch_size"],
        epochs=RECIPE["epochs"],
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
        "recipe": RECIPE,
        "versions": {name: version(name) for name in ("keras", "numpy")},
        "date": datetime.date.today().isoformat(),
        "command": COMMAND,
    }
    return file.getvalue(), record


def fingerprint(task):
    """A digest of all that a task consists of: a checkpoint must not have seen another split's test images."""
    parts = (task.x_train, task.y_train, task.x_validation, task.y_validation, task.x_test, task.y_test)
    return sha256("".join(sha256(np.ascontiguousarray(part).tobytes()) for part in parts).encode())
