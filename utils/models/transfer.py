"""A network with two heads: one shared backbone, the head of the old task and the head of the new one."""

import keras
import numpy as np

from utils.keras_internals import flat_layers, own_non_trainable_variables
from utils.models.backbones import Backbone, Block
from utils.models.standardization import Standardization

EXPANSION, OLD_HEAD, NEW_HEAD = "expansion", "old_head", "new_head"


def layer_names(backbone: Backbone, expanded: bool = False) -> tuple[str, ...]:
    """The names of all layers that can be frozen or trained, from the input to the two heads."""
    return (*backbone.layer_names, *([EXPANSION] if expanded else []), OLD_HEAD, NEW_HEAD)


class TransferModel:
    """The shared layers θs with an output layer for each of two tasks, θo and θn (Li & Hoiem 2016, Fig. 2).

    Both heads give logits, (N, classes); a softmax over each head by itself gives probabilities.

    Args:
        backbone: The recipe of the shared layers.
        input_shape: Height, width and channels of an image.
        old_classes: The number of classes of the old head.
        new_classes: The number of classes of the new head.
        expanded: Whether new units stand beside the last block: they are inputs of the new head alone.
        standardized: Whether the new head begins with a `Standardization` of its inputs.

    Attributes:
        recipe: The backbone's recipe.
        blocks: The shared blocks.
        backbone: The shared layers as a Keras model.
        old_head, new_head: The heads.
        expansion: The new units, or None.
        standardization: The new head's `Standardization`, or None.
        layer_names: The names of all layers that can be frozen or trained.
        feature_shapes: The shape of the input of each block and, last, of the heads, without the batch axis.
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
        tensors = [keras.Input(self.input_shape, name="image")]
        for block in self.blocks:
            tensors.append(block(tensors[-1]))
        self.feature_shapes = tuple(tuple(features.shape[1:]) for features in tensors)
        self.backbone = keras.Model(tensors[0], tensors[-1], name=backbone.name)
        if expanded:
            self.expansion = backbone.expand(self.feature_shapes[-2])
        heads = self.logits(tensors[-2], tensors[-1])
        self._models = {
            task: keras.Model(tensors[0], head, name=f"{task}_task")
            for task, head in zip(("old", "new"), heads, strict=True)
        }

    def logits(self, before, features, expand=None):
        """The logits of the old and of the new head.

        Args:
            before: The input of the last block, which only an expanded network uses.
            features: The output of the last block.
            expand: Called in place of the expansion, by a caller that runs it differently; None for the expansion.
        """
        inputs = self.seen_by_new_head(before, features, expand)
        if self.standardization:
            inputs = self.standardization(inputs)
        return self.old_head(features), self.new_head(inputs)

    def seen_by_new_head(self, before, features, expand=None):
        """The inputs of the new head before standardization: the features and, if there are any, the new units."""
        if not self.expansion:
            return features
        return keras.ops.concatenate([features, (expand or self.expansion)(before)], axis=-1)

    def features(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """The output of every layer for images (N, height, width, channels), as at inference; for heads, logits."""
        tensors, outputs = [keras.ops.convert_to_tensor(images)], {}
        for block in self.blocks:
            tensors.append(block(tensors[-1]))
            outputs[block.name] = tensors[-1]
        if self.expansion:
            outputs[EXPANSION] = self.expansion(tensors[-2])
        outputs[OLD_HEAD], outputs[NEW_HEAD] = self.logits(tensors[-2], tensors[-1])
        return {name: keras.ops.convert_to_numpy(output) for name, output in outputs.items()}

    def keras_model(self, task: str) -> keras.Model:
        """The plain Keras model of one task, `"old"` or `"new"`: images (N, height, width, channels) to logits.

        Both share the backbone's layers: training one changes the other, which is why networks forget.

        Raises:
            ValueError: For another task.
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
        """All weights of a layer, including batch normalisation's moving statistics."""
        return [weight for layer in self.layers(name) for weight in layer.weights]

    def trainable_weights(self, name: str) -> list[keras.Variable]:
        """The weights of a layer that gradients change, whether or not the layer is frozen at present."""
        parts = [part for layer in self.layers(name) for part in flat_layers(layer)]
        untrained = {id(weight) for part in parts for weight in own_non_trainable_variables(part)}
        untrained |= {id(weight) for block in self.blocks for part in block.frozen for weight in part.weights}
        return [weight for weight in self.weights(name) if id(weight) not in untrained]

    def parameters(self, name: str) -> int:
        """The number of parameters in `trainable_weights(name)`."""
        return sum(int(np.prod(weight.shape)) for weight in self.trainable_weights(name))

    def feature_size(self, depth: int) -> int:
        """The number of features of an image behind the first `depth` blocks; with 0, of the image itself."""
        return int(np.prod(self.feature_shapes[depth]))

    def initialize_new_head(self, seed: int) -> None:
        """Give the new head (and the new units) random weights, the same for the same seed.

        Kernels are Glorot uniform, biases zero, and batch normalisation starts as in Keras.
        """
        weights = [*self.new_head.weights, *(self.weights(EXPANSION) if self.expansion else [])]
        for number, weight in enumerate(weights):
            if weight.name == "kernel":
                kernel_seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1) if number else seed
                weight.assign(keras.initializers.GlorotUniform(seed=kernel_seed)(weight.shape))
            else:
                weight.assign(np.full(weight.shape, weight.name in ("gamma", "moving_variance"), "float32"))

    def snapshot(self) -> dict[str, list[np.ndarray]]:
        """A copy of all weights, layer by layer."""
        return {name: [np.array(weight.numpy()) for weight in self.weights(name)] for name in self.layer_names}

    def restore(self, snapshot: dict[str, list[np.ndarray]]) -> None:
        """Restore the weights of a snapshot, bit for bit. Layers that it doesn't contain stay as they are."""
        for name, values in snapshot.items():
            for weight, value in zip(self.weights(name), values, strict=True):
                weight.assign(value)
