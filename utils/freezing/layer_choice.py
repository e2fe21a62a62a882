"""Which layers of a model are meant: by name, by pattern or by depth."""

import difflib
import fnmatch
from collections.abc import Iterable, Iterator

import keras

from utils.keras_internals import child_layers, flat_layers, own_non_trainable_variables, own_trainable_variables

MOST_LISTED = 12  # names in an error


def walk(layer: keras.layers.Layer, above: str = "") -> Iterator[tuple[str, keras.layers.Layer]]:
    """All layers inside this one, each with its path ("base/inner/low"), a container before what it contains.

    A layer that is used in several places comes once for each.
    """
    for child in child_layers(layer):
        path = f"{above}{child.name}"
        yield path, child
        yield from walk(child, f"{path}/")


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The weights that belong to this layer itself and to none inside it; the states of random generators aren't."""
    return [*own_trainable_variables(layer), *own_non_trainable_variables(layer)]


def by_depth(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers with weights from the input to the output: what a depth counts.

    Models nested inside are opened, unless they have weights of their own; other layers count as one, whatever they
    consist of. A layer that is used in several places counts once.
    """
    found: dict[int, keras.layers.Layer] = {}

    def look(container):
        for child in child_layers(container):
            if isinstance(child, keras.Model) and not own_weights(child):
                look(child)
            elif child.weights:
                found.setdefault(id(child), child)

    look(model)
    return list(found.values())


def check_model(model) -> None:
    """A ValueError, with the way out, for whatever has no weights to freeze."""
    if not isinstance(model, keras.Model):
        made = " (its keras_model('new') is one)" if hasattr(model, "keras_model") else ""
        raise ValueError(f"model: {type(model).__name__} is no keras.Model{made}")
    if not model.built:
        raise ValueError(f"model: {model.name!r} isn't built yet, so it has no weights; call it on a batch first")
    if not model.weights:
        raise ValueError(f"model: {model.name!r} has no weights, so there is nothing to train or to freeze")


def chosen(model: keras.Model, layers: Iterable[str] | int | slice, field: str = "layers") -> set[int]:
    """The ids of the layers meant, with all that they contain. See `set_trainable` for the forms and the errors.

    field: what errors call the list.
    """
    if isinstance(layers, str):
        raise ValueError(f"{field}: {layers!r} is a text; give a list of names, such as [{layers!r}]")
    if isinstance(layers, int | slice) and not isinstance(layers, bool):
        return _with_all_inside(_at_depth(model, layers, field))
    if not isinstance(layers, Iterable):
        raise ValueError(f"{field}: {layers!r} is no list of names; give names, a number of layers or a slice")
    wanted = list(layers)
    for number, name in enumerate(wanted):
        if not isinstance(name, str):
            way_out = f"; a depth stands alone: {field}={name}" if isinstance(name, int) else ""
            raise ValueError(f"{field}: {name!r} is no name of a layer{way_out}")
        if name in wanted[:number]:
            raise ValueError(f"{field}: {wanted} names a layer twice: {name!r}; name it once")
    parts = list(walk(model))
    if own_weights(model) and model.name not in {part.name for _, part in parts}:
        parts.append((model.name, model))
    found: dict[int, str] = {}
    every = []
    for name in wanted:
        meant = _named(model, name, parts, field)
        every.extend(meant)
        if not _is_pattern(name):
            for one in {id(layer): layer for layer in meant}.values():
                if id(one) in found:
                    raise ValueError(
                        f"{field}: {found[id(one)]!r} and {name!r} name the same layer twice; name it once"
                    )
                found[id(one)] = name
    return _with_all_inside(every)


def _is_pattern(name):
    return any(sign in name for sign in "*?[")


def _named(model, name, parts, field):
    """The layers of this name or path, or, if there are none, those that match it as a pattern."""
    meant = [layer for path, layer in parts if name in (layer.name, path)]
    if not meant and _is_pattern(name):
        meant = [layer for path, layer in parts if any(fnmatch.fnmatchcase(one, name) for one in (layer.name, path))]
    if meant:
        return meant
    known = list(dict.fromkeys([*(layer.name for _, layer in parts), *(path for path, _ in parts)]))
    near = difflib.get_close_matches(name, known, n=3)
    if not near:
        names = sorted({layer.name for _, layer in parts if layer.weights})
        near = names[:MOST_LISTED] + [f"and {len(names) - MOST_LISTED} more"] * (len(names) > MOST_LISTED)
    what = "no layer that matches" if _is_pattern(name) else "no layer"
    raise ValueError(f"{field}: {model.name!r} has {what} {name!r}; near: {', '.join(near)}")


def _at_depth(model, depth, field):
    layers = by_depth(model)
    if isinstance(depth, slice):
        if any(isinstance(one, bool) or not isinstance(one, int | None) for one in (depth.start, depth.stop)):
            raise ValueError(f"{field}: {depth} must be made of whole numbers, such as slice(-3, None)")
        return layers[depth]
    if not 0 <= depth <= len(layers):
        raise ValueError(
            f"{field}: {depth} must be from 0 to {len(layers)}, so many layers of {model.name!r} have weights; "
            f"slice(2, 5) or slice(None, 3) mean others than the last ones"
        )
    return layers[len(layers) - depth :]


def _with_all_inside(layers):
    return {id(inner) for layer in layers for inner in flat_layers(layer)}
