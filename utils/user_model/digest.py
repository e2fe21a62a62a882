"""What tells one network of the reader's own, with its tasks, from another: a digest of all that a run depends on."""

import hashlib
import json
import re

import keras
import numpy as np

from utils.keras_internals import child_layers, flat_layers, inbound_nodes, producer
from utils.tasks import Task
from utils.tasks.task import PARTS
from utils.user_model.checks import graph_of


def digest_of(model: keras.Model, tasks: tuple[Task, ...], *others) -> str:
    """32 hex digits of the architecture, the weights, all that the tasks hold, and the repr of `others`.

    Names that Keras has made up ("dense_3") count without their number: the same cell, run again, gives the same.
    """
    found = hashlib.blake2b(digest_size=16)

    def add(value):
        found.update(f"{len(value)}:".encode())  # so that no two rows of values run into one another alike
        found.update(value)

    add(_architecture(model).encode())
    arrays = [*model.get_weights()]
    for task in tasks:
        add(repr((task.name, task.class_names, task.values)).encode())
        arrays += [getattr(task, f"{axis}_{part}") for part in PARTS for axis in "xy"]
    for array in arrays:
        add(repr((array.shape, str(array.dtype))).encode())
        add(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    add(repr(others).encode())
    return found.hexdigest()


def _architecture(model):
    """The network as JSON; of one that can't be written so, each layer's class and what it was made with."""
    parts = [one for layer in flat_layers(model) for one in (layer, *_operations(layer))]
    names = {}
    for number, part in enumerate(parts):
        names.setdefault(part.name, f"#{number}" if _is_made_up(part) else part.name)
    try:
        told = json.loads(model.to_json())
    except Exception:  # whatever a layer of the reader's own makes of it
        return repr([(type(part).__name__, _config(part, names), _ways(part, names)) for part in parts])
    told.pop("compile_config", None)  # how it was trained changes no run
    return json.dumps(_renamed(told, names), sort_keys=True)


def _operations(layer):
    """What a model consists of, keras.ops among it; nothing for other layers."""
    graph = graph_of(layer)
    return graph.operations if graph is not None else ()


def _is_made_up(part):
    plain = re.sub(r"_\d+$", "", part.name).replace("_", "")
    return plain == type(part).__name__.replace("_", "").lower()


def _config(part, names):
    if isinstance(part, keras.layers.Layer) and child_layers(part):  # its config holds theirs, which come by themselves
        return None
    try:
        return {**part.get_config(), "name": names[part.name]}
    except Exception:
        return None


def _ways(part, names):
    """From which parts of a model each one gets what it takes."""
    nodes = [(one, node) for one in _operations(part) for node in inbound_nodes(one)]
    return [(names[one.name], [names.get(name) for name in _sources(node)]) for one, node in nodes]


def _sources(node):
    return [producer(tensor).name for tensor in node.input_tensors]


def _renamed(told, names):
    """The same JSON with the layers' names changed: where a layer is told, and where a tensor comes from."""
    if isinstance(told, dict):
        return {
            key: names.get(value, value) if key == "name" and isinstance(value, str) else _renamed(value, names)
            for key, value in told.items()
        }
    if isinstance(told, list):
        if len(told) == 3 and isinstance(told[0], str) and all(isinstance(one, int) for one in told[1:]):
            return [names.get(told[0], told[0]), *told[1:]]
        return [_renamed(one, names) for one in told]
    return told
