"""The engine against Keras's own `model.fit`, and against PyTorch, on the same batches."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from benchmarks import kernels
from benchmarks.row import Row, side_by_side
from utils import load_pair, set_trainable
from utils.training.pool import borrow_engine
from utils.training.step import Material

IMAGES = 1984  # 62 batches of 32
EPOCHS = 10
WANTED = {32: (2.3, 25), 128: (1.8, 20)}  # by batch size: with all layers, and with the backbone frozen
BACKBONE = ("conv1", "conv2", "conv3", "dense")


def rows() -> Iterator[Row]:
    """Each comparison at two batch sizes."""
    pair = load_pair("digits-drawings")
    x, y = pair.new.x_train[:IMAGES], pair.new.y_train[:IMAGES]
    for batch in (32, 128):
        yield from _against_fit(pair, x, y, batch)
        yield _against_torch(pair, x, y, batch)


def _against_fit(pair, x, y, batch):
    usable, (most, most_frozen) = len(x) // batch * batch, WANTED[batch]
    order = np.random.default_rng(0).permutation(len(x))[:usable]
    batches = order.reshape(-1, batch)
    with borrow_engine(pair, "small_cnn", "adam") as (engine, weights):
        network = engine.model.keras_model("new")
        material = Material(tf.constant(x), tf.constant(y))

        def ready(trained):
            engine.reset(weights, 0, len(x))
            engine.optimizers.set_learning_rate(1e-3)
            engine.set_trained(trained)
            set_trainable(network, trained)
            network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            fit(1)
            engine.update(material, {"new": batches})

        def fit(epochs):
            network.fit(x[order], y[order], batch_size=batch, epochs=epochs, shuffle=False, verbose=0)

        ready((*BACKBONE, "new_head"))
        own, keras_s, gradients = side_by_side(
            lambda: engine.update(material, {"new": batches}),
            lambda: fit(1),
            kernels.gradients(engine.model, x, y, batches),
        )
        what = f"engine, all layers, against `model.fit`, batch {batch}"
        yield _row(what, keras_s / own, most, f" (the gradients alone: {keras_s / gradients:.1f} ×)")

        ready(("new_head",))

        def ten_epochs():
            engine.set_trained((*BACKBONE, "new_head"))  # forget the features: their one pass counts
            engine.set_trained(("new_head",))
            for _ in range(EPOCHS):
                engine.update(material, {"new": batches})

        once = kernels.forward(engine.model, x)
        own, keras_s, features = side_by_side(ten_epochs, lambda: fit(EPOCHS), once)
        what = f"engine, backbone frozen, ten epochs, against `model.fit`, batch {batch}"
        note = f" (one pass through the backbone alone: {keras_s / features:.0f} ×)"
        yield _row(what, keras_s / own, most_frozen, note)


def _against_torch(pair, x, y, batch):
    what = f"engine, all layers, against PyTorch eager, batch {batch}"
    try:
        import torch
    except ImportError:
        return Row(what, "torch isn't installed", "at least 1 ×", None)
    torch.manual_seed(0)

    def convolution(before, after):
        return [torch.nn.Conv2d(before, after, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]

    network = torch.nn.Sequential(
        *convolution(1, 16), *convolution(16, 32), *convolution(32, 64),
        torch.nn.Flatten(), torch.nn.Linear(576, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    images = torch.tensor(x).permute(0, 3, 1, 2).contiguous()
    labels = torch.tensor(y, dtype=torch.long)
    batches = np.random.default_rng(0).permutation(len(x))[: len(x) // batch * batch].reshape(-1, batch)
    indices = torch.tensor(batches)

    def torch_epoch():
        for row in indices:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[row]), labels[row]).backward()
            optimizer.step()

    with borrow_engine(pair, "small_cnn", "adam") as (engine, weights):
        engine.reset(weights, 0, len(x))
        engine.optimizers.set_learning_rate(1e-3)
        engine.set_trained((*BACKBONE, "new_head"))
        material = Material(tf.constant(x), tf.constant(y))
        engine.update(material, {"new": batches})
        own, torch_s = side_by_side(lambda: engine.update(material, {"new": batches}), torch_epoch)
    return _row(what, torch_s / own, 1)


def _row(what, ratio, wanted, note=""):
    return Row(what, f"{ratio:.1f} ×{note}", f"at least {wanted} ×", ratio >= wanted)
