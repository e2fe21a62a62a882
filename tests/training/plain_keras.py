"""The engine beside plain Keras: `fit` on the same batches, compiled anew at each switch.

Compared in double precision by double_precision.py. In single precision rounding grows: weights of small_resnet differ
by 0.01 after 100 updates of plain `fit` with SGD at 0.003 and at 0.003 * (1 + 2e-7), and those of small_cnn by 0.04
on a processor whose convolutions round otherwise for other batch sizes.
"""

import keras
import numpy as np

from tests.training.comparing import few_to_measure, furthest, moved, plain_optimizer, settings_for, weights_after
from utils.models import NEW_HEAD, pretrained
from utils.tasks import load_pair
from utils.training.batches import Batches, choose_images


def long(optimizer, **changes):
    return settings_for(optimizer, **{"updates": 100, "evaluate_every": 100, "batch_size": 8} | changes)


# On features as they are, steps of SGD at 0.01 are so large that rounding grows from 1e-16 to 1e-9 in 100 updates.
RATES = {"feature extraction": {"learning_rate": 1e-3}, "fine-tuning": {}}
CASES = {
    f"{strategy}, {optimizer}, warm-up {warm_up}": long(optimizer, strategy=strategy, warm_up=warm_up, seed=1, **rate)
    for strategy, rate in RATES.items()
    for optimizer in ("sgd", "adam")
    for warm_up in (0, 30)
}
CASES["layers picked by hand"] = long("sgd", trained_layers=["conv2", "dense"], warm_up=20)
RESNET = {"backbone": "small_resnet", "updates": 40}  # its batch statistics, too
CASES |= {
    "small_resnet, sgd": long("sgd", **RESNET),
    "small_resnet, adam": long("adam", **RESNET),
    "small_resnet, frozen": long("sgd", strategy="feature extraction", **RESNET),
    "small_resnet, frozen below and above": long("sgd", trained_layers=["stage1"], warm_up=20, **RESNET),
}


def fit(model, x, y, spans, batches, name, rate):
    """Plain Keras. spans: (first update, end, trained layers); each is compiled anew."""
    network = model.keras_model("new")
    for first, end, trained in spans:
        for block in model.blocks:
            for layer in block.layers:
                layer.trainable = block.name in trained
        model.new_head.trainable = NEW_HEAD in trained
        network.compile(plain_optimizer(name, rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        rows = batches.rows(first, end - first)
        order = rows.reshape(-1)
        seen = network.fit(x[order], y[order], batch_size=rows.shape[1], shuffle=False, verbose=0)
        assert len(seen.epoch) == 1
    return model.snapshot()


def compare(settings) -> dict:
    """How far the engine's weights are from those of `fit`, how far they went, and which layers moved."""
    pair = load_pair(settings.pair)
    model = pretrained(pair, settings.backbone, settings.seed)
    before = model.snapshot()
    chosen = choose_images(pair.new.y_train, settings.new_images, settings.seed)
    spans = [(0, settings.warm_up, (NEW_HEAD,)), (settings.warm_up, settings.updates, settings.layers)]
    plain = fit(
        model,
        pair.new.x_train[chosen],
        pair.new.y_train[chosen],
        [span for span in spans if span[1] > span[0]],
        Batches(settings.new_images, settings.batch_size, settings.seed),
        settings.optimizer,
        settings.learning_rate,
    )
    with few_to_measure(settings):
        ours = weights_after(settings)
    return {
        "precision": str(np.result_type(*ours[NEW_HEAD])),
        "apart": furthest(ours, plain),
        "learned": furthest(before, ours),
        "moved": sorted(moved(before, ours)),
        "moved by fit": sorted(moved(before, plain)),
    }
