"""The check of a reader's added layers, when a network is built: what the functions give, and what they use."""

from __future__ import annotations

from utils.frameworks import keras
from utils.models.added_layers import AddedLayers


def checked_features(model, added: AddedLayers, image: keras.KerasTensor) -> tuple:
    """The symbolic inputs of the old head and of the new one.

    Args:
        model: The network, whose blocks and added layers exist.
        added: The added layers.
        image: The symbolic input of the network.

    Raises:
        ValueError: Where they aren't features, an added layer isn't used, or one stands lower than `beside` says.
    """
    features, used = _trace(model, added, image, 0)
    for name, tensor in zip(("old_features", "new_features"), features, strict=True):
        shape = getattr(tensor, "shape", None)
        if not isinstance(tensor, keras.KerasTensor) or len(shape) != 2:
            raise ValueError(f"{name} of {added.name!r} gave {tensor!r}: it must give one tensor of shape (N, width).")
    width = model.feature_shapes[-1][-1]
    if features[0].shape[-1] != width:
        raise ValueError(
            f"old_features of {added.name!r} gave {features[0].shape[-1]} numbers: the old head takes {width}."
        )
    for name in model.added:
        if name not in used:
            raise ValueError(f"new_features of {added.name!r} doesn't use {name!r}: call it, or leave it out.")
    if not model.untouched:
        return features
    _, used_above = _trace(model, added, keras.Input(model.feature_shapes[model.untouched]), model.untouched)
    below = [block.name for block in model.blocks[: model.untouched]]
    for name in used:
        if name not in used_above and name not in below:
            raise ValueError(
                f"beside={added.beside} is not allowed: {name!r} of {added.name!r} is used further down. Give the "
                "number of last blocks that the added layers stand beside, or None."
            )
    return features


def _trace(model, added, x, computed):
    """The features, and the names of the blocks and layers that were called for them."""
    used = []

    def call(block, x):
        used.append(block.name)
        return block(x)

    try:
        return model.features_of_heads(x, computed, call), used
    except Exception as error:  # a reader's function may raise anything
        of_last = f" with the last {added.beside} blocks alone (beside={added.beside})" if computed else ""
        raise ValueError(
            f"new_features or old_features of {added.name!r} can't be computed{of_last}: {type(error).__name__}, "
            f"{next(iter(str(error).splitlines()), '')}"
        ) from error
