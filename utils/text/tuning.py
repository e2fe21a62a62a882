"""A head on an encoder, trained alone or together with the encoder, in plain Keras."""

from collections.abc import Iterable

import numpy as np

from utils.checks import (
    check_array,
    check_kind,
    check_list,
    check_names,
    check_number,
    check_one_of,
    check_seed,
    check_whole_number,
)
from utils.frameworks import keras, tf
from utils.freezing.trainable import set_trainable
from utils.measures import softmax
from utils.messages import refusal
from utils.text.encoder import BATCH, TextEncoder, lengths, outputs_by_length, trimmed
from utils.text.stopping import Stop, train_epochs

_MOST_CLASSES, _MOST_EPOCHS = 100_000, 10_000
_POOL = 8 * BATCH  # texts among which those of similar length are put together


class HeadTraining:
    """A head for vectors that were computed once. It can be trained many times, each time from the start.

    Args:
        width: The length of a vector.
        classes: The number of classes.
    """

    def __init__(self, width: int, classes: int):
        self._compiled = _Compiled(keras.Sequential([keras.Input((width,)), keras.layers.Dense(classes)]))
        self._epoch = _traced_epoch(self._compiled.network)

    def fit(
        self,
        vectors: np.ndarray,
        labels: np.ndarray,
        rate: float,
        epochs: int,
        seed: int,
        stop: Stop | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Train with Adam on cross-entropy. In each epoch a few vectors, different ones, are left out.

        Args:
            vectors: float32 of shape (N, width).
            labels: int32 of shape (N,).
            rate: The learning rate.
            epochs: Passes over the vectors; with `stop`, at most.
            seed: Fixes the head's first weights and the order.
            stop: When to end before that; the weights are then those of the best epoch.

        Returns:
            The head's weights (width, classes) and bias (classes,).
        """
        rng, network = np.random.default_rng(seed), self._compiled.network
        head = _random_head(vectors.shape[1], network.output_shape[-1], rng)
        self._compiled.start(head, rate, seed)

        def epoch():
            rows = rng.permutation(len(vectors))[: max(len(vectors) // BATCH, 1) * BATCH]
            shape = (-1, min(BATCH, len(rows)))
            self._epoch(vectors[rows].reshape(*shape, vectors.shape[1]), labels[rows].reshape(shape))

        train_epochs(network, epoch, epochs, stop, network.predict_on_batch)
        return tuple(network.get_weights())


class EncoderTraining:
    """An encoder with a new head, of which chosen layers train; each time from the weights that it came with.

    Args:
        encoder: The encoder, whose own weights are trained; `restore` gives it back as it was.
        classes: The number of classes.
        trained: The names in `encoder.blocks` that learn beside the head; None for all.

    Attributes:
        encoder: The encoder.
        trained_parameters: The numbers that learn.

    Raises:
        ValueError: For a name that isn't in `encoder.blocks`.
    """

    def __init__(self, encoder: TextEncoder, classes: int, trained: Iterable[str] | None = None):
        check_kind("encoder", encoder, TextEncoder, "give a TextEncoder")
        classes = check_whole_number("classes", classes, 1, _MOST_CLASSES)
        trained = encoder.blocks if trained is None else check_names("trained", trained)
        for name in trained:
            check_one_of("trained", name, encoder.blocks)
        self.encoder, self._start = encoder, encoder.network.get_weights()
        set_trainable(encoder.network, list(trained) if trained else 0)
        head = keras.layers.Dense(classes, name="new_head")
        self._compiled = _Compiled(keras.Model(encoder.network.input, head(encoder.network.output)))
        weights = self._compiled.network.trainable_weights
        self.trained_parameters = sum(int(np.prod(weight.shape)) for weight in weights)

    def fit(
        self,
        ids: np.ndarray,
        labels: np.ndarray,
        rate: float,
        epochs: int,
        seed: int,
        head: tuple[np.ndarray, np.ndarray] | None = None,
        stop: Stop | None = None,
    ) -> None:
        """Train with Adam on cross-entropy.

        Args:
            ids: Token numbers, int32 of shape (N, L).
            labels: int32 of shape (N,).
            rate: The learning rate.
            epochs: Passes over the texts; with `stop`, at most.
            seed: Fixes the order, dropout, and a random head.
            head: Weights and bias to start with; None for a random head.
            stop: When to end before that; the weights are then those of the best epoch.
        """
        ids, labels = check_array("ids", ids, 2, kinds="iu"), check_array("labels", labels, 1, kinds="iu")
        self._check_ids(ids)
        most = self._compiled.network.output_shape[-1] - 1
        if len(labels) != len(ids) or labels.min() < 0 or labels.max() > most:
            shapes = f"labels of shape {labels.shape}, from {labels.min()} to {labels.max()}, and ids {ids.shape}"
            raise ValueError(f"{shapes} are not allowed: give a label from 0 to {most} to each.")
        check_number("rate", rate, 0)
        epochs, seed = check_whole_number("epochs", epochs, 0, _MOST_EPOCHS), check_seed("seed", seed)
        if head is not None:
            _check_head(head, (self.encoder.width, most + 1))
        rng, network = np.random.default_rng(seed), self._compiled.network
        head = _random_head(self.encoder.width, network.output_shape[-1], rng) if head is None else head
        self._compiled.start([*self._start, *head], rate, seed)

        def epoch():
            for rows in batches_by_length(lengths(ids), rng):
                network.train_on_batch(trimmed(ids[rows]), labels[rows])

        train_epochs(network, epoch, epochs, stop, lambda inputs: outputs_by_length(network, inputs))

    def predict(self, ids: np.ndarray) -> np.ndarray:
        """The class of each text: (N,) from token numbers (N, L)."""
        return self.predict_proba(ids).argmax(axis=1)

    def predict_proba(self, ids: np.ndarray) -> np.ndarray:
        """The probability of each class: (N, classes) from token numbers (N, L)."""
        ids = check_array("ids", ids, 2, kinds="iu")
        self._check_ids(ids)
        return softmax(outputs_by_length(self._compiled.network, ids))

    def _check_ids(self, ids):
        vocabulary, longest = self._start[0].shape[0], self.encoder.longest
        if ids.min() < 0 or ids.max() >= vocabulary or ids.shape[1] > longest:
            holds = f"ids of shape {ids.shape}, from {ids.min()} to {ids.max()}"
            raise ValueError(f"{holds}, are not allowed: give at most {longest} tokens, from 0 to {vocabulary - 1}.")

    def restore(self) -> None:
        """Give the encoder the weights that it had before any training."""
        self.encoder.network.set_weights(self._start)


def _check_head(head, shape):
    wanted = f"give weights of the shape {shape} and a bias ({shape[1]},), or None"
    parts = check_list("head", head, wanted=wanted)
    if [np.shape(part) for part in parts] != [shape, shape[1:]]:
        raise ValueError(refusal("head", head, wanted))


class _Compiled:
    """A network that is compiled once and then trained from several starts."""

    def __init__(self, network):
        self.network = network
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.Adam(), loss)
        network.optimizer.build(network.trainable_variables)
        self._random_states = [variable for variable in network.variables if variable.name == "seed_generator_state"]
        self._optimizer = [keras.ops.convert_to_numpy(variable) for variable in network.optimizer.variables]

    def start(self, weights, rate, seed):
        self.network.set_weights(list(weights))
        # Dropout continues from its generators' own state, which isn't among the weights.
        for number, state in enumerate(self._random_states):
            state.assign([seed, number])
        for variable, value in zip(self.network.optimizer.variables, self._optimizer, strict=True):
            variable.assign(value)
        self.network.optimizer.learning_rate = rate


def _traced_epoch(network):
    """A function of batches of inputs and labels that trains on one after another, without leaving TensorFlow's graph.

    For a head, whose updates take microseconds, that is ten times as fast as calling it for each batch.
    """

    @tf.function(reduce_retracing=True)
    def epoch(inputs, labels):
        for number in tf.range(tf.shape(inputs)[0]):
            with tf.GradientTape() as tape:
                loss = network.loss(labels[number], network(inputs[number], training=True))
            gradients = tape.gradient(loss, network.trainable_variables)
            network.optimizer.apply(gradients, network.trainable_variables)

    return epoch


def batches_by_length(sizes: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Random batches in which texts of similar length are together, so that less padding is computed.

    All batches have the same size, so that few shapes are traced; each time a few texts, different ones, are left out.

    Args:
        sizes: The length of each text, (N,).
        rng: Draws the batches.

    Returns:
        The positions of the texts in each batch, in random order.
    """
    order, batches = rng.permutation(len(sizes)), []
    whole = max(len(order) // BATCH * BATCH, min(len(order), BATCH))
    for first in range(0, whole, _POOL):
        pool = order[first : min(first + _POOL, whole)]
        pool = pool[np.argsort(sizes[pool], kind="stable")]
        batches += [pool[start : start + BATCH] for start in range(0, len(pool), BATCH)]
    return [batches[number] for number in rng.permutation(len(batches))]


def _random_head(width, classes, rng):
    bound = np.sqrt(6 / (width + classes))  # Glorot and Bengio 2010, as a Dense layer of Keras starts
    kernel = rng.uniform(-bound, bound, (width, classes)).astype(np.float32)
    return kernel, np.zeros(classes, np.float32)
