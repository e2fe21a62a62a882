"""The private attributes of Keras: each does what it is used for, is missed by name, and is used in one file only."""

import ast
from importlib.metadata import version

import keras
import pytest
from keras import layers

from utils import keras_internals


def small(kind="functional"):
    inputs = keras.Input((4, 4, 1), name="inputs")
    conv = layers.Conv2D(2, 3, name="conv")
    norm = layers.BatchNormalization(name="norm")
    body = keras.Sequential([keras.Input((4, 4, 1)), conv, norm], name="body")
    head = layers.Dense(3, name="head")
    if kind == "sequential":
        return keras.Sequential([inputs, body, layers.Flatten(name="flat"), head])
    return keras.Model(inputs, head(layers.Flatten(name="flat")(body(inputs))))


def names(items):
    return [item.name for item in items]


def test_it_was_checked_with_the_version_that_is_installed():
    assert version("keras") == keras_internals.CHECKED_WITH


def test_layers_directly_inside_and_all_of_them():
    model = small()
    assert names(keras_internals.child_layers(model)) == ["inputs", "body", "flat", "head"]
    every = names(keras_internals.flat_layers(model))
    assert every[0] == model.name and {"body", "conv", "norm", "head"} <= set(every)
    assert every.index("body") < every.index("conv")
    wrapped = layers.TimeDistributed(layers.Dense(2, name="wrapped"))
    assert "wrapped" in names(keras_internals.flat_layers(wrapped))


def test_weights_of_the_layer_itself():
    model = small()
    body = model.get_layer("body")
    norm = body.get_layer("norm")
    assert names(keras_internals.own_trainable_variables(norm)) == ["gamma", "beta"]
    assert names(keras_internals.own_non_trainable_variables(norm)) == ["moving_mean", "moving_variance"]
    norm.trainable = False
    assert names(keras_internals.own_trainable_variables(norm)) == ["gamma", "beta"]
    assert keras_internals.own_trainable_variables(body) == keras_internals.own_non_trainable_variables(body) == []


def test_losses_that_layers_have_added_are_forgotten():
    body = keras.Sequential([keras.Input((3,)), layers.ActivityRegularization(l2=0.1)])
    body(keras.ops.ones((2, 3)))
    assert len(body.losses) == 1
    keras_internals.clear_losses(body)
    assert body.losses == []


def test_the_graph_of_a_sequential_and_its_calls_in_order():
    model = small("sequential")
    graph = keras_internals.sequential_graph(model)
    assert isinstance(graph, keras.Function) and graph.inputs == model.inputs
    assert names(node.operation for node in keras_internals.nodes_in_order(graph)) == ["inputs", "body", "flat", "head"]
    assert keras_internals.sequential_graph(keras.Sequential([layers.Dense(2)])) is None


def test_where_a_tensor_comes_from_and_goes_to():
    model = small()
    flat, head = model.get_layer("flat"), model.get_layer("head")
    assert keras_internals.producer(head.output) is head
    (call,) = keras_internals.inbound_nodes(head)
    assert [keras_internals.producer(tensor) for tensor in call.input_tensors] == [flat]


def test_what_compile_was_given():
    model, loss = small(), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"], run_eagerly=True)
    given = keras_internals.compile_arguments(model)
    assert given["loss"] is loss and given["metrics"] == ["accuracy"] and given["run_eagerly"] is True


def test_where_a_learning_rate_comes_from():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert keras_internals.learning_rate_source(keras.optimizers.SGD(schedule)) is schedule
    assert isinstance(keras_internals.learning_rate_source(keras.optimizers.SGD(0.1)), keras.Variable)


def test_what_is_left_out_of_weight_decay():
    """Its attributes are there from the first call on, so their absence can't be told when they are read."""
    kernel, bias = small().get_layer("head").weights
    before, after = (keras.optimizers.AdamW(weight_decay=0.1) for _ in range(2))
    before.exclude_from_weight_decay(var_list=[kernel], var_names=["bias"])
    keras_internals.copy_decay_exclusions(before, after)
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        assert getattr(after, name, None) == getattr(before, name, None) is not None, f"Keras has no {name} anymore"
    after.build([kernel, bias])
    assert not after._use_weight_decay(kernel) and not after._use_weight_decay(bias)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Dense(3), (None, 4)),
        (layers.Conv2D(3, 2), (None, 4, 4, 1)),
        (layers.EinsumDense("ab,bc->ac", 3), (None, 4)),
        (layers.Embedding(5, 3), (None, 4)),
    ],
)
def test_the_weight_that_lora_holds(layer, shape):
    layer.build(shape)
    (kernel, *_) = layer.trainable_weights
    layer.enable_lora(1)
    assert keras_internals.lora_base(layer) is kernel and not kernel.trainable


def test_the_sum_over_machines_is_a_method_of_keras_optimizers():
    assert hasattr(keras.optimizers.SGD, "_all_reduce_sum_gradients"), "Keras has no _all_reduce_sum_gradients anymore"


@pytest.mark.parametrize(
    ("read", "attribute"),
    [
        ("flat_layers", "_flatten_layers"),
        ("child_layers", "_flatten_layers"),
        ("own_trainable_variables", "_trainable_variables"),
        ("own_non_trainable_variables", "_non_trainable_variables"),
        ("sequential_graph", "_functional"),
        ("nodes_in_order", "_nodes_by_depth"),
        ("inbound_nodes", "_inbound_nodes"),
        ("producer", "_keras_history"),
        ("compile_arguments", "_compile_config"),
        ("learning_rate_source", "_learning_rate"),
        ("lora_base", "_kernel"),
        ("clear_losses", "_clear_losses"),
    ],
)
def test_an_attribute_that_is_gone_is_named(read, attribute):
    class Other:
        """What Keras's class would be like without it."""

    message = (
        f"Other has no {attribute} in Keras {keras.__version__}.*checked with Keras {keras_internals.CHECKED_WITH}"
    )
    with pytest.raises(AttributeError, match=message):
        getattr(keras_internals, read)(Other())


# No other file reads such an attribute


def private(name):
    """One underscore before, none behind: not `__len__`, nor `_repr_html_`, which is Jupyter's."""
    return isinstance(name, str) and name.isidentifier() and name.startswith("_") and not name.endswith("_")


def read_from_others(tree):
    """(name, line) of each private attribute that is read from something else than self or cls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr) and ast.unparse(node.value) not in ("self", "cls"):
            yield node.attr, node.lineno


def defined(tree):
    """(name, line) of each function and class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def texts(tree):
    """(text, line) of each text that could name an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and private(node.value):
            yield node.value, node.lineno


def test_private_attributes_of_keras_are_read_in_one_file(project):
    """Told by name: what is read from another object and is no function of ours is taken for Keras's."""
    files = (project / "utils").rglob("*.py")
    trees = {path.relative_to(project).as_posix(): ast.parse(path.read_text("utf-8")) for path in files}
    home = trees.pop("utils/keras_internals.py")
    of_keras = {name for name, _ in texts(home)}
    of_keras |= {name for name, _ in defined(home) if private(name) and name != "_private"}
    assert len(of_keras) == 15
    ours = {name for tree in trees.values() for name, _ in defined(tree)}
    found = []
    for file, tree in trees.items():
        found += [(file, name, line) for name, line in read_from_others(tree) if name not in ours]
        found += [(file, name, line) for name, line in (*texts(tree), *defined(tree)) if name in of_keras]
    assert found == [], "move these to utils/keras_internals.py"
