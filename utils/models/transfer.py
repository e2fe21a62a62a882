"""A network with two heads: one shared backbone, the head of the old task and the head of the new one."""

import keras
import numpy as np

from utils.keras_internals import flat_layers, own_non_trainable_variables
from utils.models.backbones import Backbone, Block
from utils.models.standardization import Standardization

EXPANSION, OLD_HEAD, NEW_HEAD = "expansion", "old_head", "new_head"


def layer_names(backbone: Backbone, expanded: bool = False) -> tuple[str, ...]:
    """The names of everything that can be frozen or trained, from the input to the two heads."""
    return (*backbone.layer_names, *([EXPANSION] if expanded else []), OLD_HEAD, NEW_HEAD)


class TransferModel:
    """The shared layers θs with an output layer for each of two tasks, θo and θn (Li & Hoiem 2016, Fig. 2).

    Parameters
    ----------
    backbone: the recipe of the shared layers.
    input_shape: height, width and channels of an image.
    old_classes, new_classes: how many classes each head tells apart.
    expanded: whether new units stand beside the last block; the new head sees both, the old head what it saw before.
    standardized: whether the new head begins with a `Standardization` of what it sees.

    Both heads give logits, shape (N, classes); a softmax over each head apart gives probabilities.
    """

    def __init__(
        self, backbone: Backbone, input_shape: tuple[int, ...], old_classes: int, new_classes: int,
        expanded: bool = False, standardized: bool = False,
    ):  # fmt: skip
        self.recipe, self.backbone_name = backbone, backbone.name
        self.input_shape = tuple(input_shape)
        self.blocks: tuple[Block, ...] = backbone.build(self.input_shape)
        self.old_head = keras.layers.Dense(old_classes, name=OLD_HEAD)
        self.new_head = keras.layers.Dense(new_classes, name=NEW_HEAD)
        self.standardization = Standardization(name="standardization") if standardized else None
        self.layer_names = layer_names(backbone, expanded)
        self.expansion: Block | None = None
        passed = [keras.Input(self.input_shape, name="image")]
        for block in self.blocks:
            passed.append(block(passed[-1]))
        # What goes into each block and, last, into the heads; without the batch's dimension.
        self.feature_shapes = tuple(tuple(features.shape[1:]) for features in passed)
        self.backbone = keras.Model(passed[0], passed[-1], name=backbone.name)
        if expanded:
            self.expansion = backbone.expand(self.feature_shapes[-2])
        heads = self.logits(passed[-2], passed[-1])
        self._models = {
            task: keras.Model(passed[0], head, name=f"{task}_task")
            for task, head in zip(("old", "new"), heads, strict=True)
        }

    def logits(self, before, features, expand=None):
        """The answers of the old and of the new head.

        before: what goes into the last block (looked at by an expanded network alone); features: what comes out.
        expand: stands in for the expansion, where a caller runs it in a way of its own.
        """
        seen = self.seen_by_new_head(before, features, expand)
        if self.standardization:
            seen = self.standardization(seen)
        return self.old_head(features), self.new_head(seen)

    def seen_by_new_head(self, before, features, expand=None):
        """What the new head is fed with, not yet standardized: the features, and new units where there are some."""
        if not self.expansion:
            return features
        return keras.ops.concatenate([features, (expand or self.expansion)(before)], axis=-1)

    def features(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What comes out of every layer for images (N, height, width, channels), as at inference; the heads' logits."""
        passed, found = [keras.ops.convert_to_tensor(images)], {}
        for block in self.blocks:
            passed.append(block(passed[-1]))
            found[block.name] = passed[-1]
        if self.expansion:
            found[EXPANSION] = self.expansion(passed[-2])
        found[OLD_HEAD], found[NEW_HEAD] = self.logits(passed[-2], passed[-1])
        return {name: keras.ops.convert_to_numpy(output) for name, output in found.items()}

    def keras_model(self, task: str) -> keras.Model:
        """The plain Keras model of one task, `"old"` or `"new"`: images (N, height, width, channels) to logits.

        Both share the backbone's layers: what trains one changes the other. That is what forgetting is.
        """
        if task not in self._models:
            raise ValueError(f"task: {task!r} is neither 'old' nor 'new'")
        return self._models[task]

    def layers(self, name: str) -> tuple[keras.layers.Layer, ...]:
        """The Keras layers behind one of `layer_names`."""
        if name == OLD_HEAD:
            return (self.old_head,)
        if name == NEW_HEAD:
            return (self.new_head, *([self.standardization] if self.standardization else []))
        for block in (*self.blocks, *([self.expansion] if self.expansion else [])):
            if block.name == name:
                return block.layers
        raise ValueError(f"layer: {name!r} is none of {', '.join(self.layer_names)}")

    def weights(self, name: str) -> list[keras.Variable]:
        """All weights of a layer; batch normalisation's moving statistics are among them."""
        return [weight for layer in self.layers(name) for weight in layer.weights]

    def trainable_weights(self, name: str) -> list[keras.Variable]:
        """The weights of a layer that gradients change, whether or not the layer is frozen at present."""
        parts = [part for layer in self.layers(name) for part in flat_layers(layer)]
        untrained = {id(weight) for part in parts for weight in own_non_trainable_variables(part)}
        untrained |= {id(weight) for block in self.blocks for part in block.frozen for weight in part.weights}
        return [weight for weight in self.weights(name) if id(weight) not in untrained]

    def parameters(self, name: str) -> int:
        """How many numbers `trainable_weights(name)` holds."""
        return sum(int(np.prod(weight.shape)) for weight in self.trainable_weights(name))

    def feature_size(self, depth: int) -> int:
        """How many numbers describe an image behind the first `depth` blocks; 0 is the image itself."""
        return int(np.prod(self.feature_shapes[depth]))

    def initialize_new_head(self, seed: int) -> None:
        """Give the new head (and the new units) fresh random weights, the same for the same seed.

        Kernels are Glorot uniform, biases zero, batch normalisation at its start.
        """
        fresh = [*self.new_head.weights, *(self.weights(EXPANSION) if self.expansion else [])]
        for number, weight in enumerate(fresh):
            if weight.name == "kernel":
                drawn = int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1) if number else seed
                weight.assign(keras.initializers.GlorotUniform(seed=drawn)(weight.shape))
            else:
                weight.assign(np.full(weight.shape, weight.name in ("gamma", "moving_variance"), "float32"))

    def snapshot(self) -> dict[str, list[np.ndarray]]:
        """A copy of all weights, layer by layer."""
        return {name: [np.array(weight.numpy()) for weight in self.weights(name)] for name in self.layer_names}

    def restore(self, snapshot: dict[str, list[np.ndarray]]) -> None:
        """Put the weights of a snapshot back, bit for bit. A layer that it doesn't name stays as it is."""
        for name, values in snapshot.items():
            for weight, value in zip(self.weights(name), values, strict=True):
                weight.assign(value)
