"""A digest that identifies a network of the reader's own together with its tasks: of all that a run depends on."""

import hashlib
import json
import re

import numpy as np

from utils.frameworks import keras
from utils.keras_internals import child_layers, flat_layers, inbound_nodes, producer
from utils.tasks import Task
from utils.tasks.task import PARTS
from utils.user_model.checks import graph_of


def digest_of(model: keras.Model, tasks: tuple[Task, ...], *others) -> str:
    """32 hex digits of the architecture, the weights, everything in the tasks, and the repr of `others`.

    Names that Keras has generated ("dense_3") count without their number: the same cell, run again, gives the same.
    """
    digest = hashlib.blake2b(digest_size=16)

    def add(value):
        digest.update(f"{len(value)}:".encode())  # so that where one value ends and the next begins is part of it
        digest.update(value)

    add(_architecture(model).encode())
    add(repr([_penalties(weight) for weight in model.weights]).encode())
    arrays = [*model.get_weights()]
    for task in tasks:
        add(repr((task.name, task.class_names, task.values)).encode())
        arrays += [getattr(task, f"{axis}_{part}") for part in PARTS for axis in "xy"]
    for array in arrays:
        add(repr((array.shape, str(array.dtype))).encode())
        add(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    add(repr(others).encode())
    return digest.hexdigest()


def _architecture(model):
    """The network as JSON; where it can't be written so, the class, config and inputs of each layer and operation."""
    layers = [part for layer in flat_layers(model) for part in (layer, *_operations(layer))]
    names = {}
    for number, layer in enumerate(layers):
        names.setdefault(layer.name, f"#{number}" if _is_generated(layer) else layer.name)
    try:
        config = json.loads(model.to_json())
    except Exception:  # a layer of the reader's own may raise anything
        return repr([(type(layer).__name__, _config(layer, names), _connections(layer, names)) for layer in layers])
    config.pop("compile_config", None)  # how it was trained changes no run
    return json.dumps(_renamed(config, names), sort_keys=True)


def _penalties(weight):
    """The regularizer and the constraint of a weight, which may have been set by hand, so that no config has them."""
    return [_named(one) for one in (weight.regularizer, weight.constraint) if one is not None]


def _named(one):
    try:
        return type(one).__name__, one.get_config()
    except Exception:  # a function has none, and a class of the reader's own may raise anything
        return type(one).__name__, getattr(one, "__name__", "")


def _operations(layer):
    """The layers and operations of a model, keras.ops included; nothing for other layers."""
    graph = graph_of(layer)
    return graph.operations if graph is not None else ()


def _is_generated(layer):
    """Whether Keras has generated its name."""
    plain = re.sub(r"_\d+$", "", layer.name).replace("_", "")
    return plain == type(layer).__name__.replace("_", "").lower()


def _config(layer, names):
    if isinstance(layer, keras.layers.Layer) and child_layers(layer):  # it would repeat theirs, which are listed anyway
        return None
    try:
        return {**layer.get_config(), "name": names[layer.name]}
    except Exception:
        return None


def _connections(model, names):
    """For each call inside a model, what it is a call of, and where its inputs come from."""
    nodes = [(operation, node) for operation in _operations(model) for node in inbound_nodes(operation)]
    return [
        (names[operation.name], [names.get(producer(tensor).name) for tensor in node.input_tensors])
        for operation, node in nodes
    ]


def _renamed(config, names):
    """The same JSON with the layers' names changed, both as names and as sources of tensors."""
    if isinstance(config, dict):
        return {
            key: names.get(value, value) if key == "name" and isinstance(value, str) else _renamed(value, names)
            for key, value in config.items()
        }
    if isinstance(config, list):
        if len(config) == 3 and isinstance(config[0], str) and all(isinstance(index, int) for index in config[1:]):
            return [names.get(config[0], config[0]), *config[1:]]  # a source: layer, call, tensor
        return [_renamed(value, names) for value in config]
    return config
