"""The engine: traced updates in which every layer can be frozen or trained from one chunk to the next.

Keras fixes at the first `fit` after `compile` what trains, and a change means compiling and tracing again (some 2 s).
Here one traced function makes many updates and takes the trained layers as an input, so that a switch costs nothing;
inside, Keras's own layers (in the first block of small_cnn, `Block.fused`) and optimizers do the work. Two numbers need
a trace of their own: how many first blocks are frozen (no gradient is computed for them), and how many of those needn't
be run, as their outputs are kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np

from utils.frameworks import keras, tf
from utils.models import TransferModel
from utils.strategies.loss_term import CheckpointData, LossTerm
from utils.training.forward import ForwardPasses, portions
from utils.training.held_images import Images, of_batches
from utils.training.optimizers import LayerOptimizers
from utils.training.preparation import prepare_weights, record_images, recorded_shapes
from utils.training.step import FrozenPrefix, Material, input_signature, trace, traced_updates

_DEEP = 60  # with this many layers or more, each set of trained layers gets a trace of its own
_MOST_FEATURE_BYTES = 64e6  # for the training images' outputs at one depth, so that a machine with 1 GB isn't filled


class Engine:
    """A model with its optimizers and traced functions. It serves one run at a time.

    Args:
        model: The network.
        optimizer: "adam" or "sgd".
        losses: The terms of the loss.
        copy: A network that stays as it is at the start, and answers for the old task; None where the model does.
        image_types: The types in which the "old" and the "new" task's images are held, as from `tensor_type`.

    Attributes:
        model: The network.
        losses: The terms of the loss.
        optimizers: The optimizer of each layer.
        layers: The number of Keras layers in the backbone; `deep` is whether these are 60 or more.
        trained: The layers that train from the next update on.
    """

    def __init__(
        self,
        model: TransferModel,
        optimizer: str,
        losses: tuple[LossTerm, ...],
        copy: TransferModel | None,
        image_types: dict[str, tf.DType],
    ):
        self.model, self.losses, self._copy, self._types = model, losses, copy, image_types
        weights = {name: model.trainable_weights(name) for name in model.layer_names}
        self.optimizers = LayerOptimizers(optimizer, weights)
        self._passes = ForwardPasses(model)
        self._updates, self._features, self._copy_logits = {}, {}, {}
        self._copy_forward = tf.function(lambda x: copy.keras_model("old")(x), reduce_retracing=True)
        self.layers = sum(block.layer_count for block in model.blocks)
        self.deep = self.layers >= _DEEP
        self._most_images, self.trained = 0, ()
        self.set_trained(model.layer_names)

    @property
    def parameters(self) -> int:
        """The number of weights, including those of a copy."""
        copied = self._copy.keras_model("old").count_params() if self._copy else 0
        return copied + sum(map(self.model.parameters, self.model.layer_names))

    # What is trained, and how

    def reset(self, weights: dict[str, list[np.ndarray]], head_seed: int, images: int) -> None:
        """Start from these weights with a fresh new head and fresh optimizers.

        Args:
            weights: Weights by layer, as `TransferModel.snapshot` gives them.
            head_seed: The seed of the new head (and of added layers).
            images: The largest number of images to train on.
        """
        self.model.restore(weights)
        self.model.initialize_new_head(head_seed)
        self.model.seed_random_layers(head_seed)
        if self._copy is not None:
            self._copy.restore(weights)
        self._copy_logits.clear()
        self.optimizers.reset()
        self.forget_features()
        self._most_images = images
        self.set_trained(self.trained)

    def forget_features(self) -> None:
        """Discard all outputs of frozen blocks."""
        self._features.clear()

    def set_trained(self, layers: tuple[str, ...]) -> None:
        """Train these layers from the next update on, and freeze all others."""
        frozen = 0
        while frozen < len(self.model.blocks) and self.model.blocks[frozen].name not in layers:
            frozen += 1
        computed = min(frozen, self.model.untouched)  # added layers need the inputs of the blocks above
        while computed and self._most_images * 4 * self.model.feature_size(computed) > _MOST_FEATURE_BYTES:
            computed -= 1
        if layers != self.trained:
            self.forget_features()  # a block that trained in between has other outputs now
        self.trained, self._prefix = tuple(layers), FrozenPrefix(min(computed, self.model.steady), frozen)
        self._measured_from = computed
        self._mask = tf.constant([name in layers for name in self.model.layer_names])

    # What is computed

    def _outputs_of(self, blocks, key, images):
        """The outputs of this many frozen first blocks for these images, computed once and kept under this key."""
        if not blocks:
            return images
        if key not in self._features:
            self._features[key] = self._passes.outputs(blocks, images)
        return self._features[key]

    def backbone_features(self, images: Images) -> tf.Tensor:
        """The output of the last block for these images, as at inference: (N, features)."""
        return self._passes.outputs(len(self.model.blocks), images)

    def standardize(self, images: Images) -> None:
        """Give the features that the new head sees mean 0 and deviation 1 over these images, as the network is now."""
        model, last = self.model, len(self.model.blocks)
        if not model.added:
            kept = self._prefix.computed == last
            seen = self._outputs_of(last, "train", images) if kept else self.backbone_features(images)
        else:
            outputs = map(self._passes.prefix(model.untouched), portions(images))
            seen = tf.concat([model.features_of_heads(part, model.untouched)[1] for part in outputs], 0)
        model.standardization.adapt(keras.ops.convert_to_numpy(seen))

    def material(self, images, labels, old_images=None, old_labels=None) -> Material:
        """The training data, with what the loss terms record and prepare from the network as it is now.

        Args:
            images: The new task's images, (N, height, width, channels).
            labels: Their labels, (N,).
            old_images: The old task's images, where a term of the loss needs them.
            old_labels: Their labels.
        """
        checkpoint = CheckpointData(self.model, images, labels, old_images, old_labels)
        recorded = record_images(self.model, self.losses, self._passes.to_heads(0), images)
        return Material(images, labels, old_images, old_labels, recorded, prepare_weights(self.losses, checkpoint))

    @functools.cached_property
    def recorded_shapes(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """The shapes of what the loss terms record of one image, by term and name."""
        return recorded_shapes(self.model, self.losses, self._passes.to_heads(0))

    def update(
        self,
        material: Material,
        batches: dict[str, np.ndarray],
        weight: float = 1.0,
        options: Mapping[str, float] | None = None,
        head_l2: float = 0.0,
    ) -> np.ndarray:
        """Make one update for each row of the batches.

        Args:
            material: The training data.
            batches: Indices, (updates, batch size), of the "new" images and, where a loss needs them, the "old" ones.
            weight: λ.
            options: The values of the loss terms' options by name; the default for an option that isn't named.
            head_l2: The factor of the sum of squares of the new head's kernel.

        Returns:
            The new task's loss for each batch, before its update.
        """
        computed = self._prefix.computed
        new = {"features": self._outputs_of(computed, "train", material.images), "labels": material.labels}
        data, rows = of_batches(new | {"recorded": material.recorded}, batches["new"], "features")
        data, rows = data | {"prepared": material.prepared}, {"new": rows}
        if "old" in batches:
            old = {"rehearsed": self._outputs_of(computed, "rehearsed", material.old_images)}
            old, rows["old"] = of_batches(old | {"rehearsed labels": material.old_labels}, batches["old"], "rehearsed")
            data |= old
        step = self._update_function(self._prefix, batches["new"].shape[1])
        values = {option.name: option.default for term in self.losses for option in term.options} | (options or {})
        options = {option.name: _number(values[option.name]) for term in self.losses for option in term.options}
        return step(data, rows, self._mask, _number(weight), options, _number(head_l2)).numpy()

    def outputs(self, images: Images, key: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The logits of the old and of the new head. With a key, the frozen blocks' outputs are kept and reused."""
        computed = self._measured_from if key else 0
        forward = self._passes.to_heads(computed)
        parts = [forward(part) for part in portions(self._outputs_of(computed, key, images))]
        old, new = (np.concatenate([part[head].numpy() for part in parts]) for head in (0, 1))
        return (old if self._copy is None else self._logits_of_copy(images, key)), new

    @property
    def heads_need_only_features(self) -> bool:
        """Whether `head_logits` is enough: without added layers, and without a copy that answers for the old task."""
        return not self.model.added and self._copy is None

    def head_logits(self, features: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
        """The logits of the old and of the new head for outputs of the last block."""
        old, new, _ = self._passes.to_heads(len(self.model.blocks))(features)
        return old.numpy(), new.numpy()

    def _logits_of_copy(self, images, key):
        if key is None or key not in self._copy_logits:
            logits = np.concatenate([self._copy_forward(part).numpy() for part in portions(images)])
            if key is None:
                return logits
            self._copy_logits[key] = logits  # the copy never changes
        return self._copy_logits[key]

    def trace(self, batch_size: int) -> None:
        """Trace the next update, unless its trace exists."""
        self._trace(self._prefix, batch_size)

    def prepare(self, batch_size: int, layers: tuple[str, ...] = (), is_enough: Callable = lambda: False) -> None:
        """Trace all that a switch may need, so that the reader needn't wait for it in the middle of a run.

        Args:
            batch_size: The batch size of the run.
            layers: The layers that train first: what they need comes first; in a deep network, there is nothing else.
            is_enough: Says whether a run waits for what they need, and the rest can be traced when it's needed.
        """
        self.set_trained(layers)
        self._trace(self._prefix, batch_size)
        for frozen in () if self.deep else range(len(self.model.blocks), -1, -1):
            if is_enough():
                return
            computed = min(frozen, self.model.untouched)
            self._passes.prefix(computed)(tf.zeros((1, *self.model.feature_shapes[0])))
            self._passes.to_heads(computed)(tf.zeros((1, *self.model.feature_shapes[computed])))
            self._trace(FrozenPrefix(min(computed, self.model.steady), frozen), batch_size)

    def _trace(self, prefix, batch_size):
        key = prefix, batch_size, self.trained if self.deep else None
        if key not in self._updates:
            try:
                trace(self._update_function(prefix, batch_size))
            except BaseException:  # the engine is used again
                self._updates.pop(key, None)
                raise

    def _update_function(self, prefix, batch_size):
        fixed = self.trained if self.deep else None
        key = prefix, batch_size, fixed  # convolutions are faster with a size that is known
        if key not in self._updates:
            signature = input_signature(self.model, self.losses, prefix, batch_size, self.recorded_shapes, self._types)
            self._updates[key] = traced_updates(self.model, self.losses, prefix, signature, self.optimizers, fixed)
        return self._updates[key]


def _number(value):
    return tf.constant(value, keras.config.floatx())
