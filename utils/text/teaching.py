"""`python -m utils.text.teaching` makes the small text encoder that ships with the project again."""

import collections
import datetime
import io
import json
from importlib.metadata import version

import keras
import numpy as np

from utils.tasks import sha256
from utils.text.encoder import SHIPPED, UNKNOWN, encoder_of_words, trimmed, words
from utils.text.reviews import reviews
from utils.text.texts import TextTask

COMMAND = "python -m utils.text.teaching"
SHAPE = {"width": 48, "blocks": 2, "heads": 4, "inner": 96, "longest": 128, "dropout": 0.2, "epsilon": 1e-6}
# Of the words, those that stand in two training texts at least; the pass that does best on validation texts is kept.
# Whole words are hidden at random, so that no text is known by a single one.
RECIPE = {"least_texts": 2, "hidden_words": 0.2, "learning_rate": 1e-3, "batch_size": 32, "epochs": 40, "seed": 0}


def vocabulary(texts: tuple[str, ...], least: int) -> list[str]:
    """The words that at least so many of the texts have, the most frequent first."""
    count = collections.Counter(word for text in texts for word in set(words(text)))
    return sorted((word for word, found in count.items() if found >= least), key=lambda word: (-count[word], word))


def teach_encoder(task: TextTask, recipe: dict = RECIPE, shape: dict = SHAPE) -> tuple[bytes, dict]:
    """Train a small encoder on a task: its weights and head as the bytes of an npz file, and the record of it."""
    keras.utils.set_random_seed(recipe["seed"])
    known = vocabulary(task.texts_train, recipe["least_texts"])
    encoder = encoder_of_words(known, shape)
    dropped = keras.layers.Dropout(0.3)(encoder.network.output)
    head = keras.layers.Dense(task.classes)
    model = keras.Model(encoder.network.input, head(dropped))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(recipe["learning_rate"]), loss)
    ids = {part: encoder.ids(getattr(task, f"texts_{part}")) for part in ("train", "validation", "test")}

    def accuracy(part):
        return float(np.mean(model.predict(ids[part], verbose=0).argmax(axis=1) == getattr(task, f"y_{part}")))

    chance = np.random.default_rng(recipe["seed"])
    best, kept = (-1.0, 0.0), None
    for _ in range(recipe["epochs"]):
        order, losses = chance.permutation(len(ids["train"])), []
        for start in range(0, len(order), recipe["batch_size"]):
            rows = order[start : start + recipe["batch_size"]]
            batch = trimmed(ids["train"][rows])
            hidden = (batch > 0) & (chance.random(batch.shape) < recipe["hidden_words"])
            losses.append(model.train_on_batch(np.where(hidden, UNKNOWN, batch), task.y_train[rows]))
        # Among passes with the same accuracy, the one that says so with the lower loss.
        check = model.evaluate(ids["validation"], task.y_validation, verbose=0)
        if (accuracy("validation"), -check) > best:
            best, kept = (accuracy("validation"), -check), model.get_weights()
    model.set_weights(kept)
    arrays = {f"network/{i}": one for i, one in enumerate(encoder.network.get_weights())}
    arrays |= {f"head/{i}": one for i, one in enumerate(head.get_weights())}
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
        "vocabulary": known,
    }
    return file.getvalue(), record


def main() -> None:
    """Make the encoder, in the project's own folder."""
    data, record = teach_encoder(reviews("domain"))
    SHIPPED.with_suffix(".npz").write_bytes(data)
    SHIPPED.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{len(data) / 1e3:.0f} kB, {len(record['vocabulary']):,} words, accuracy {record['accuracy']}")


if __name__ == "__main__":
    main()
