"""set_trainable on readers' own models: what it says happens, bit for bit, whatever was done before."""

import keras
import numpy as np
import pytest
from keras import layers

from utils.freezing import set_trainable
from utils.models import pretrained

X = np.random.default_rng(0).random((32, 6), "float32")
Y = np.random.default_rng(1).integers(0, 3, 32)


def sequential():
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5, activation="tanh", name="low"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(4, activation="tanh", name="high"),
            layers.Dense(3, name="head"),
        ],
        name="plain",
    )


def functional():
    x = keras.Input((6,))
    low = layers.Dense(5, activation="tanh", name="low")(x)
    norm = layers.BatchNormalization(name="norm")(low)
    high = layers.Dense(5, activation="tanh", name="high")(norm)
    return keras.Model(x, layers.Dense(3, name="head")(layers.Add()([low, high])), name="branched")


def nested():
    """A base with an inner model and a batch normalization, as in the well-known recipes."""
    x = keras.Input((6,))
    inner = keras.Sequential(
        [layers.Dense(5, name="low"), layers.BatchNormalization(name="norm")], name="inner"
    )
    base = keras.Model(x, layers.Dense(4, activation="tanh", name="high")(inner(x)), name="base")
    return keras.Sequential([keras.Input((6,)), base, layers.Dense(3, name="head")], name="nested")


class Scaled(layers.Layer):
    """A layer with a weight of its own beside a layer that it contains."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.low = layers.Dense(5, name="low")

    def build(self, shape):
        self.low.build(shape)
        self.scale = self.add_weight(shape=(5,), initializer="ones", name="scale")
        self.counter = self.add_weight(shape=(), initializer="zeros", trainable=False, name="counter")

    def call(self, x):
        return self.low(x) * self.scale


def with_own_weights():
    return keras.Sequential(
        [
            keras.Input((6,)),
            Scaled(name="scaled"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(4, name="high"),
            layers.Dense(3, name="head"),
        ],
        name="custom",
    )


MODELS = {
    "sequential": sequential,
    "functional": functional,
    "nested": nested,
    "with own weights": with_own_weights,
}


@pytest.fixture(
    params=[
        pytest.param("sequential", marks=pytest.mark.exhaustive),  # "with own weights" is one, too
        pytest.param("functional", marks=pytest.mark.exhaustive),  # the nested one has such a base
        "nested",
        "with own weights",
    ]
)
def model(request):
    keras.utils.set_random_seed(0)
    return MODELS[request.param]()


def compiled(model, optimizer="adam", **arguments):
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), **arguments)
    return model


def moved_by_fit(model, epochs=1) -> set[str]:
    """The layers any of whose weights a fit changes, by their own name, the innermost."""
    owners = [
        layer
        for layer in model._flatten_layers()
        if layer._trainable_variables + layer._non_trainable_variables
    ]

    def bits(layer):
        return [v.numpy().tobytes() for v in layer._trainable_variables + layer._non_trainable_variables]

    before = {layer.name: bits(layer) for layer in owners}
    model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0)
    return {layer.name for layer in owners if bits(layer) != before[layer.name]}


# It takes effect


@pytest.mark.slow
def test_exactly_these_layers_move(model):
    """Whatever was compiled, fitted and frozen before."""
    compiled(model)
    model.fit(X, Y, verbose=0)
    for trained in (["head"], ["norm", "high"], ["low", "norm", "high", "head"], ["low"]):
        set_trainable(model, trained)
        assert moved_by_fit(model) == set(trained)
        # What Keras's own counts say, and what a reader sees in `summary()`, agrees.
        assert {w.path for w in model.trainable_weights} == {
            w.path for name in trained for w in find(model, name).trainable_weights
        }


def find(model, name):
    return next(layer for layer in model._flatten_layers() if layer.name == name)


def test_nothing_trains(model):
    compiled(model)
    set_trainable(model, [])
    assert model.trainable_weights == []
    assert not any(layer.trainable for layer in model._flatten_layers() if layer.weights)


@pytest.mark.slow
def test_before_it_is_compiled(model):
    set_trainable(model, ["high"])
    assert not model.compiled
    compiled(model)
    assert moved_by_fit(model) == {"high"}


@pytest.mark.slow
def test_a_name_stands_for_all_inside():
    model = compiled(nested())
    set_trainable(model, ["base"])
    assert moved_by_fit(model) == {"low", "norm", "high"}
    set_trainable(model, ["inner", "head"])
    assert moved_by_fit(model) == {"low", "norm", "head"}
    set_trainable(compiled(scaled := with_own_weights()), ["scaled"])
    assert moved_by_fit(scaled) == {"scaled", "low"}


@pytest.mark.slow
def test_a_container_s_own_weights_are_frozen_with_it():
    """Though the layer inside it trains."""
    model = compiled(with_own_weights())
    set_trainable(model, ["low"])
    assert [w.name for w in model.trainable_weights] == ["kernel", "bias"]
    assert moved_by_fit(model) == {"low"}
    set_trainable(model, ["scaled"])
    assert len(model.trainable_weights) == 3
    assert find(model, "scaled").counter.numpy() == 0


def test_flags_of_containers_agree_with_what_is_inside():
    model = nested()

    def flags():
        return {layer.name for layer in model._flatten_layers() if layer.trainable and layer.weights}

    set_trainable(model, ["high"])
    assert flags() == {"nested", "base", "high"}
    set_trainable(model, ["low"])
    assert flags() == {"nested", "base", "inner", "low"}
    set_trainable(model, ["head"])
    assert flags() == {"nested", "head"}
    set_trainable(model, ["inner"])
    assert flags() == {"nested", "base", "inner", "low", "norm"}


def shared():
    """Two branches that share a layer; each has one of its own."""
    x, both = keras.Input((6,)), layers.Dense(5, name="both")
    left = keras.Sequential([keras.Input((6,)), both, layers.Dense(5, name="left_own")], name="left")
    right = keras.Sequential([keras.Input((6,)), both, layers.Dense(5, name="right_own")], name="right")
    return keras.Model(x, layers.Dense(3, name="head")(layers.Add()([left(x), right(x)])), name="twins")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trained", "moved"),
    [
        pytest.param(["left"], {"both", "left_own"}, marks=pytest.mark.exhaustive),
        (["right"], {"both", "right_own"}),
        pytest.param(["both"], {"both"}, marks=pytest.mark.exhaustive),
        (["left_own", "head"], {"left_own", "head"}),
        pytest.param(["left", "right"], {"both", "left_own", "right_own"}, marks=pytest.mark.exhaustive),
    ],
    ids=lambda names: "+".join(sorted(names)),  # a set's own order changes from process to process
)
def test_a_layer_in_two_places_trains_if_it_is_meant_in_one(trained, moved):
    model = compiled(shared())
    set_trainable(model, trained)
    assert moved_by_fit(model) == moved


@pytest.mark.slow
def test_a_layer_called_like_its_model():
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, name="low"), layers.Dense(3, name="net")], name="net"
    )
    set_trainable(compiled(model), ["net"])
    assert moved_by_fit(model) == {"net"}


@pytest.mark.slow
def test_batch_normalization_called_for_inference_only():
    """The recipe of the guides: in Keras 3.15 `training=False` doesn't stop its statistics, freezing does."""
    x = keras.Input((6,))
    base = keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, name="low"), layers.BatchNormalization(name="norm")]
    )
    model = keras.Model(x, layers.Dense(3, name="head")(base(x, training=False)))
    set_trainable(compiled(model), ["low", "head"])
    assert moved_by_fit(model) == {"low", "head"}


@pytest.mark.slow
def test_our_own_networks_too():
    transfer = pretrained("digits-drawings", "small_resnet")
    model = compiled(transfer.keras_model("new"))
    x = np.random.default_rng(0).random((8, 28, 28, 1), "float32")
    set_trainable(model, ["stage2", "new_head"])
    before = transfer.snapshot()
    model.fit(x, np.arange(8), verbose=0)
    after = transfer.snapshot()
    changed = {
        n for n in before for a, b in zip(before[n], after[n], strict=True) if not np.array_equal(a, b)
    }
    assert changed == {"stage2", "new_head"}


# What was compiled


@pytest.mark.slow
def test_loss_metrics_and_optimizer_settings_stay():
    model = sequential()
    optimizer = keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True, clipnorm=2.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        optimizer,
        loss,
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2, "top2")],
        weighted_metrics=["accuracy"],
        steps_per_execution=2,
    )
    model.fit(X, Y, batch_size=8, verbose=0)
    optimizer.learning_rate = 0.02
    before = model.evaluate(X, Y, verbose=0, return_dict=True)
    set_trainable(model, ["head"])
    after = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert after == pytest.approx(before) and {"accuracy", "top2", "loss", "weighted_accuracy"} == set(after)
    assert model.loss is loss and model.steps_per_execution == 2
    assert type(model.optimizer) is keras.optimizers.SGD and model.optimizer is not optimizer
    config = model.optimizer.get_config()
    assert (config["momentum"], config["nesterov"], config["clipnorm"]) == (0.8, True, 2.0)
    assert config["learning_rate"] == pytest.approx(0.02)
    assert moved_by_fit(model) == {"head"}


@pytest.mark.slow
def test_momentum_starts_anew():
    model = compiled(sequential(), keras.optimizers.Adam(0.01))
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations) == 1
    set_trainable(model, ["head"])
    assert int(model.optimizer.iterations) == 0
    model.fit(X, Y, verbose=0)
    assert len(model.optimizer.variables) == 2 + 2 * 2  # step and rate; two slots for kernel and bias


@pytest.mark.slow
def test_a_schedule_of_the_rate_goes_on_where_it_was():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([6], [0.1, 0.001])
    model = compiled(sequential(), keras.optimizers.SGD(schedule))
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)  # eight updates: beyond the boundary
    set_trainable(model, ["head"])
    assert int(model.optimizer.iterations) == 8
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    model.fit(X, Y, batch_size=8, verbose=0)
    assert int(model.optimizer.iterations) == 12


@pytest.mark.slow
def test_a_model_from_a_file(tmp_path):
    model = compiled(nested())
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    set_trainable(loaded, ["low"])
    assert moved_by_fit(loaded) == {"low"}


@pytest.mark.slow
def test_half_precision():
    """Keras wraps the optimizer there."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = compiled(sequential(), keras.optimizers.SGD(0.1))
    finally:
        keras.config.set_dtype_policy("float32")
    model.fit(X, Y, verbose=0)
    set_trainable(model, ["head"])
    assert moved_by_fit(model, epochs=3) == {"head"}


def test_weights_are_left_alone(model):
    compiled(model)
    before = model.get_weights()
    set_trainable(model, ["low"])
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


# What is refused


def test_an_unknown_name_lists_the_near_ones():
    with pytest.raises(ValueError, match="layers: 'nested' .*'hihg'; near: high"):
        set_trainable(nested(), ["head", "hihg"])
    with pytest.raises(ValueError, match="'zzz'; near: base, head, high, inner, .*low, norm"):
        set_trainable(nested(), ["zzz"])
    with pytest.raises(ValueError, match="no layer 'nested'"):  # the model isn't one of its layers
        set_trainable(nested(), ["nested"])
    with pytest.raises(ValueError, match="layers: 5 is no name.*layers=5"):
        set_trainable(nested(), [5])


@pytest.mark.slow
def test_a_refusal_changes_nothing(model):
    compiled(model)
    set_trainable(model, ["high"])
    optimizer = model.optimizer
    for wrong in (["low", "nothing"], ["low", "low"], "low"):
        with pytest.raises(ValueError, match="layers: "):
            set_trainable(model, wrong)
    assert model.optimizer is optimizer
    assert moved_by_fit(model) == {"high"}


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match=r"layers: \['low', 'low'\] .*twice: 'low'"):
        set_trainable(sequential(), ["low", "low"])


def test_a_text_is_refused():
    with pytest.raises(ValueError, match=r"layers: 'low' is a text.*\['low'\]"):
        set_trainable(sequential(), "low")


def test_a_model_without_weights_yet_is_refused():
    model = keras.Sequential([layers.Dense(3, name="head")], name="young")
    with pytest.raises(ValueError, match="model: 'young' isn't built yet"):
        set_trainable(model, ["head"])


def test_names_in_any_form(model):
    for names in (("high", "head"), {"high", "head"}, (n for n in ("head", "high")), {"high": 1, "head": 2}):
        set_trainable(model, names)
        assert [w.path for w in model.trainable_weights] == [
            w.path for name in ("high", "head") for w in find(model, name).trainable_weights
        ]
