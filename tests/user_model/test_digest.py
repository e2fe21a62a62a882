"""Which networks of the reader's own are one and the same: a name stands for all that a run depends on."""

import keras
import numpy as np
import pytest
from keras import layers

from utils import own_model
from utils.models import pretrained
from utils.tasks import task_from
from utils.user_model.digest import digest_of

RNG = np.random.default_rng(3)
X = RNG.random((240, 8, 8, 1), dtype=np.float32)
OLD = X[:120], np.arange(120) % 2
NEW = X[120:], np.array(["dark", "light"])[np.arange(120) % 2]


def small(activation="relu", **given):
    keras.utils.set_random_seed(0)
    made = [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation=activation, **given), layers.Dense(2)]
    return keras.Sequential(made, name="small")


@pytest.mark.slow
def test_a_name_stands_for_all_else_too():
    """The same weights in another network, other examples to learn from, other words: none is what was there before."""
    x, y = NEW
    further = small()
    further.set_weights([weight + 0.01 for weight in further.get_weights()])
    seen = own_model(small(), OLD, NEW).pair.new.x_train[0]
    changed = np.where((x == seen).all(axis=(1, 2, 3), keepdims=True), x + 1e-3, x)
    found = [
        own_model(small(), OLD, NEW),
        own_model(small("tanh"), OLD, NEW),
        own_model(further, OLD, NEW),
        own_model(small(), OLD, NEW, train_norms=False),
        own_model(small(), OLD, (x, (y == "light").astype(int))),
        own_model(small(), OLD, task_from((x, (y == "light").astype(int)), "new_task", class_names=("night", "day"))),
        own_model(small(), OLD, (changed, y)),
    ]
    assert len({model.name for model in found}) == len(found)
    assert found[5].pair.new.class_names == ("night", "day")
    x = OLD[0][:8]
    answers = [pretrained(model.pair, model.name).keras_model("old")(x).numpy() for model in found[:2]]
    assert not np.allclose(*answers)


@keras.saving.register_keras_serializable("test")
class _Unwritable(layers.Dense):
    """Its config holds what JSON has no word for."""

    def __init__(self, units, made_of=None, **given):
        super().__init__(units, **given)
        self.made_of = made_of

    def get_config(self):
        return super().get_config() | {"made_of": {1j: self.made_of}}

    @classmethod
    def from_config(cls, config):
        return cls(**config | {"made_of": config["made_of"][1j]})


def test_a_network_that_cannot_be_written_as_json_is_told_by_its_configs():
    def made(kind):
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), _Unwritable(3, kind), layers.Dense(2)])
        model.set_weights([np.full(weight.shape, 0.1, np.float32) for weight in model.weights])
        return model

    with pytest.raises(TypeError):
        made("a").to_json()
    digests = [digest_of(made(kind), ()) for kind in ("a", "a", "b")]
    assert digests[0] == digests[1] != digests[2]

    def joined(order):
        x = keras.Input((4,))
        low = _Unwritable(3)(x)
        model = keras.Model(x, keras.ops.subtract(*[low, layers.Dense(3)(low)][::order]))
        model.set_weights([np.full(weight.shape, 0.1, np.float32) for weight in model.weights])
        return model

    digests = [digest_of(joined(order), ()) for order in (1, 1, -1)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.slow
def test_operations_and_names_that_keras_makes_up_are_the_same_again():
    def made(operation):
        x = keras.Input((4,))
        y = layers.Dense(3, kernel_initializer="ones")(x)
        return keras.Model(x, operation(y, layers.Dense(3, kernel_initializer="ones")(x)))

    add, times = keras.ops.add, keras.ops.multiply
    digests = [digest_of(made(operation), ()) for operation in (add, add, times)]
    assert digests[0] == digests[1] != digests[2]
    assert digest_of(small(), ()) == digest_of(small(), ()) != digest_of(small(name="mine"), ())
