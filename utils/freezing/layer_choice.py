"""Which layers of a model are meant: by name, by pattern or by depth."""

from __future__ import annotations

import difflib
import fnmatch
import numbers
from collections.abc import Iterable, Iterator

from utils.checks import check_kind
from utils.frameworks import keras
from utils.keras_internals import child_layers, flat_layers, own_non_trainable_variables, own_trainable_variables
from utils.messages import given

MOST_LISTED = 12  # names in an error


def layer_paths(layer: keras.layers.Layer, above: str = "") -> Iterator[tuple[str, keras.layers.Layer]]:
    """All layers inside this one, each with its path ("base/inner/low"), a container before its content.

    A layer that is used in several places comes once for each.
    """
    for child in child_layers(layer):
        path = f"{above}{child.name}"
        yield path, child
        yield from layer_paths(child, f"{path}/")


def direct_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The weights of this layer itself and of none inside it, without the states of random generators."""
    return [*own_trainable_variables(layer), *own_non_trainable_variables(layer)]


def layers_by_depth(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers with weights from the input to the output, as a depth counts them.

    Models nested inside are opened, unless they have weights of their own; any other layer counts as one, whatever it
    contains. A layer that is used in several places counts once.
    """
    layers: dict[int, keras.layers.Layer] = {}

    def collect(container):
        for child in child_layers(container):
            if isinstance(child, keras.Model) and not direct_weights(child):
                collect(child)
            elif child.weights:
                layers.setdefault(id(child), child)

    collect(model)
    return list(layers.values())


def wanted_model(value, task: str = "new") -> str:
    """What to give instead of this value, which is no keras.Model: the end of an error."""
    return f"give its keras_model({task!r})" if hasattr(value, "keras_model") else "give a keras.Model"


def check_model(model) -> None:
    """Raise a ValueError, with the way out, for whatever has no weights to freeze."""
    check_kind("model", model, keras.Model, wanted_model(model))
    if not model.built:
        raise ValueError(f"model: {model.name!r} isn't built yet, so it has no weights; call it on a batch first")
    if not model.weights:
        raise ValueError(f"model: {model.name!r} has no weights, so there is nothing to train or to freeze")


def find_layers(
    model: keras.Model, layers: Iterable[str] | int | slice, field: str = "layers"
) -> list[keras.layers.Layer]:
    """The layers that names, a depth or a slice stand for, with everything inside them, each once.

    Args:
        model: A built model.
        layers: As in `set_trainable`.
        field: How errors call `layers`.

    Raises:
        ValueError: As in `set_trainable`.
    """
    if isinstance(layers, str):
        raise ValueError(f"{field}: {layers!r} is a text; give a list of names, such as [{layers!r}]")
    if isinstance(layers, numbers.Integral | slice) and not isinstance(layers, bool):
        return _with_inner_layers(_at_depth(model, layers, field))
    if isinstance(layers, bytes) or not isinstance(layers, Iterable) or getattr(layers, "ndim", 1) != 1:
        raise ValueError(f"{field}: {given(layers)} is no list of names; give names, a number of layers or a slice")
    names = list(layers)
    for number, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(f"{field}: {given(name)} is no name of a layer; {_way_out(name, field)}")
        if name in names[:number]:
            raise ValueError(f"{field}: {names} names a layer twice: {name!r}; name it once")
    paths = list(layer_paths(model))
    if direct_weights(model) and model.name not in {layer.name for _, layer in paths}:
        paths.append((model.name, model))
    found: list[keras.layers.Layer] = []
    named: dict[int, str] = {}  # by the layer's id
    for name in names:
        matches = _with_name(model, name, paths, field)
        found += matches
        if not _is_pattern(name):
            for key in {id(layer) for layer in matches}:
                if key in named:
                    raise ValueError(f"{field}: {named[key]!r} and {name!r} name the same layer twice; name it once")
                named[key] = name
    return _with_inner_layers(found)


def _way_out(item, field):
    if isinstance(item, keras.layers.Layer):
        return f"give its name, {item.name!r}"
    if isinstance(item, numbers.Integral) and not isinstance(item, bool):
        return f"give a depth alone: {field}={item}"
    return f"give texts, such as {field}=['head']"


def _is_pattern(name):
    return any(sign in name for sign in "*?[")


def _with_name(model, name, paths, field):
    """The layers of this name or path, or, if there are none, those that match it as a pattern."""
    layers = [layer for path, layer in paths if name in (layer.name, path)]
    if not layers and _is_pattern(name):
        matches = fnmatch.fnmatchcase
        layers = [layer for path, layer in paths if matches(layer.name, name) or matches(path, name)]
    if layers:
        return layers
    known = list(dict.fromkeys([*(layer.name for _, layer in paths), *(path for path, _ in paths)]))
    near = difflib.get_close_matches(name, known, n=3)
    if not near:
        names = sorted({layer.name for _, layer in paths if layer.weights})
        near = names[:MOST_LISTED] + [f"and {len(names) - MOST_LISTED} more"] * (len(names) > MOST_LISTED)
    what = "no layer that matches" if _is_pattern(name) else "no layer"
    raise ValueError(f"{field}: {model.name!r} has {what} {name!r}; near: {', '.join(near)}")


def _at_depth(model, depth, field):
    layers = layers_by_depth(model)
    if isinstance(depth, slice):
        ends = (depth.start, depth.stop, depth.step)
        if depth.step == 0 or any(
            isinstance(end, bool) or not isinstance(end, numbers.Integral | None) for end in ends
        ):
            raise ValueError(f"{field}: {depth} must be made of whole numbers, such as slice(-3, None)")
        return layers[depth]
    if not 0 <= depth <= len(layers):
        raise ValueError(
            f"{field}: {depth} must be from 0 to {len(layers)}, the number of layers of {model.name!r} with weights; "
            f"slice(2, 5) or slice(None, 3) stand for other layers than the last ones"
        )
    return layers[len(layers) - depth :]


def _with_inner_layers(layers):
    return list({id(inner): inner for layer in layers for inner in flat_layers(layer)}.values())
