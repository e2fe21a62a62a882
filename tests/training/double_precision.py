"""The engine against plain Keras on small_resnet, in double precision, where rounding can't blow up.

First all layers train; then, with SGD, frozen blocks lie below and above a trained one.
Started by test_plain_keras.py; prints what it found as JSON.
"""

import json

import keras

keras.config.set_floatx("float64")

import tensorflow as tf  # noqa: E402

from tests.training.comparing import fit, furthest, moved  # noqa: E402
from utils.models import BACKBONES, NEW_HEAD, TransferModel, checkpoint_weights  # noqa: E402
from utils.tasks import load_pair  # noqa: E402
from utils.training.batches import Batches  # noqa: E402
from utils.training.engine import Engine  # noqa: E402
from utils.training.step import Material  # noqa: E402

ALL = (*BACKBONES["small_resnet"].layer_names, NEW_HEAD)


def compare(name, rate, spans):
    pair = load_pair("digits-drawings")
    checkpoint = checkpoint_weights(pair.old, "small_resnet")
    x, y = pair.new.x_train[:300].astype("float64"), pair.new.y_train[:300]
    batches = Batches(300, 16, 5)
    models = [TransferModel(BACKBONES["small_resnet"], (28, 28, 1), 10, 10) for _ in range(2)]
    engine = Engine(models[0], name)
    material = Material(tf.constant(x), tf.constant(y))
    engine.reset(checkpoint, 7, 300)
    engine.set_learning_rate(rate)
    before = engine.model.snapshot()
    for first, end, trained in spans:
        engine.set_trained(trained)
        engine.reset_optimizers()  # as compiling anew does
        for update in range(first, end, 10):
            engine.update(material, {"new": batches.rows(update, 10)})
    models[1].restore(before)
    plain = fit(models[1], x, y, spans, batches, name, rate)
    ours = engine.model.snapshot()
    return {
        "precision": str(ours["stem"][0].dtype),
        "apart": furthest(ours, plain),
        "learnt": furthest(before, ours),
        "moved": sorted(moved(before, ours)),
        "moved by fit": sorted(moved(before, plain)),
    }


if __name__ == "__main__":
    found = {
        "sgd": compare("sgd", 1e-2, [(0, 60, ALL), (60, 100, ("stage1", NEW_HEAD))]),
        "adam": compare("adam", 1e-3, [(0, 100, ALL)]),
    }
    print(json.dumps(found))
