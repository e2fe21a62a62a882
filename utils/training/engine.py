"""The engine room: traced updates in which every layer can be frozen or trained from one chunk to the next.

Keras decides at the first `fit` after `compile` what trains, and a change means to compile and trace anew
(some 2 s). Here one traced function runs many updates and takes the trained layers as an input, so that a switch
costs nothing; Keras's own layers and optimizers do the work inside. Two things are worth a trace of their own:
how many blocks at the front are frozen (no gradient is computed for them), and how many of those needn't even be
run, since their outputs were computed once.
"""

import keras
import numpy as np
import tensorflow as tf

from utils.models import NEW_HEAD, TransferModel
from utils.training.losses import cross_entropy

_IMAGES_AT_ONCE = 250  # of a forward pass: more needs more memory and is no faster on two cores
_MOST_FEATURE_BYTES = 64e6  # of the training images' outputs at one depth, so that a 1 GB machine isn't filled


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A fresh Keras optimizer: "adam", or "sgd" with momentum 0.9."""
    if name == "adam":
        return keras.optimizers.Adam()
    return keras.optimizers.SGD(momentum=0.9)


class Engine:
    """A model with its optimizers and traced functions. It serves one run at a time.

    Each layer has an optimizer of its own, so that the state of a frozen layer (momentum, moving averages, step
    count) waits unchanged until the layer trains again.
    """

    def __init__(self, model: TransferModel, optimizer: str):
        self.model = model
        self._optimizers = {name: make_optimizer(optimizer) for name in model.layer_names}
        for name, one in self._optimizers.items():
            one.build(model.trainable_weights(name))
        self._updates = {}
        self._fronts, self._forwards = {}, {}
        self._features = {}
        self._most_images = 0
        self.trained = ()
        self.set_trained(model.layer_names)

    # What is trained, and how

    def reset(self, weights: dict[str, list[np.ndarray]], head_seed: int, images: int) -> None:
        """Start from these weights with a fresh new head and fresh optimizers; `images`: most that are to come."""
        self.model.restore(weights)
        self.model.initialize_new_head(head_seed)
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

    def set_learning_rate(self, rate: float) -> None:
        """The step size of all layers from the next update on."""
        for optimizer in self._optimizers.values():
            optimizer.learning_rate.assign(rate)

    def optimizer_state(self, name: str) -> list[np.ndarray]:
        """A copy of what the optimizer remembers about a layer."""
        one = self._optimizers[name]
        return [np.array(variable.numpy()) for variable in one.variables if variable is not one.learning_rate]

    def set_trained(self, layers: tuple[str, ...]) -> None:
        """Train these layers from the next update on, and freeze all others."""
        frozen = 0
        while frozen < len(self.model.blocks) and self.model.blocks[frozen].name not in layers:
            frozen += 1
        computed = frozen
        while computed and self._most_images * 4 * self.model.feature_size(computed) > _MOST_FEATURE_BYTES:
            computed -= 1
        if layers != self.trained:
            self.forget_features()  # what was trained meanwhile gives other features
        self.trained, self._frozen, self._computed = tuple(layers), frozen, computed
        self._mask = tf.constant([name in layers for name in self.model.layer_names])

    # What is computed

    def features(self, key: str, images: tf.Tensor) -> tf.Tensor:
        """The outputs of the frozen first blocks for these images, computed once while they stay frozen."""
        if not self._computed:
            return images
        if key not in self._features:
            front = self._front_function(self._computed)
            self._features[key] = tf.concat([front(part) for part in _portions(images)], 0)
        return self._features[key]

    def update(self, key: str, images: tf.Tensor, labels: tf.Tensor, batches: np.ndarray) -> np.ndarray:
        """One optimizer step a row of `batches`; the training loss of each, before its step.

        images: (N, height, width, channels), known to the engine as `key`; labels: (N,);
        batches: indices, (updates, batch size).
        """
        step = self._update_function(self._computed, self._frozen, batches.shape[1])
        return step(self.features(key, images), labels, tf.constant(batches, tf.int32), self._mask).numpy()

    def outputs(self, images: tf.Tensor, key: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The logits of the old and of the new head. With a key, the frozen blocks' outputs are kept and reused."""
        forward = self._forward_function(self._computed if key else 0)
        parts = [forward(part) for part in _portions(self.features(key, images) if key else images)]
        return tuple(np.concatenate([part[head].numpy() for part in parts]) for head in (0, 1))

    def trace(self, batch_size: int) -> None:
        """Trace the update that is due next, unless it was."""
        self._trace(self._computed, self._frozen, batch_size)

    def prepare(self, batch_size: int) -> None:
        """Trace what a switch may ask for, so that no reader has to wait for it in the middle of a run."""
        for frozen in range(len(self.model.blocks), -1, -1):
            self._front_function(frozen)(tf.zeros((1, *self.model.feature_shapes[0])))
            self._forward_function(frozen)(tf.zeros((1, *self.model.feature_shapes[frozen])))
            self._trace(frozen, frozen, batch_size)

    # The traced functions, each made at its first use

    def _trace(self, computed, frozen, batch_size):
        if (computed, frozen, batch_size) not in self._updates:
            image, label = tf.zeros((1, *self.model.feature_shapes[computed])), tf.zeros((1,), tf.int32)
            nothing = tf.zeros((0, batch_size), tf.int32)
            self._update_function(computed, frozen, batch_size)(image, label, nothing, self._mask)

    def _front_function(self, computed):
        if computed not in self._fronts:

            def front(images):
                for block in self.model.blocks[:computed]:
                    images = block(images)
                return images

            signature = [tf.TensorSpec((None, *self.model.feature_shapes[0]), keras.config.floatx())]
            self._fronts[computed] = tf.function(front, input_signature=signature)
        return self._fronts[computed]

    def _forward_function(self, computed):
        if computed not in self._forwards:

            def forward(features):
                for block in self.model.blocks[computed:]:
                    features = block(features)
                return self.model.old_head(features), self.model.new_head(features)

            signature = [tf.TensorSpec((None, *self.model.feature_shapes[computed]))]
            self._forwards[computed] = tf.function(forward, input_signature=signature)
        return self._forwards[computed]

    def _update_function(self, computed, frozen, batch_size):
        key = computed, frozen, batch_size  # a size that is known beforehand makes convolutions faster
        if key not in self._updates:
            names = [block.name for block in self.model.blocks[frozen:]] + [NEW_HEAD]
            weights = {name: self.model.trainable_weights(name) for name in names}

            def updates(features, labels, batches, mask):
                losses = tf.TensorArray(tf.float32, size=tf.shape(batches)[0])
                for i in tf.range(tf.shape(batches)[0]):
                    with tf.GradientTape() as tape:
                        x = self._forward_in_training(tf.gather(features, batches[i]), computed, frozen, mask)
                        loss = cross_entropy(self.model.new_head(x), tf.gather(labels, batches[i]))
                    gradients = tape.gradient(loss, {n: [w.value for w in weights[n]] for n in names})
                    for name in names:
                        self._apply(name, gradients[name], weights[name], mask)
                    losses = losses.write(i, loss)
                return losses.stack()

            signature = [
                tf.TensorSpec((None, *self.model.feature_shapes[computed])),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((None, batch_size), tf.int32),
                tf.TensorSpec((len(self.model.layer_names),), tf.bool),
            ]
            self._updates[key] = tf.function(updates, input_signature=signature)
        return self._updates[key]

    def _forward_in_training(self, x, computed, frozen, mask):
        """The features of a batch. A frozen block acts as at inference: its batch statistics stay, too."""
        for i, block in enumerate(self.model.blocks):
            if i < computed:
                continue
            if i >= frozen and block.acts_differently_in_training:
                x = tf.cond(mask[i], lambda b=block, x=x: b(x, training=True), lambda b=block, x=x: b(x))
            else:
                x = block(x)
        return x

    def _apply(self, name, gradients, weights, mask):
        def learn():
            self._optimizers[name].apply(gradients, weights)
            return True

        tf.cond(mask[self.model.layer_names.index(name)], learn, lambda: False)


def _portions(images):
    return (images[i : i + _IMAGES_AT_ONCE] for i in range(0, len(images), _IMAGES_AT_ONCE))
