"""The reader's own network in runs: its answers kept, its weights the checkpoint, frozen to the last bit."""

import gc
import json
import re
import weakref

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.metrics import balanced_accuracy_score

from tests.widgets.panel import Panel
from utils import FreezeBoard, Run, own_model, run
from utils.models import BACKBONES, pretrained
from utils.strategies import Settings, SettingsError
from utils.tasks import PAIRS, is_own, load_pair, task_from
from utils.user_model import OwnModelWarning
from utils.user_model import model as model_module
from utils.user_model.checks import OwnModelError
from utils.user_model.cut_model import cut_model

pytestmark = pytest.mark.slow  # what its tests share takes seconds

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


@pytest.mark.slow
def test_blocks_classes_and_names(mine):
    assert mine.blocks == {"edges": ("edges", "norm"), "shapes": ("shapes",)}
    assert mine.name.startswith("tiny-") and is_own(mine.name)
    assert mine.pair.new.class_names == ("dark", "light")
    assert re.search(r"old head: head\b.*\b2 classes.*\blogits$", repr(mine), re.MULTILINE)


@pytest.mark.slow
def test_what_looks_wrong_is_noted():
    """A network whose classes are in another order than the labels; a task where one answer is nearly always right."""
    model = network(seed=4)
    logits = model.predict(X[:120], verbose=0)
    model.get_layer("head").bias.assign([np.median(logits[:, 1] - logits[:, 0]), 0])  # as many of each class
    right = model.predict(X[:120], verbose=0).argmax(axis=1)
    assert own_model(model, (X[:120], right), NEW).notes == ()
    with pytest.warns(OwnModelWarning, match="^the network classifies 0% of .* in the order 0, 1, .*scaled"):
        turned = own_model(model, (X[:120], 1 - right), NEW)
    assert "Note: the network classifies 0%" in repr(turned)
    board = FreezeBoard(turned.settings())
    assert "Note: the network classifies 0%" in board._status.widget.value
    labels = np.where(np.arange(120) % 20, "dark", "light")
    with pytest.warns(OwnModelWarning, match="always answering 'dark' would be right for 9.%"):
        uneven = own_model(model, (X[:120], right), (X[120:], labels))
    assert len(uneven.notes) == 1
    model.get_layer("head").kernel_regularizer = keras.regularizers.L2(0.1)
    with pytest.warns(OwnModelWarning, match="kernel_regularizer of 'head' won't be used"):
        own_model(model, (X[:120], right), NEW)
    made = run(uneven.settings(updates=3))
    task = made.settings.tasks().new
    answers = made.model("new").predict(task.x_test, verbose=0).argmax(axis=1)
    assert made.new_balanced_accuracy == pytest.approx(balanced_accuracy_score(task.y_test, answers))
    assert made.old_balanced_accuracy is None
    assert Run.from_text(json.dumps(made.to_dict())).new_balanced_accuracy == made.new_balanced_accuracy
    table = Panel(FreezeBoard(uneven.settings(), runs=[made])).rows[0]
    assert f"balanced accuracy of the new task {made.new_balanced_accuracy:.1%}" in table


@keras.saving.register_keras_serializable("tests")
def bent(x):
    return keras.ops.relu(x)


def chain(*between):
    """A network on rows of six numbers."""
    return keras.Sequential([keras.Input((6,)), layers.Dense(5, name="low"), *between, layers.Dense(2, name="last")])


ROWS = RNG.normal(size=(120, 6)).astype("float32")
OLD_ROWS, NEW_ROWS = (ROWS, np.arange(120) % 2), (ROWS, np.arange(120) % 3)


@keras.saving.register_keras_serializable("tests")
class Halved(layers.Layer):
    """Acts differently in training, and draws nothing."""

    def call(self, x, training=False):
        return x / 2 if training else x


@keras.saving.register_keras_serializable("tests")
class Unseeded(layers.Layer):
    """Draws from Keras's own generator."""

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x), stddev=1e-9)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::utils.user_model.OwnModelWarning")
def test_a_layer_of_the_readers_acts_as_in_training_where_it_is_frozen():
    """As `fit` has it: the first loss is that of halved features, which nothing keeps from update to update."""
    model = chain(Halved())
    mine = own_model(model, OLD_ROWS, NEW_ROWS)
    count = len(mine.pair.new.x_train)
    settings = mine.settings(strategy="feature extraction", updates=1, new_images=count, batch_size=count)
    kernel, bias = (
        weight.numpy() for weight in pretrained(mine.pair, settings.network, settings.seed).new_head.weights
    )
    logits = model.get_layer("low")(mine.pair.new.x_train).numpy() / 2 @ kernel + bias
    expected = keras.losses.sparse_categorical_crossentropy(mine.pair.new.y_train, logits, from_logits=True)
    assert run(settings).history["training_loss"][0] == pytest.approx(float(np.mean(expected)), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("between", "options", "says"),
    [
        ([layers.BatchNormalization(name="norm")], {}, "frozen by hand in the model: norm. .*train_norms=False"),
        ([layers.BatchNormalization(name="norm")], {"train_norms": False}, None),
        ([layers.Dense(5, name="norm")], {}, None),
        ([layers.SpectralNormalization(layers.Dense(4), name="norm")], {}, "norm: in fit, SpectralNormalization"),
        ([Unseeded()], {}, "in low, a layer draws random numbers without a seed"),
        ([layers.Dropout(0.5, name="norm")], {}, None),
    ],
    ids=["norm", "norm that stays", "a whole block", "spectral", "unseeded", "dropout"],
)
@pytest.mark.filterwarnings("ignore::utils.user_model.OwnModelWarning")
def test_what_is_not_as_in_fit_is_noted_by_name(between, options, says):
    model = chain(*[type(layer).from_config(layer.get_config()) for layer in between])
    model.layers[1].trainable = False
    notes = own_model(model, OLD_ROWS, NEW_ROWS, **options).notes
    notes = [note for note in notes if not note.startswith("the network classifies")]
    assert re.search(says, "".join(notes)) if says else notes == []


def test_a_part_of_a_layer_that_is_frozen_by_hand_is_noted():
    model = chain(layers.Dense(4, name="next"))
    model.get_layer("low").bias.trainable = False
    assert cut_model(model, (6,)).frozen_by_hand == ("low",)
    assert cut_model(chain(), (6,)).frozen_by_hand == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [
        [layers.Dense(2)],
        [layers.Dense(2, activation="softmax")],
        [layers.Dense(1, activation="sigmoid")],
        [layers.Dense(2, use_bias=False), layers.Dropout(0.5), layers.Softmax()],
        [layers.Dense(2, activation="log_softmax")],
        [layers.Dense(2, activation="sigmoid")],
        [layers.Dense(1)],
    ],
    ids=["logits", "softmax", "one sigmoid", "no bias, softmax behind", "log-softmax", "two sigmoids", "one logit"],
)
def test_the_network_answers_as_the_readers(head):
    """Whatever the head gives, the logits of the cut network mean the same: equal probabilities."""
    model = network(*[layer.__class__.from_config(layer.get_config()) for layer in head], seed=1)
    if head[0].units == 1:
        model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    else:
        model.compile("sgd", "mse" if head[0].activation is keras.activations.softmax else None)
    found = own_model(model, OLD, NEW)
    answers = model.predict(X[:16], verbose=0)
    logits = pretrained(found.pair, found.name).keras_model("old").predict(X[:16], verbose=0)
    ours = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    if head[0].activation is keras.activations.log_softmax:
        answers = np.exp(answers)
    elif head[0].activation is keras.activations.sigmoid and answers.shape[1] == 2:
        ours = 1 / (1 + np.exp(-logits))  # the larger one names the class, as in a softmax of the same logits
    elif answers.shape[1] == 1 and found.cut.head.outputs == "logits":
        ours = logits[:, 1:] - logits[:, :1]
    elif answers.shape[1] == 1:
        answers = np.concatenate([1 - answers, answers], axis=1)
    elif found.cut.head.outputs == "logits":
        answers = keras.ops.convert_to_numpy(keras.ops.softmax(answers))
    np.testing.assert_allclose(ours, answers, atol=1e-5)


@pytest.mark.slow
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


@pytest.mark.slow
def test_frozen_forgets_nothing_and_fine_tuning_moves_all(mine):
    frozen = run(mine.settings(strategy="feature extraction", **QUICK))
    assert frozen.forgetting == 0 and not frozen.history["drift"][-1][:2].any()
    half = run(mine.settings(trained_layers=["shapes", "new_head"], **QUICK))
    moved = dict(zip(half.layer_names, half.history["drift"][-1], strict=True))
    assert moved["edges"] == 0 < moved["shapes"]


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["learning without forgetting", "joint training", "network expansion"])
def test_other_strategies_take_it(mine, strategy):
    made = run(mine.settings(strategy=strategy, **QUICK))
    assert made.status == "finished" and np.isfinite(made.history["new_loss"]).all()


@pytest.mark.slow
def test_a_block_is_opened_to_its_layers():
    x = image = keras.Input((8, 8, 1))
    for number in range(12):
        x = layers.Conv2D(2, 3, padding="same", name=f"stage{number // 4}_conv{number}")(x)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(x)), name="long")
    found = own_model(model, OLD, NEW)
    assert list(found.blocks) == ["stage0", "stage1", "stage2"]
    opened = run(found.settings(backbone=found.opened("stage1"), **QUICK))
    assert opened.layer_names[:-2] == ("before", *(f"stage1_conv{i}" for i in range(4, 8)), "behind")
    with pytest.raises(OwnModelError, match="^block='stage7' .*stage0, stage1, stage2"):
        found.opened("stage7")


@pytest.mark.slow
def test_still_norms_stay_whatever_trains():
    model = network(seed=4)
    norms = run(own_model(model, OLD, NEW).settings(**QUICK))
    frozen_norms = run(own_model(model, OLD, NEW, train_norms=False).settings(**QUICK))
    assert norms.settings.pair != frozen_norms.settings.pair
    assert norms.history["drift"][-1][0] > 0 < frozen_norms.history["drift"][-1][0]
    last = own_model(model, OLD, NEW, train_norms=False)
    kept = pretrained(last.pair, last.name).blocks[0].frozen
    assert [type(layer) for layer in kept] == [layers.BatchNormalization]


@pytest.mark.slow
def test_a_name_stands_for_weights_and_data():
    mine = own_model(network(), OLD, NEW)
    assert own_model(network(), OLD, NEW) is mine
    assert own_model(network(seed=9), OLD, NEW).name != mine.name
    by_hand = network()
    by_hand.get_layer("edges").kernel.constraint = keras.constraints.NonNeg()  # which no config has
    assert own_model(by_hand, OLD, NEW).name != mine.name
    assert own_model(network(), task_from(OLD, "old_task", columns=2, seed=1), NEW).name != mine.name


@pytest.mark.slow
def test_a_model_that_wants_its_input_in_a_list_gives_no_warning(recwarn):
    inner = network(seed=32)
    found = own_model(keras.Model([inner.inputs[0]], [inner.outputs[0]], name="listed"), OLD, NEW)
    assert found.cut.head.classes == own_model(inner, OLD, NEW).cut.head.classes
    assert not [warning for warning in recwarn if "structure of `inputs`" in str(warning.message)]


@pytest.mark.slow
def test_its_steps_are_counted_to_the_end_known_or_not():
    def counting(steps):
        for step in steps:
            yield step
            seen.append(step)
        seen.append("end")

    for _ in range(2):
        seen = []
        own_model(network(seed=31), OLD, NEW, progress=counting)
        assert seen == ["read", "cut", "compare", "end"]


@pytest.mark.slow
def test_two_networks_that_would_share_a_name_get_longer_ones(monkeypatch):
    digests = iter(["abcd" + "0" * 28, "abcd1" + "0" * 27])
    monkeypatch.setattr(model_module, "digest_of", lambda *given: next(digests))
    first, second = (own_model(network(seed=seed), OLD, NEW, name="shared") for seed in (5, 6))
    assert (first.name, second.name) == ("shared-abcd", "shared-abcd1")
    assert load_pair(first.name) is first.pair and load_pair(second.name) is second.pair


@pytest.mark.slow
def test_what_failed_its_check_is_not_kept(monkeypatch):
    before = set(model_module._known)
    monkeypatch.setattr(model_module, "pretrained", lambda *given: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            own_model(network(seed=7), OLD, NEW, name="failing")
    assert set(model_module._known) <= before  # others may have been freed meanwhile


def _adapted_chain():
    norm = layers.Normalization()
    norm.adapt(X[:120] * 40)
    return keras.Sequential([keras.Input((8, 8, 1)), norm, layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2)])


def _adapted_inside():
    base = keras.applications.EfficientNetB0(input_shape=(32, 32, 3), include_top=False, pooling="avg", weights=None)
    norm = next(layer for layer in base.layers if isinstance(layer, layers.Normalization))
    norm.adapt(np.random.default_rng(0).normal(3, 2, (50, 32, 32, 3)).astype(np.float32))
    x = keras.Input((8, 8, 1))
    y = layers.Concatenate()([layers.UpSampling2D(4)(x)] * 3)
    return keras.Model(x, layers.Dense(2)(base(y)))


@pytest.mark.slow
@pytest.mark.parametrize("make", [_adapted_chain, pytest.param(_adapted_inside, marks=pytest.mark.exhaustive)])
def test_layers_adapted_to_data_keep_what_they_learned(make):
    keras.utils.set_random_seed(0)
    model = make()
    found = own_model(model, OLD, NEW)
    ours = pretrained(found.pair, found.name).keras_model("old").predict(X[:16], verbose=0)
    answers = model.predict(X[:16], verbose=0)
    np.testing.assert_allclose(ours, answers, atol=1e-2 * np.ptp(answers))
    assert run(found.settings(**QUICK | {"updates": 2, "evaluate_every": 1})).status == "finished"


@pytest.mark.slow
def test_small_answers_are_compared_as_closely_as_large_ones():
    head = layers.Dense(2, activation=bent, name="head")
    model = network(head, seed=8)
    head.kernel.assign(head.kernel * 1e-4)
    with pytest.raises(OwnModelError, match="answers differently"):
        own_model(model, OLD, NEW, outputs="logits")


@pytest.mark.slow
def test_a_block_that_begins_at_zero_has_a_drift():
    keras.utils.set_random_seed(0)
    made = [layers.Conv2D(3, 3), layers.PReLU(name="kink"), layers.Flatten(), layers.Dense(2)]
    found = own_model(keras.Sequential([keras.Input((8, 8, 1)), *made]), OLD, NEW)
    ended = run(found.settings(**QUICK))
    assert ended.status == "finished"
    assert not ended.history["drift"][:, ended.layer_names.index("kink")].any()


@pytest.mark.slow
def test_any_name_of_a_layer_will_do():
    """A graph allows few characters, and Keras any: the reader's names stay in what is shown."""
    chosen = "_low", "层", "<b>&", "a;b+c"
    made = [layers.Dense(6, name=name) for name in chosen]
    found = own_model(keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), *made, layers.Dense(2)]), OLD, NEW)
    assert sum(found.blocks.values(), ()) == chosen
    ended = run(found.settings(**QUICK | {"updates": 2, "evaluate_every": 1}))
    assert ended.status == "finished" and Settings.from_text(ended.settings.to_text()) == ended.settings


@pytest.mark.slow
def test_layers_may_have_the_names_of_what_is_put_beside_them():
    keras.utils.set_random_seed(0)
    base = keras.Sequential([keras.Input((64,)), layers.Dense(6, name="twice")])
    beside = [layers.Dense(6, name=name) for name in ("old_head", "new_head", "image", "expansion", "twice")]
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), base, *beside, layers.Dense(2, name="last")])
    found = own_model(model, OLD, NEW)
    assert run(found.settings(strategy="network expansion", **QUICK)).status == "finished"
    assert list(found.blocks.values())[1:4] == [("old_head",), ("new_head",), ("image",)]


@pytest.mark.slow
def test_any_number_side_by_side_and_what_nobody_has_is_freed():
    several = [own_model(network(seed=20 + i), OLD, NEW) for i in range(4)]
    names = [model.name for model in several]
    assert len(set(names)) == 4 and all(load_pair(model.name) is model.pair for model in several)
    first = run(several[0].settings(**QUICK))
    run(several[-1].settings(**QUICK))
    assert run(several[0].settings(**QUICK)).new_accuracy == first.new_accuracy  # as if no other had been taken up
    assert Settings(pair=names[2]).tasks() is several[2].pair

    held = [weakref.ref(model.cut) for model in several]
    settings = several[0].settings(**QUICK)
    del several
    gc.collect()
    run(settings)  # whoever wants an engine frees those that nobody can want
    gc.collect()
    assert [name for name in names if name in PAIRS] == [name for name in names if name in BACKBONES] == names[:1]
    assert [ref() is not None for ref in held] == [True] + 3 * [False]
    assert own_model(network(seed=20), OLD, NEW).name == settings.pair
    with pytest.raises(SettingsError, match=rf"pair='{names[1]}'.*own_model"):
        Settings(pair=names[1])
