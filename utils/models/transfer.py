"""A network with two heads: one shared backbone, the head of the old task and the head of the new one."""

from __future__ import annotations

import numpy as np

from utils.checks import (
    check_array,
    check_flag,
    check_kind,
    check_one_of,
    check_seed,
    check_weights,
    check_whole_number,
)
from utils.frameworks import keras
from utils.keras_internals import flat_layers, lora_base, own_non_trainable_variables
from utils.models.added_check import checked_features
from utils.models.added_layers import NEW_HEAD, OLD_HEAD, AddedLayers, Call
from utils.models.backbones import Backbone, check_input_shape
from utils.models.block import Block
from utils.process import check_keras


def layer_names(backbone: Backbone, added: AddedLayers | None = None) -> tuple[str, ...]:
    """The names of all layers that can be frozen or trained, from the input to the two heads.

    Raises:
        ValueError: For added layers whose names don't fit the backbone.
    """
    check_kind("backbone", backbone, Backbone, "give a Backbone")
    check_kind("added", added, AddedLayers | None, "give AddedLayers, or None")
    return (*backbone.layer_names, *(added.names(backbone) if added else ()), OLD_HEAD, NEW_HEAD)


def _plainly(block, x):
    return block(x)


_MOST_CLASSES = 100_000


class TransferModel:
    """The shared layers θs with an output layer for each of two tasks, θo and θn (Li & Hoiem 2016, Fig. 2).

    Both heads give logits, (N, classes); a softmax over each head by itself gives probabilities.

    Args:
        backbone: The recipe of the shared layers.
        input_shape: Height, width and channels of an image.
        old_classes: The number of classes of the old head.
        new_classes: The number of classes of the new head.
        added: Layers that a strategy adds; None for none.
        standardized: Whether the new head begins with a `Standardization` of its inputs.

    Attributes:
        recipe: The backbone's recipe.
        blocks: The shared blocks.
        backbone: The shared layers as a Keras model.
        old_head, new_head: The heads.
        added: The added layers by name.
        untouched: How many of the first blocks no added layer stands beside.
        steady: How many of the first blocks act as at inference while they are frozen.
        standardization: The new head's `Standardization`, or None.
        layer_names: The names of all layers that can be frozen or trained.
        feature_shapes: The shape of the input of each block and, last, of the heads, without the batch axis.

    Raises:
        ValueError: For added layers that don't fit, and where Keras is set as networks here can't have it.
    """

    def __init__(
        self, backbone: Backbone, input_shape: tuple[int, ...], old_classes: int, new_classes: int,
        added: AddedLayers | None = None, standardized: bool = False,
    ):  # fmt: skip
        check_keras()
        self.layer_names = layer_names(backbone, added)
        self.recipe, self.backbone_name = backbone, backbone.name
        self.input_shape = check_input_shape(input_shape)
        if (axes := backbone.input_axes) != len(self.input_shape):
            raise ValueError(f"input_shape={input_shape} is not allowed: {backbone.name!r} takes {axes} axes.")
        old_classes = check_whole_number("old_classes", old_classes, 1, _MOST_CLASSES)
        new_classes = check_whole_number("new_classes", new_classes, 1, _MOST_CLASSES)
        standardized = check_flag("standardized", standardized)
        self.blocks: tuple[Block, ...] = backbone.build(self.input_shape)
        self.old_head = keras.layers.Dense(old_classes, name=OLD_HEAD)
        self.new_head = keras.layers.Dense(new_classes, name=NEW_HEAD)
        from utils.models.standardization import Standardization  # only here: it is one of Keras's classes

        self.standardization = Standardization(name="standardization") if standardized else None
        tensors = [keras.Input(self.input_shape, name="image")]
        for block in self.blocks:
            tensors.append(block(tensors[-1]))
        self.feature_shapes = tuple(tuple(features.shape[1:]) for features in tensors)
        self.backbone = keras.Model(tensors[0], tensors[-1], name=backbone.name)
        self._added_layers = added
        self.added = {block.name: block for block in (added.blocks(backbone, self.feature_shapes) if added else ())}
        _make_names_unique(self.added.values(), {"image", "standardization", OLD_HEAD, NEW_HEAD}, self.blocks)
        beside = (added.beside or len(self.blocks)) if added else 0
        self.untouched = max(len(self.blocks) - beside, 0)
        self.steady = next((i for i, block in enumerate(self.blocks) if block.is_active_when_frozen), len(self.blocks))
        features = checked_features(self, added, tensors[0]) if added else (tensors[-1], tensors[-1])
        heads = self.logits(*features)
        self._models = {
            task: keras.Model(tensors[0], head, name=f"{task}_task")
            for task, head in zip(("old", "new"), heads, strict=True)
        }
        fresh = [self.new_head, *(layer for block in self.added.values() for layer in block.layers)]
        self._starts = [(weight, _fixed_start(weight, layer)) for layer in fresh for weight in layer.weights]

    def features_of_heads(self, x, computed: int = 0, call: Call = _plainly, old_call: Call | None = None) -> tuple:
        """The inputs of the old head and of the new one, before standardization.

        Args:
            x: The output of the first `computed` blocks; with 0, images.
            computed: How many blocks have been run, at most `untouched` where there are added layers.
            call: Runs a block on its input, for a caller that runs some differently.
            old_call: The same for what only the old head sees; None for `call`.
        """
        blocks = self.blocks[computed:]
        if self._added_layers:
            return self._added_layers.features(x, blocks, self.added, call, old_call or call)
        for block in blocks:
            x = call(block, x)
        return x, x

    def logits(self, old_features, new_features):
        """The logits of the old and of the new head for what `features_of_heads` gives."""
        if self.standardization:
            new_features = self.standardization(new_features)
        return self.old_head(old_features), self.new_head(new_features)

    def features(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """The output of every layer for images (N, height, width, channels), as at inference; for heads, logits.

        Of a block that added layers make run more than once, it is that of its first time.
        """
        outputs = {}

        def call(block, x):
            output = block(x)
            outputs.setdefault(block.name, output)
            return output

        if (images := check_array("images", images)).shape[1:] != self.input_shape:
            wanted = ", ".join(map(str, ("N", *self.input_shape)))
            raise ValueError(f"images: the shape {images.shape} is not allowed: give ({wanted}).")
        features = self.features_of_heads(keras.ops.convert_to_tensor(images, keras.config.floatx()), call=call)
        outputs[OLD_HEAD], outputs[NEW_HEAD] = self.logits(*features)
        return {name: keras.ops.convert_to_numpy(outputs[name]) for name in self.layer_names if name in outputs}

    def keras_model(self, task: str) -> keras.Model:
        """The plain Keras model of one task, `"old"` or `"new"`: images (N, height, width, channels) to logits.

        Both share the backbone's layers: training one changes the other, which is why networks forget.

        Raises:
            ValueError: For another task.
        """
        return self._models[check_one_of("task", task, self._models)]

    def layers(self, name: str) -> tuple[keras.layers.Layer, ...]:
        """The Keras layers behind one of `layer_names`."""
        check_one_of("layer", name, self.layer_names)
        if name == OLD_HEAD:
            return (self.old_head,)
        if name == NEW_HEAD:
            return (self.new_head, *([self.standardization] if self.standardization else []))
        return next(block.layers for block in (*self.blocks, *self.added.values()) if block.name == name)

    def weights(self, name: str) -> list[keras.Variable]:
        """All weights of a layer, including batch normalization's moving statistics."""
        return [weight for layer in self.layers(name) for weight in layer.weights]

    def trainable_weights(self, name: str) -> list[keras.Variable]:
        """The weights of a layer that gradients change, whether or not the layer is frozen at present."""
        parts = [part for layer in self.layers(name) for part in flat_layers(layer)]
        untrained = {id(weight) for part in parts for weight in own_non_trainable_variables(part)}
        untrained |= {id(lora_base(part)) for part in parts if getattr(part, "lora_enabled", False)}
        untrained |= {id(weight) for block in self.blocks for part in block.frozen for weight in part.weights}
        return [weight for weight in self.weights(name) if id(weight) not in untrained]

    def parameters(self, name: str) -> int:
        """The number of parameters in `trainable_weights(name)`."""
        return sum(int(np.prod(weight.shape)) for weight in self.trainable_weights(name))

    def feature_size(self, depth: int) -> int:
        """The number of features of an image behind the first `depth` blocks; with 0, of the image itself."""
        return int(np.prod(self.feature_shapes[depth]))

    def initialize_new_head(self, seed: int) -> None:
        """Give the new head (and the added layers) random weights, the same for the same seed.

        Weights that are random when they are built get Glorot uniform values, all others those that they were built
        with: biases zeros, and so on.
        """
        seed = check_seed("seed", seed)
        for number, (weight, fixed) in enumerate(self._starts):
            if fixed is not None:
                weight.assign(fixed)
            else:
                kernel_seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1) if number else seed
                weight.assign(keras.initializers.GlorotUniform(seed=kernel_seed)(weight.shape))

    @property
    def seed_states(self) -> list[keras.Variable]:
        """The states of all random generators."""
        return [state for block in (*self.blocks, *self.added.values()) for state in block.seed_states]

    def seed_random_layers(self, seed: int) -> None:
        """Restart all layers that draw random numbers, the same for the same seed."""
        for number, state in enumerate(self.seed_states):
            drawn = np.random.SeedSequence([seed, number, 1]).generate_state(1)[0] >> 1
            state.assign([int(drawn), 0])

    def snapshot(self) -> dict[str, list[np.ndarray]]:
        """A copy of all weights, layer by layer."""
        return {name: [np.array(weight.numpy()) for weight in self.weights(name)] for name in self.layer_names}

    def restore(self, snapshot: dict[str, list[np.ndarray]]) -> None:
        """Restore the weights of a snapshot, bit for bit. Layers that it doesn't contain stay as they are."""
        for name, values in check_weights("snapshot", snapshot).items():
            weights = self.weights(name)
            if [tuple(weight.shape) for weight in weights] != [value.shape for value in values]:
                raise ValueError(f"snapshot: {name!r} has weights of another shape: take it from the same network.")
            for weight, value in zip(weights, values, strict=True):
                weight.assign(value)


def _make_names_unique(added, reserved, blocks):
    """Rename added layers so that Keras meets no name twice: one that has none of its own may be a `dense`, too."""
    used = reserved | {layer.name for block in blocks for layer in block.layers}
    for layer in (layer for block in added for layer in block.layers):
        while layer.name in used:
            layer.name += "_"
        used.add(layer.name)


def _fixed_start(weight, layer):
    """The values with which a weight begins; None for one that begins at random."""
    values = weight.numpy()
    names = f"{weight.name}_initializer", f"{weight.name.removesuffix('kernel').rstrip('_')}_initializer"
    owner = next(part for part in flat_layers(layer)[::-1] if any(weight is own for own in part.weights))
    for initializer in (getattr(owner, name, None) for name in names):
        if isinstance(initializer, keras.initializers.Initializer):
            return None if hasattr(initializer, "seed") else values  # those that draw have one
    differs = values.ndim > 1 and values.size > 0 and np.ptp(values) > 0  # of a layer that keeps no initializer
    return None if differs else values
