"""A network of the reader's own: checked, cut into blocks by its own structure, its head found."""

import re

import keras
import numpy as np
import pytest
from keras import layers

from utils.user_model import MOST_BLOCKS, cut_model, load_user_model
from utils.user_model.checks import OwnModelError, check_user_model


def sequential(*behind, units=4, activation="softmax"):
    head = layers.Dense(units, activation=activation, name="head")
    return keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(3, 3, name="edges"), layers.BatchNormalization(name="norm"),
         layers.Flatten(), layers.Dense(5, activation="relu", name="mix"), head, *behind]
    )  # fmt: skip


def residual():
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, padding="same", name="stem")(image)
    y = layers.Conv2D(3, 3, padding="same", name="unit_a")(x)
    y = layers.BatchNormalization(name="unit_norm")(y)
    x = layers.Add()([x, layers.Conv2D(3, 3, padding="same", name="unit_b")(y)])
    return keras.Model(image, layers.Dense(4, name="head")(layers.GlobalAveragePooling2D()(x)))


@keras.saving.register_keras_serializable("tests")
def shifted(x):
    return x + 1


def refused(model, **given) -> str:
    with pytest.raises(OwnModelError) as caught:
        cut_model(model, model.inputs[0].shape[1:], **given)
    return str(caught.value)


def test_a_chain_is_cut_at_each_layer_with_weights():
    found = cut_model(sequential(), (8, 8, 1))
    assert found.contents == {"edges": ("edges", "norm"), "mix": ("mix",)}
    assert (found.head.name, found.head.classes, found.head.outputs) == ("head", 4, "probabilities")
    assert found.layer_count == 4


def test_a_residual_unit_is_one_block():
    """Between its layers two tensors pass, so that none of them can be cut off."""
    found = cut_model(residual(), (8, 8, 1))
    assert [set(names) for names in found.contents.values()] == [{"stem"}, {"unit_a", "unit_norm", "unit_b"}]
    assert found.head.outputs == "logits"


def test_a_nested_base_is_opened():
    base = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3, name="a"), layers.Conv2D(2, 3, name="b")])
    model = keras.Sequential([keras.Input((8, 8, 1)), base, layers.Flatten(), layers.Dense(3, name="head")])
    assert list(cut_model(model, (8, 8, 1)).contents) == ["a", "b"]


@keras.saving.register_keras_serializable("tests")
class TwoLayers(layers.Layer):
    """A layer of layers, whose get_config(), Keras's own, leaves out its name."""

    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.second = layers.Dense(6), layers.Dense(5)

    def call(self, x):
        return self.second(self.first(x))


def test_blocks_have_the_names_that_the_reader_gave_not_those_of_cells_and_inner_layers():
    chain = [
        layers.Input((6, 4)),
        layers.LSTM(5, return_sequences=True, name="first_lstm"),
        layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both_ways"),
        layers.RNN([layers.GRUCell(4), layers.GRUCell(4)], return_sequences=True, name="stack"),
        layers.TimeDistributed(layers.Dense(4), name="each_step"),
        layers.SpectralNormalization(layers.Conv1D(4, 3), name="normed"),
        layers.Flatten(),
        TwoLayers(name="my_two"),
        layers.Dense(3, activation="softmax"),
    ]
    cut = cut_model(keras.Sequential(chain), (6, 4))
    names = ["first_lstm", "both_ways", "stack", "each_step", "normed", "my_two"]
    assert [name for name, _ in cut.groups] == names
    assert cut.contents == {name: (name,) for name in names} and cut.layer_count == 7


def test_a_layer_used_twice_stays_in_one_block():
    twice, x = layers.Dense(6, name="twice"), keras.Input((6,))
    between = layers.Dense(6, name="between")
    model = keras.Model(x, layers.Dense(3, name="head")(twice(between(twice(layers.Dense(6, name="first")(x))))))
    assert [set(names) for names in cut_model(model, (6,)).contents.values()] == [{"first"}, {"twice", "between"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        "MobileNetV2",
        "ResNet50",
        pytest.param("EfficientNetB0", marks=pytest.mark.exhaustive),
        "VGG16",
        pytest.param("DenseNet121", marks=pytest.mark.exhaustive),
    ],
)
def test_deep_networks_stay_readable(make):
    """Each layer with weights lies in exactly one of a few blocks, in order."""
    base = getattr(keras.applications, make)(input_shape=(32, 32, 3), include_top=False, pooling="avg", weights=None)
    model = keras.Sequential([keras.Input((32, 32, 3)), base, layers.Dense(4, name="head")])
    found = cut_model(model, (32, 32, 3))
    assert 3 <= len(found.contents) <= MOST_BLOCKS
    named = [name for names in found.contents.values() for name in names]
    having = {layer.name for layer in base._flatten_layers() if layer.weights and not layer._layers}
    assert len(named) == len(set(named)) and set(named) == having


def test_outputs_are_told_apart():
    assert cut_model(sequential(activation=None), (8, 8, 1)).head.outputs == "logits"
    assert cut_model(sequential(layers.Softmax(), activation=None), (8, 8, 1)).head.outputs == "probabilities"
    head = cut_model(sequential(units=1, activation="sigmoid"), (8, 8, 1)).head
    assert (head.classes, head.outputs, head.is_single_unit) == (2, "probabilities", True)
    unknown = sequential(activation=shifted)
    assert "outputs='probabilities'" in refused(unknown)
    assert cut_model(unknown, (8, 8, 1), outputs="logits").head.outputs == "logits"
    for behind, activation in (((), "relu"), ((layers.Softmax(),), "relu"), ((), "softplus")):
        for said in (None, "logits", "probabilities"):  # no circle: what can't be meant isn't asked for
            message = refused(sequential(*behind, activation=activation), outputs=said)
            assert re.search(f"'{activation}.* end the model in Dense", message)
    assert "one unit with a softmax" in refused(sequential(units=1))
    assert re.search("outputs='logits' .*'head' .*probabilities", refused(sequential(), outputs="logits"))
    assert re.search("outputs='numbers' .*'logits', 'probabilities'", refused(sequential(), outputs="numbers"))


def test_one_sigmoid_is_two_columns():
    """sigmoid(z) = softmax(0, z)[1]."""
    model = sequential(units=1, activation="sigmoid")
    kernel, bias = cut_model(model, (8, 8, 1)).head_weights
    assert kernel.shape == (5, 2) and bias.shape == (2,)
    assert not kernel[:, 0].any()
    assert np.array_equal(kernel[:, 1:], model.get_layer("head").kernel.numpy())


class _Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x):
        return self.dense(x)


def _several(way):
    x, other = keras.Input((4,), name="one"), keras.Input((4,), name="other")
    heads = [layers.Dense(3, name=name)(layers.Dense(5, name=f"to_{name}")(x)) for name in ("left", "right")]
    if way == "outputs":
        return keras.Model(x, heads)
    return keras.Model([x, other], layers.Dense(2)(layers.Concatenate()([x, other])))


def _subclassed():
    model = _Subclassed()
    model(np.zeros((1, 4), np.float32))
    return model


def _by_name(inputs=False):
    x = keras.Input((4,))
    y = layers.Dense(3)(layers.Dense(5)(x))
    return keras.Model({"i": x} if inputs else x, y if inputs else {"o": y})


def _regression():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5), layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def _quantized():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, name="low"), layers.Dense(3)])
    model.quantize("int8")
    return model


def _half():
    return keras.Sequential([keras.Input((4,)), layers.Dense(8, name="half", dtype="mixed_float16"), layers.Dense(3)])


def _of_texts():
    words = layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=4, name="words")
    x = keras.Input((1,), dtype="string")
    return keras.Model(x, layers.Dense(2)(layers.Flatten()(layers.Embedding(4, 3)(words(x)))))


def _stateful():
    x = keras.Input(batch_shape=(2, 5, 3))
    return keras.Model(x, layers.Dense(2)(layers.LSTM(4, stateful=True, name="memory")(x)))


def _of_whole_numbers(lookup):
    x = keras.Input((1,), dtype="int64")
    return keras.Model(x, layers.Dense(2)(layers.Flatten()(layers.Embedding(9, 3)(lookup(x)))))


def _diverged():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, name="lost"), layers.Dense(3)])
    model.get_layer("lost").bias.assign(np.full(8, np.nan))
    return model


REFUSED = [
    (_of_texts, r"'words' looks up texts.*get_layer\('words'\)"),
    (
        lambda: _of_whole_numbers(layers.IntegerLookup(vocabulary=[1, 2], name="ids")),
        r"'ids' looks up.*get_layer\('ids'\)",
    ),
    (lambda: _of_whole_numbers(layers.Hashing(8, name="hashed")), "'hashed' looks up"),
    (_diverged, "'lost' .*finite"),
    (_stateful, "'memory' is stateful.*stateful=False"),
    (lambda: "model", r"\bstr isn't a keras\.Model.*\.keras\b"),
    (lambda: keras.Sequential([layers.Dense(3)]), r"isn't built.*keras\.Input"),
    (_subclassed, "_Subclassed .*own"),
    (lambda: _several("outputs"), r"2 outputs \('keras_tensor"),
    (lambda: _several("inputs"), r"2 inputs \('one', 'other'\)"),
    (_by_name, r"outputs by name, {'o': …}.*keras\.Model\(model\.inputs\[0\]"),
    (lambda: _by_name(inputs=True), "inputs by name, {'i': …}"),
    (_quantized, "'low' .*int8"),
    (_half, "'half' .*float16.*float32"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "says"), REFUSED, ids=[says[:25] for _, says in REFUSED])
def test_what_cannot_be_taken_up_says_what_is_expected(make, says):
    with pytest.raises(OwnModelError, match=says):
        check_user_model(make())


def test_what_a_model_was_compiled_with_need_not_be_copied():
    model = sequential()
    model.compile("sgd", loss=lambda y, z: z, metrics=[lambda y, z: z])
    assert cut_model(model, (8, 8, 1)).head.classes == 4
    assert model.compiled


def test_a_function_that_cannot_be_copied_is_explained_in_short():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, activation=lambda x: x), layers.Dense(3)])
    message = refused(model)
    assert "register_keras_serializable" in message and "config={" not in message


def test_heads_that_are_none():
    conv = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3), layers.Conv2D(4, 3, name="last")])
    assert "'last', a Conv2D" in refused(conv)
    alone = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="only")])
    assert "'only' is its only layer" in refused(alone)
    for before in (layers.Flatten(), layers.Normalization()):
        behind = keras.Sequential([keras.Input((4,)), before, layers.Dense(3, name="only")])
        assert "'only' is its only layer" in refused(behind)
    x = keras.Input((4,))
    operation = keras.Model(x, keras.ops.softmax(layers.Dense(3, name="last")(layers.Dense(5)(x))))
    assert re.search(r"'last'.*\boperation 'softmax'.*keras\.layers\.Softmax\(\)", refused(operation), re.DOTALL)
    number = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1, name="number")])
    assert re.search("'number'.*regression.*outputs='logits'", refused(number))
    assert re.search("'mse'.*regression.*outputs='logits'", refused(_regression()))
    assert cut_model(_regression(), (4,), outputs="logits").head.outputs == "logits"


def test_a_file_is_read_in_safe_mode_only(tmp_path):
    model = sequential()
    model.save(tmp_path / "good.keras")
    assert np.array_equal(load_user_model(tmp_path / "good.keras").get_weights()[0], model.get_weights()[0])
    unsafe = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x * 2), layers.Dense(3)])
    unsafe.save(tmp_path / "unsafe.keras")
    (tmp_path / "junk.keras").write_bytes(b"junk")
    for name, says in [
        ("unsafe.keras", "safe mode"),
        ("junk.keras", "safe mode"),
        ("none.keras", "none.keras.*no such"),
        ("model.h5", r"only \.keras"),
    ]:
        with pytest.raises(OwnModelError, match=says):
            load_user_model(tmp_path / name)
