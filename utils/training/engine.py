"""The engine room: traced updates in which every layer can be frozen or trained from one chunk to the next.

Keras decides at the first `fit` after `compile` what trains, and a change means to compile and trace anew (some 2 s).
Here one traced function runs many updates and takes the trained layers as an input, so that a switch costs nothing;
Keras's own layers and optimizers do the work inside. Two things are worth a trace of their own: how many blocks at the
prefix are frozen (no gradient is computed for them), and how many of those needn't even be run, as their outputs
were computed once.
"""

import functools
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from utils.models import TransferModel
from utils.strategies.loss_term import CheckpointData, LossTerm
from utils.strategies.losses import NEW_TASK
from utils.training.forward import portions, traced_forward, traced_prefix
from utils.training.optimizers import make_optimizer
from utils.training.preparation import prepared, recorded, recorded_shapes
from utils.training.step import FrozenPrefix, Material, no_updates, specification, traced_updates

_DEEP = 60  # layers from which on each set of trained layers gets a trace of its own
_MOST_FEATURE_BYTES = 64e6  # of the training images' outputs at one depth, so that a 1 GB machine isn't filled


class Engine:
    """A model with its optimizers and traced functions. It serves one run at a time.

    Each layer has an optimizer of its own, so that the state of a frozen layer (momentum, moving averages, step
    count) waits unchanged until the layer trains again.

    losses: the terms of the loss. copy: a network that stays as it was at the start, and answers
    for the old task; None where the model itself does. deep: whether it has 60 layers or more.
    """

    def __init__(
        self,
        model: TransferModel,
        optimizer: str,
        losses: tuple[LossTerm, ...] = (NEW_TASK,),
        copy: TransferModel | None = None,
    ):
        self.model, self.losses, self._copy = model, losses, copy
        self._optimizers = {name: make_optimizer(optimizer) for name in model.layer_names}
        for name, one in self._optimizers.items():
            one.build(model.trainable_weights(name))
        self._updates = {}
        self._prefixes, self._forwards = {}, {}
        self._features, self._copied = {}, {}
        self._ask_copy = tf.function(lambda x: copy.keras_model("old")(x), reduce_retracing=True)
        self._most_images = 0
        self.deep = sum(block.layer_count for block in model.blocks) >= _DEEP
        self.trained = ()
        self.set_trained(model.layer_names)

    @property
    def parameters(self) -> int:
        """How many weights there are in all, a copy's among them."""
        model, copy = self.model, self._copy
        own = sum(map(model.parameters, model.layer_names))
        return own + (copy.keras_model("old").count_params() if copy else 0)

    # What is trained, and how

    def reset(self, weights: dict[str, list[np.ndarray]], head_seed: int, images: int) -> None:
        """Start from these weights with a fresh new head and fresh optimizers; `images`: most that are to come."""
        self.model.restore(weights)
        self.model.initialize_new_head(head_seed)
        if self._copy is not None:
            self._copy.restore(weights)
        self._copied.clear()
        self.reset_optimizers()
        self.forget_features()
        self._most_images = images
        self.set_trained(self.trained)

    def forget_features(self) -> None:
        """Let go of all outputs that were kept."""
        self._features.clear()

    def reset_optimizers(self) -> None:
        """Forget momentum, moving averages and step counts, as compiling anew would."""
        for optimizer in self._optimizers.values():
            for variable in optimizer.variables:
                if variable is not optimizer.learning_rate:
                    variable.assign(tf.zeros(variable.shape, variable.dtype))

    def set_learning_rate(self, rate: float, factors: dict[str, float] | None = None) -> None:
        """The step size from the next update on. factors: by what it is multiplied, by layer; 1 where none is named."""
        for name, optimizer in self._optimizers.items():
            optimizer.learning_rate.assign(rate * (factors or {}).get(name, 1.0))

    def optimizer_state(self, name: str) -> list[np.ndarray]:
        """A copy of what the optimizer remembers about a layer."""
        one = self._optimizers[name]
        return [np.array(variable.numpy()) for variable in one.variables if variable is not one.learning_rate]

    def set_trained(self, layers: tuple[str, ...]) -> None:
        """Train these layers from the next update on, and freeze all others."""
        frozen = 0
        while frozen < len(self.model.blocks) and self.model.blocks[frozen].name not in layers:
            frozen += 1
        computed = min(frozen, self._most_computed)
        while computed and self._most_images * 4 * self.model.feature_size(computed) > _MOST_FEATURE_BYTES:
            computed -= 1
        if layers != self.trained:
            self.forget_features()  # what was trained meanwhile gives other features
        self.trained, self._prefix = tuple(layers), FrozenPrefix(computed, frozen)
        self._mask = tf.constant([name in layers for name in self.model.layer_names])

    @property
    def _most_computed(self):
        """New units look at what goes into the last block, so that one is run anyway."""
        return len(self.model.blocks) - (self.model.expansion is not None)

    # What is computed

    def features(self, key: str, images: tf.Tensor) -> tf.Tensor:
        """The outputs of the frozen first blocks for these images, computed once while they stay frozen."""
        if not self._prefix.computed:
            return images
        if key not in self._features:
            self._features[key] = self._passed(self._prefix.computed, images)
        return self._features[key]

    def backbone_features(self, images: tf.Tensor) -> tf.Tensor:
        """What comes out of the last block for these images, as at inference: (N, features)."""
        return self._passed(len(self.model.blocks), images)

    def _passed(self, blocks, images):
        prefix = self._prefix_function(blocks)
        return tf.concat([prefix(part) for part in portions(images)], 0)

    def standardize(self, images: tf.Tensor) -> None:
        """Bring what the new head sees to mean 0 and deviation 1 over these images, as the network is now."""
        model, last = self.model, len(self.model.blocks)
        if model.expansion is None:
            seen = self.features("train", images) if self._prefix.computed == last else self._passed(last, images)
        else:
            before = map(self._prefix_function(last - 1), portions(images))
            seen = tf.concat([model.seen_by_new_head(part, model.blocks[-1](part)) for part in before], 0)
        model.standardization.adapt(keras.ops.convert_to_numpy(seen))

    def material(self, images, labels, old_images=None, old_labels=None) -> Material:
        """What is learnt from, with what the terms of the loss record and prepare of the network as it is now.

        The arguments are those of `Material`; old images are there where a term of the loss needs them.
        """
        checkpoint = CheckpointData(self.model, images, labels, old_images, old_labels)
        rows = recorded(self.model, self.losses, self._forward_function(0), images)
        return Material(images, labels, old_images, old_labels, rows, prepared(self.losses, checkpoint))

    @functools.cached_property
    def recorded_shapes(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """The shape of what each term of the loss records of one image, by the term's name and its own."""
        return recorded_shapes(self.model, self.losses, self._forward_function(0))

    def update(
        self,
        material: Material,
        batches: dict[str, np.ndarray],
        weight: float = 1.0,
        options: Mapping[str, float] | None = None,
        head_l2: float = 0.0,
    ) -> np.ndarray:
        """One optimizer step a row of the batches; the new task's loss at each, before its step.

        batches: indices, (updates, batch size), of the "new" images and, where a loss needs them, of the "old" ones.
        weight: λ. options: of the terms, by name; their defaults where None is given. head_l2: factor of the sum of
        squares of the new head's kernel.
        """
        data = {"features": self.features("train", material.images), "labels": material.labels}
        data |= {"recorded": material.recorded, "prepared": material.prepared}
        if "old" in batches:
            data["rehearsed"] = self.features("rehearsed", material.old_images)
            data["rehearsed labels"] = material.old_labels
        rows = {name: tf.constant(indices, tf.int32) for name, indices in batches.items()}
        step = self._update_function(self._prefix, batches["new"].shape[1])
        values = {option.name: option.default for term in self.losses for option in term.options} | (options or {})
        options = {option.name: _number(values[option.name]) for term in self.losses for option in term.options}
        return step(data, rows, self._mask, _number(weight), options, _number(head_l2)).numpy()

    def outputs(self, images: tf.Tensor, key: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The logits of the old and of the new head. With a key, the frozen blocks' outputs are kept and reused."""
        forward = self._forward_function(self._prefix.computed if key else 0)
        parts = [forward(part) for part in portions(self.features(key, images) if key else images)]
        old, new = (np.concatenate([part[head].numpy() for part in parts]) for head in (0, 1))
        return (old if self._copy is None else self._answers_of_copy(images, key)), new

    @property
    def heads_see_the_backbone_alone(self) -> bool:
        """Whether `answers` says all: there are no new units, and no copy that answers for the old task."""
        return self.model.expansion is None and self._copy is None

    def answers(self, features: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
        """The logits of the old and of the new head for what comes out of the last block."""
        old, new, _ = self._forward_function(len(self.model.blocks))(features)
        return old.numpy(), new.numpy()

    def _answers_of_copy(self, images, key):
        if key is None or key not in self._copied:
            answers = np.concatenate([self._ask_copy(part).numpy() for part in portions(images)])
            if key is None:
                return answers
            self._copied[key] = answers  # it never changes
        return self._copied[key]

    def trace(self, batch_size: int) -> None:
        """Trace the update that is due next, unless it was."""
        self._trace(self._prefix, batch_size)

    def prepare(self, batch_size: int, layers: tuple[str, ...] = ()) -> None:
        """Trace what a switch may ask for, so that no reader has to wait for it in the middle of a run.

        layers: those that train first; in a deep network nothing is traced but what they need.
        """
        if self.deep:
            self.set_trained(layers)
            self._trace(self._prefix, batch_size)
            return
        for frozen in range(len(self.model.blocks), -1, -1):
            computed = min(frozen, self._most_computed)
            self._prefix_function(computed)(tf.zeros((1, *self.model.feature_shapes[0])))
            self._forward_function(computed)(tf.zeros((1, *self.model.feature_shapes[computed])))
            self._trace(FrozenPrefix(computed, frozen), batch_size)

    # The traced functions, each made at its first use

    def _trace(self, prefix, batch_size):
        if (prefix, batch_size, self.trained if self.deep else None) not in self._updates:
            step = self._update_function(prefix, batch_size)
            step(*no_updates(step.input_signature))

    def _prefix_function(self, computed):
        if computed not in self._prefixes:
            self._prefixes[computed] = traced_prefix(self.model, computed)
        return self._prefixes[computed]

    def _forward_function(self, computed):
        if computed not in self._forwards:
            self._forwards[computed] = traced_forward(self.model, computed)
        return self._forwards[computed]

    def _update_function(self, prefix, batch_size):
        fixed = self.trained if self.deep else None
        key = prefix, batch_size, fixed  # a size that is known beforehand makes convolutions faster
        if key not in self._updates:
            signature = specification(self.model, self.losses, prefix, batch_size, self.recorded_shapes)
            self._updates[key] = traced_updates(self.model, self.losses, prefix, signature, self._optimizers, fixed)
        return self._updates[key]


def _number(value):
    return tf.constant(value, keras.config.floatx())
