"""The reader's own network in runs: its answers kept, its weights the checkpoint, frozen to the last bit."""

import keras
import numpy as np
import pytest
from keras import layers

from utils import own_model, run
from utils.models import pretrained
from utils.models.own.checks import OwnModelError
from utils.tasks import is_own, load_pair
from utils.training import own

RNG = np.random.default_rng(3)
X = RNG.random((240, 8, 8, 1), dtype=np.float32)
OLD = X[:120], (X[:120].mean(axis=(1, 2, 3)) > np.median(X[:120].mean(axis=(1, 2, 3)))).astype(int)
NEW = X[120:], np.array(["dark", "light"])[(X[120:, 0, 0, 0] > 0.5).astype(int)]


def network(*head, seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu", name="edges"),
         layers.BatchNormalization(name="norm"), layers.Conv2D(4, 3, activation="relu", name="shapes"),
         layers.Flatten(), *(head or [layers.Dense(2, name="head")])],
        name="tiny",
    )  # fmt: skip
    loss = "binary_crossentropy" if model.output_shape[-1] == 1 else "sparse_categorical_crossentropy"
    model.compile("adam", loss)
    return model


@pytest.fixture(scope="module")
def mine():
    return own_model(network(), OLD, NEW)


QUICK = {"updates": 20, "evaluate_every": 10, "batch_size": 16}


def test_blocks_classes_and_names(mine):
    assert mine.blocks == {"edges": ("edges", "norm"), "shapes": ("shapes",)}
    assert mine.name.startswith("tiny-") and is_own(mine.name)
    assert mine.pair.new.class_names == ("dark", "light")
    assert repr(mine).splitlines()[-1] == "  old head: head, 2 classes, gives logits"


@pytest.mark.parametrize(
    "head",
    [
        [layers.Dense(2)],
        [layers.Dense(2, activation="softmax")],
        [layers.Dense(1, activation="sigmoid")],
        [layers.Dense(2, use_bias=False), layers.Dropout(0.5), layers.Softmax()],
    ],
    ids=["logits", "softmax", "one sigmoid", "no bias, softmax behind"],
)
def test_the_network_answers_as_the_readers(head):
    """Whatever the head gives, the logits of the cut network mean the same: equal probabilities."""
    model = network(*[layer.__class__.from_config(layer.get_config()) for layer in head], seed=1)
    found = own_model(model, OLD, NEW)
    said = model.predict(X[:16], verbose=0)
    logits = pretrained(found.pair, found.name).keras_model("old").predict(X[:16], verbose=0)
    ours = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    if said.shape[1] == 1:
        said = np.concatenate([1 - said, said], axis=1)
    elif found.adopted.head.outputs == "logits":
        said = keras.ops.convert_to_numpy(keras.ops.softmax(said))
    np.testing.assert_allclose(ours, said, atol=1e-5)


def test_the_readers_model_is_never_changed():
    model = network(seed=2)
    model.get_layer("edges").trainable = False
    before = [weight.copy() for weight in model.get_weights()]
    found = own_model(model, OLD, NEW)
    made = run(found.settings(**QUICK))
    moved = dict(zip(made.layer_names, made.history["drift"][-1], strict=True))
    assert moved.pop("old_head") == 0 < min(moved.values())
    assert all(map(np.array_equal, before, model.get_weights()))
    assert not model.get_layer("edges").trainable and model.compiled


def test_frozen_forgets_nothing_and_fine_tuning_moves_all(mine):
    frozen = run(mine.settings(strategy="feature extraction", **QUICK))
    assert frozen.forgetting == 0 and not frozen.history["drift"][-1][:2].any()
    half = run(mine.settings(trained_layers=["shapes", "new_head"], **QUICK))
    moved = dict(zip(half.layer_names, half.history["drift"][-1], strict=True))
    assert moved["edges"] == 0 < moved["shapes"]


@pytest.mark.parametrize("strategy", ["learning without forgetting", "joint training", "network expansion"])
def test_other_strategies_take_it(mine, strategy):
    made = run(mine.settings(strategy=strategy, **QUICK))
    assert made.status == "finished" and np.isfinite(made.history["new_loss"]).all()


def test_a_block_is_opened_to_its_layers():
    x = image = keras.Input((8, 8, 1))
    for number in range(12):
        x = layers.Conv2D(2, 3, padding="same", name=f"stage{number // 4}_conv{number}")(x)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(x)), name="long")
    found = own_model(model, OLD, NEW)
    assert list(found.blocks) == ["stage0", "stage1", "stage2"]
    opened = run(found.settings(backbone=found.opened("stage1"), **QUICK))
    assert opened.layer_names[:-2] == ("before", *(f"stage1_conv{i}" for i in range(4, 8)), "behind")
    with pytest.raises(OwnModelError, match="those that can be opened are stage0, stage1, stage2"):
        found.opened("stage7")


def test_still_norms_stay_whatever_trains():
    model = network(seed=4)
    norms = run(own_model(model, OLD, NEW).settings(**QUICK))
    still = run(own_model(model, OLD, NEW, train_norms=False).settings(**QUICK))
    assert norms.settings.pair != still.settings.pair
    assert norms.history["drift"][-1][0] > 0 < still.history["drift"][-1][0]
    last = own_model(model, OLD, NEW, train_norms=False)
    kept = pretrained(last.pair, last.name).blocks[0].still
    assert [type(layer) for layer in kept] == [layers.BatchNormalization]


def test_a_name_stands_for_weights_and_data():
    mine = own_model(network(), OLD, NEW)
    assert own_model(network(), OLD, NEW) is mine
    assert own_model(network(seed=9), OLD, NEW).name != mine.name
    assert own_model(network(), OLD, NEW, seed=1).name != mine.name


def test_only_the_newest_are_kept():
    names = [own_model(network(seed=20 + i), OLD, NEW).name for i in range(own._KEPT + 1)]
    with pytest.raises(ValueError, match="own_model"):
        load_pair(names[0])
    assert load_pair(names[-1]).name == names[-1]


def test_outputs_said_wrongly_are_noticed():
    """A last layer whose activation doesn't say what it gives: the answers are compared with the model's."""
    squared = layers.Dense(2, activation=keras.ops.softplus, name="head")
    with pytest.raises(OwnModelError, match="answers otherwise than before"):
        own_model(network(squared), OLD, NEW, outputs="logits")


def test_other_input_and_labels_are_told():
    with pytest.raises(ValueError, match=r"new_task: x has the shape \(120, 9, 9, 1\).*resize them"):
        own_model(network(), OLD, (np.zeros((120, 9, 9, 1)), NEW[1]))
    with pytest.raises(ValueError, match="old_task: y holds 5, which is out of range: 0 to 1"):
        own_model(network(), (OLD[0], OLD[1] * 5), NEW)
