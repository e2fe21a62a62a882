"""ImageNet's real weights and real pictures in the engine: what a network said of them before, and after."""

import keras
import numpy as np
import pytest

from utils.measures.agreement import agreement, softmax
from utils.models import pretrained
from utils.models.photo_networks import photo_features
from utils.tasks import Task
from utils.tasks.patches import patches
from utils.training import train
from utils.user_model import own_model

pytestmark = pytest.mark.exhaustive  # ImageNet's weights aren't on every machine

PARTS = "train", "validation", "test"


@pytest.fixture(scope="module")
def photo_net(keras_home):
    """MobileNetV2 with a head that knows the old patches; its own answers to them are the old task."""
    if not list((keras_home / "models").glob("mobilenet_v2*no_top.h5")):
        pytest.skip("MobileNetV2's weights aren't on this machine")
    shipped, new = patches("old", every=2), patches("new", every=2)
    features = photo_features("mobilenet_v2", 64)
    head = keras.layers.Dense(shipped.classes, name="head")
    network = keras.Model(features.input, head(features.output), name=features.name)
    keras.utils.set_random_seed(0)
    x = {p: features.predict(getattr(shipped, f"x_{p}"), batch_size=96, verbose=0) for p in PARTS}
    probe = keras.Sequential([keras.Input(x["train"].shape[1:]), network.layers[-1]])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    probe.compile(keras.optimizers.Adam(0.003), loss)
    probe.fit(x["train"], shipped.y_train, epochs=60, verbose=0)
    answers = {p: probe.predict(x[p], verbose=0).argmax(axis=1).astype(np.int32) for p in PARTS}
    assert np.mean(answers["test"] == shipped.y_test) > 0.85
    inputs = {f"x_{p}": getattr(shipped, f"x_{p}") for p in PARTS}
    labels = {f"y_{p}": answers[p] for p in PARTS}
    old = Task("its own answers", **inputs, **labels, class_names=shipped.class_names, values=(0.0, 255.0))
    return own_model(network, old, new, train_norms=False, name="real_mobilenet")


@pytest.fixture(scope="module")
def trained(photo_net):
    """`trained(**settings)`: the run, and the old head's probabilities for the new task's test photos."""
    model = pretrained(photo_net.pair, photo_net.name)
    x = photo_net.pair.new.x_test
    before = softmax(model.keras_model("old").predict(x, verbose=0))

    def do(**settings):
        for progress in train(photo_net.settings(updates=60, warm_up=30, evaluate_every=60, **settings)):  # noqa: B007
            pass
        model.restore(progress.weights())
        return progress.run(), before, softmax(model.keras_model("old").predict(x, verbose=0))

    return do


def test_a_head_alone_changes_no_answer(trained):
    run, before, after = trained(trained_layers=["new_head"], learning_rate=0.003)
    assert run.old_accuracy_before == 1 and run.forgetting == 0
    assert (before == after).all() and run.new_accuracy > 0.6


def test_the_top_changes_answers_and_learning_without_forgetting_keeps_them(photo_net, trained):
    last = list(photo_net.blocks)[-1]
    top = {"trained_layers": [last, "new_head"], "learning_rate": 0.001}
    tuned, before, after = trained(**top)
    changed = agreement(before, after)
    kept_run, _, kept = trained(**top, strategy="learning without forgetting")
    kept = agreement(before, kept)
    assert tuned.old_accuracy_before == kept_run.old_accuracy_before == 1
    assert changed.kl > 0.01 and changed.top_1 < 1
    assert kept.kl < changed.kl / 2 and kept.top_1 >= changed.top_1
    assert photo_net.cut.layer_count > 80 and len(photo_net.blocks) <= 9
