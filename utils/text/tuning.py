"""A head on an encoder, trained alone or together with the encoder, in plain Keras."""

from collections.abc import Iterable

import keras
import numpy as np

from utils.freezing.trainable import set_trainable
from utils.text.encoder import TextEncoder, lengths, trimmed

BATCH = 32
_POOL = 8 * BATCH  # texts among which those of like length are put together


class HeadTraining:
    """A head for vectors that were computed once. It can be trained many times, each time from the start."""

    def __init__(self, width: int, classes: int):
        self._again = _Again(keras.Sequential([keras.Input((width,)), keras.layers.Dense(classes)]))
        self.trained_parameters = (width + 1) * classes

    def fit(self, vectors: np.ndarray, labels: np.ndarray, rate: float, epochs: int, seed: int) -> tuple:
        """The head's weights (width, classes) and bias (classes,). vectors: (N, width); seed: start and order."""
        chance = np.random.default_rng(seed)
        head = _fresh(*self._again.network.output_shape[-1:], vectors.shape[1], chance)
        self._again.begin(head, rate, seed)
        for _ in range(epochs):
            order = chance.permutation(len(vectors))
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                self._again.network.train_on_batch(vectors[rows], labels[rows])
        return tuple(self._again.network.get_weights())


class EncoderTraining:
    """An encoder with a new head, of which chosen layers train; each time from the weights that it came with.

    trained: which of `encoder.blocks` learn beside the head; None for all. `restore` gives the encoder back as it was.
    """

    def __init__(self, encoder: TextEncoder, classes: int, trained: Iterable[str] | None = None):
        trained = encoder.blocks if trained is None else tuple(trained)
        if unknown := set(trained) - set(encoder.blocks):
            raise ValueError(
                f"trained: there is no {sorted(unknown)[0]!r}; the encoder's layers are {', '.join(encoder.blocks)}."
            )
        self.encoder, self._start = encoder, encoder.network.get_weights()
        set_trainable(encoder.network, list(trained) if trained else 0)
        head = keras.layers.Dense(classes, name="new_head")
        self._again = _Again(keras.Model(encoder.network.input, head(encoder.network.output)))
        self.trained_parameters = sum(int(np.prod(one.shape)) for one in self._again.network.trainable_weights)

    def fit(
        self, ids: np.ndarray, labels: np.ndarray, rate: float, epochs: int, seed: int, head: tuple | None = None
    ) -> None:
        """Train. ids: int32 (N, L). head: weights and bias to begin with; None for a random one."""
        chance = np.random.default_rng(seed)
        network = self._again.network
        head = _fresh(network.output_shape[-1], self.encoder.width, chance) if head is None else head
        self._again.begin([*self._start, *head], rate, seed)
        for _ in range(epochs):
            for rows in _batches(lengths(ids), chance):
                network.train_on_batch(trimmed(ids[rows]), labels[rows])

    def predict(self, ids: np.ndarray) -> np.ndarray:
        """The class of each text, (N,)."""
        return _by_length(self._again.network, ids).argmax(axis=1)

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """What the encoder makes of the texts now, float32 of shape (N, width)."""
        return _by_length(self.encoder.network, ids)

    def restore(self) -> None:
        """The encoder's weights as they were before any training."""
        self.encoder.network.set_weights(self._start)


class _Again:
    """A network that is compiled once and then trained from several starts."""

    def __init__(self, network):
        self.network = network
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.Adam(), loss)
        network.optimizer.build(network.trainable_variables)
        self._chance = [one for one in network.variables if one.name == "seed_generator_state"]
        self._optimizer = [keras.ops.convert_to_numpy(one) for one in network.optimizer.variables]

    def begin(self, weights, rate, seed):
        self.network.set_weights(list(weights))
        # Dropout goes on from its generators' own state, which is none of the weights.
        for number, state in enumerate(self._chance):
            state.assign([seed, number])
        for variable, value in zip(self.network.optimizer.variables, self._optimizer, strict=True):
            variable.assign(value)
        self.network.optimizer.learning_rate = rate


def _fresh(classes, width, chance):
    bound = np.sqrt(6 / (width + classes))  # Glorot's, as a Dense layer of Keras begins
    kernel = chance.uniform(-bound, bound, (width, classes)).astype(np.float32)
    return kernel, np.zeros(classes, np.float32)


def _batches(sizes, chance):
    """Batches of texts by chance, yet with those of like length together: less padding is computed.

    All have the same size, so that few shapes are traced: each time a few texts, other ones, are left out.
    """
    order, batches = chance.permutation(len(sizes)), []
    whole = max(len(order) // BATCH * BATCH, min(len(order), BATCH))
    for first in range(0, whole, _POOL):
        pool = order[first : min(first + _POOL, whole)]
        pool = pool[np.argsort(sizes[pool], kind="stable")]
        batches += [pool[start : start + BATCH] for start in range(0, len(pool), BATCH)]
    return [batches[number] for number in chance.permutation(len(batches))]


def _by_length(network, ids):
    order = np.argsort(lengths(ids), kind="stable")
    parts = [network.predict_on_batch(trimmed(ids[order[i : i + BATCH]])) for i in range(0, len(ids), BATCH)]
    found = np.empty((len(ids), network.output_shape[-1]), np.float32)
    found[order] = np.concatenate(parts)
    return found
