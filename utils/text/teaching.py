"""`python -m utils.text.teaching` makes the small text encoder that ships with the project again."""

import collections
import datetime
import io
from importlib.metadata import version

import numpy as np

from utils.frameworks import keras
from utils.shipped import write_with_record
from utils.tasks import sha256
from utils.tasks.task import PARTS
from utils.text.encoder import SHIPPED, UNKNOWN, encoder_of_words, trimmed, words
from utils.text.reviews import reviews
from utils.text.texts import TextTask

COMMAND = "python -m utils.text.teaching"
SHAPE = {"width": 48, "blocks": 2, "heads": 4, "inner": 96, "longest": 128, "dropout": 0.2, "epsilon": 1e-6}
# Words are known if they occur in at least two training texts. Words are hidden at random, so that no text is
# recognized by a single one. The weights of the epoch with the best validation accuracy are kept.
RECIPE = {"least_texts": 2, "hidden_words": 0.2, "learning_rate": 1e-3, "batch_size": 32, "epochs": 40, "seed": 0}


def vocabulary(texts: tuple[str, ...], least: int) -> list[str]:
    """The words that occur in at least `least` of the texts, the most frequent first."""
    counts = collections.Counter(word for text in texts for word in set(words(text)))
    return sorted((word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word))


def teach_encoder(task: TextTask, recipe: dict = RECIPE, shape: dict = SHAPE) -> tuple[bytes, dict]:
    """Train a small encoder on a task.

    Args:
        task: The task.
        recipe: The fields of `RECIPE`.
        shape: The fields of `Shape` except `vocabulary`.

    Returns:
        Weights and head as the bytes of an npz file, and a record of how they were made.
    """
    keras.utils.set_random_seed(recipe["seed"])
    known_words = vocabulary(task.texts_train, recipe["least_texts"])
    encoder = encoder_of_words(known_words, shape)
    vectors = keras.layers.Dropout(0.3)(encoder.network.output)
    head = keras.layers.Dense(task.classes)
    model = keras.Model(encoder.network.input, head(vectors))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(recipe["learning_rate"]), loss)
    ids = {part: encoder.ids(getattr(task, f"texts_{part}")) for part in PARTS}

    def accuracy(part):
        return float(np.mean(model.predict(ids[part], verbose=0).argmax(axis=1) == getattr(task, f"y_{part}")))

    rng = np.random.default_rng(recipe["seed"])
    best_score, best_weights = (-1.0, 0.0), None
    for _ in range(recipe["epochs"]):
        order = rng.permutation(len(ids["train"]))
        for start in range(0, len(order), recipe["batch_size"]):
            rows = order[start : start + recipe["batch_size"]]
            batch = trimmed(ids["train"][rows])
            hidden = (batch > 0) & (rng.random(batch.shape) < recipe["hidden_words"])
            model.train_on_batch(np.where(hidden, UNKNOWN, batch), task.y_train[rows])
        # Of epochs with the same accuracy, the one with the lowest loss.
        score = accuracy("validation"), -model.evaluate(ids["validation"], task.y_validation, verbose=0)
        if score > best_score:
            best_score, best_weights = score, model.get_weights()
    model.set_weights(best_weights)
    arrays = {f"network/{i}": array for i, array in enumerate(encoder.network.get_weights())}
    arrays |= {f"head/{i}": array for i, array in enumerate(head.get_weights())}
    file = io.BytesIO()
    np.savez(file, **arrays)
    record = {
        "old_task": task.name,
        "sha256": sha256(file.getvalue()),
        "texts_sha256": sha256("\n".join(task.texts_train).encode()),
        "accuracy": {part: accuracy(part) for part in ("validation", "test")},
        "shape": shape,
        "recipe": recipe,
        "versions": {name: version(name) for name in ("keras", "numpy")},
        "date": datetime.date.today().isoformat(),
        "command": COMMAND,
        "vocabulary": known_words,
    }
    return file.getvalue(), record


def main() -> None:
    """Make the encoder, in the project's own folder."""
    data, record = teach_encoder(reviews("domain"))
    write_with_record(SHIPPED, data, record)
    print(f"{len(data) / 1e3:.0f} kB, {len(record['vocabulary']):,} words, accuracy {record['accuracy']}")


if __name__ == "__main__":
    main()
