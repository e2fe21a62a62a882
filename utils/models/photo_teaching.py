"""`python -m utils.models.photo_teaching` makes the small network for photographs that ships with the project again."""

import datetime
import io
from importlib.metadata import version

import numpy as np

from utils.frameworks import keras
from utils.models.photo_networks import SHIPPED, small_photo_net
from utils.shipped import write_with_record
from utils.tasks import Task, sha256
from utils.tasks.patches import patches

COMMAND = "python -m utils.models.photo_teaching"
# The weights of the epoch with the best validation accuracy are used. Patches are mirrored and dimmed at random.
RECIPE = {"learning_rate": 2e-3, "batch_size": 32, "epochs": 40, "seed": 0}


def teach_photo_net(task: Task, recipe: dict = RECIPE) -> tuple[bytes, dict]:
    """Train a small network on a task of patches.

    Args:
        task: The task.
        recipe: The fields of `RECIPE`.

    Returns:
        Its weights as the bytes of an npz file, and a record of how they were made.
    """
    keras.utils.set_random_seed(recipe["seed"])
    model = small_photo_net(task.classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(recipe["learning_rate"]), loss)
    rng = np.random.default_rng(recipe["seed"])

    def accuracy(part):
        predicted = model.predict(getattr(task, f"x_{part}"), verbose=0).argmax(axis=1)
        return float(np.mean(predicted == getattr(task, f"y_{part}")))

    best_score, best_weights = (-1.0, 0.0), None
    for _ in range(recipe["epochs"]):
        order = rng.permutation(len(task.x_train))
        for start in range(0, len(order) - recipe["batch_size"] + 1, recipe["batch_size"]):
            rows = order[start : start + recipe["batch_size"]]
            model.train_on_batch(_vary(task.x_train[rows], rng), task.y_train[rows])
        score = accuracy("validation"), -model.evaluate(task.x_validation, task.y_validation, verbose=0)
        if score > best_score:
            best_score, best_weights = score, model.get_weights()
    model.set_weights(best_weights)
    file = io.BytesIO()
    np.savez(file, **{str(i): array for i, array in enumerate(model.get_weights())})
    record = {
        "old_task": task.name,
        "classes": task.classes,
        "sha256": sha256(file.getvalue()),
        "accuracy": {part: accuracy(part) for part in ("validation", "test")},
        "recipe": recipe,
        "versions": {name: version(name) for name in ("keras", "numpy", "scikit-image")},
        "date": datetime.date.today().isoformat(),
        "command": COMMAND,
    }
    return file.getvalue(), record


def _vary(x, rng):
    mirrored = np.where(rng.random((len(x), 1, 1, 1)) < 0.5, x, x[:, :, ::-1])
    return mirrored * rng.uniform(0.7, 1.0, (len(x), 1, 1, 1)).astype(np.float32)


def main() -> None:
    """Make the network, in the project's own folder."""
    data, record = teach_photo_net(patches("old"))
    write_with_record(SHIPPED, data, record)
    print(f"{len(data) / 1e3:.0f} kB, accuracy {record['accuracy']}")


if __name__ == "__main__":
    main()
