"""Encoders of texts: a text goes in, a vector comes out. A small one comes with the project."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from utils.checks import check_function, check_kind, check_list, check_text, check_whole_number, wrapped
from utils.frameworks import keras
from utils.messages import refusal
from utils.shipped import read_shipped, read_shipped_text
from utils.tasks import sha256
from utils.text.texts import check_texts
from utils.text.transformer import PADDING, Shape, transformer

SHIPPED = Path(__file__).parent / "shipped" / "small-text-encoder"
UNKNOWN = 1
BATCH = 32  # texts at once
_STEP = 32  # lengths are rounded up to a multiple of this, so that few shapes are traced
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


class TextEncoder:
    """Texts to vectors, by a Keras network that can be frozen, and trained, like any other.

    Args:
        name: Shown with the encoder.
        network: A `transformer`.
        tokens: From a text to its token numbers, all of them.
        longest: The number of tokens of a text that are read; the rest is cut.
        head: Weights (width, classes) and bias (classes,) of the task that it was trained on, if it has them.
        end: The number of the token that closes a text, even one that is cut; None where there is none.
    """

    def __init__(
        self,
        name: str,
        network: keras.Model,
        tokens: Callable[[str], list[int]],
        longest: int,
        head: tuple[np.ndarray, np.ndarray] | None = None,
        end: int | None = None,
    ):
        check_text("name", name)
        check_kind("network", network, keras.Model, "give a keras.Model, as transformer(...) does")
        check_function("tokens", tokens, 1)
        longest = check_whole_number("longest", longest, 1)
        end = None if end is None else check_whole_number("end", end)
        if head is not None:
            wanted = "give weights (width, classes) and bias (classes,), or None"
            parts = check_list("head", head, wanted=wanted)
            if len(parts) != 2 or np.ndim(parts[0]) != 2 or np.shape(parts[1]) != np.shape(parts[0])[1:]:
                raise ValueError(refusal("head", head, wanted))
        self.name, self.network, self.longest, self.head = name, network, longest, head
        self._tokens, self._end = tokens, end

    @property
    def width(self) -> int:
        """The length of a vector."""
        return self.network.output_shape[-1]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the layers with weights, from the text upwards."""
        return tuple(layer.name for layer in self.network.layers if layer.weights)

    def ids(self, texts: Sequence[str]) -> np.ndarray:
        """Token numbers of the texts.

        Args:
            texts: N texts. What follows the first `longest` tokens is cut.

        Returns:
            int32 of shape (N, L), padded with 0.

        Raises:
            ValueError: For anything that isn't a str or has no character to read.
        """
        rows = [self._cut(self._tokens(text)) for text in check_texts("texts", texts)]
        length = _rounded(max(map(len, rows), default=1), self.longest)
        return keras.utils.pad_sequences(rows, length, "int32", padding="post", value=PADDING)

    def too_long(self, texts: Sequence[str]) -> int:
        """The number of texts with more tokens than the encoder reads."""
        return sum(len(self._tokens(text)) > self.longest for text in check_texts("texts", texts))

    def vectors(self, texts: Sequence[str], progress: Callable = iter) -> np.ndarray:
        """The vectors of the texts, with the encoder's weights as they are now.

        Args:
            texts: N texts.
            progress: Wraps the list of batches, each an array of the texts' positions, such as `utils.show_progress`.

        Returns:
            float32 of shape (N, width).
        """
        return outputs_by_length(self.network, self.ids(texts), progress)

    def fingerprint(self) -> str:
        """A digest of all weights, which changes as soon as anything has been trained."""
        return sha256("".join(sha256(array.tobytes()) for array in self.network.get_weights()).encode())

    def __sklearn_clone__(self):
        return self  # a pipeline that is copied goes on using the same network

    def __repr__(self):
        return f"TextEncoder({self.name!r}: {self.width} numbers per text, {self.network.count_params():,} parameters)"

    def _cut(self, tokens):
        if len(tokens) <= self.longest:
            return tokens
        return tokens[: self.longest] if self._end is None else [*tokens[: self.longest - 1], self._end]


def lengths(ids: np.ndarray) -> np.ndarray:
    """The number of tokens of each text: (N,) from (N, L)."""
    return (ids != PADDING).sum(axis=1)


def trimmed(ids: np.ndarray) -> np.ndarray:
    """The same without most of the columns that hold only padding."""
    return ids[:, : _rounded(lengths(ids).max(initial=1), ids.shape[1])]


def outputs_by_length(network: keras.Model, ids: np.ndarray, progress: Callable = iter) -> np.ndarray:
    """A network's outputs, as at inference, computed in batches of texts of similar length: less padding.

    Args:
        network: From token numbers to one vector per text.
        ids: int32 of shape (N, L).
        progress: Wraps the list of batches, as in `TextEncoder.vectors`.

    Returns:
        float32 of shape (N, outputs).
    """
    order = np.argsort(lengths(ids), kind="stable")
    outputs = np.empty((len(ids), network.output_shape[-1]), np.float32)
    for rows in wrapped(progress, [order[start : start + BATCH] for start in range(0, len(ids), BATCH)]):
        outputs[rows] = network.predict_on_batch(trimmed(ids[rows]))
    return outputs


def words(text: str) -> list[str]:
    """The words and signs of a text, in small letters, as the small encoder reads them."""
    return [token.replace("’", "'") for token in _TOKEN.findall(text.lower())]


def word_tokens(vocabulary: Sequence[str]) -> Callable[[str], list[int]]:
    """A function from a text to its words' numbers: 2 and up in the vocabulary's order, `UNKNOWN` for all others."""
    numbers = {word: number for number, word in enumerate(vocabulary, UNKNOWN + 1)}
    # A text without any word or sign (a variation selector alone, say) still is one token, though an unknown one.
    return lambda text: [numbers.get(word, UNKNOWN) for word in words(text)] or [UNKNOWN]


def small_text_encoder() -> TextEncoder:
    """The encoder that ships with the project, trained on `reviews("domain")`: is it a product, film or restaurant?

    `python -m utils.text.teaching` makes it again.

    Returns:
        A new encoder at each call, which can be trained without affecting others.

    Raises:
        ValueError: Where its files aren't those that were shipped.
    """
    record, data = _shipped()
    encoder = encoder_of_words(record["vocabulary"], record["shape"])
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        encoder.network.set_weights([file[f"network/{i}"] for i in range(len(encoder.network.weights))])
        encoder.head = file["head/0"], file["head/1"]
    return encoder


def encoder_of_words(vocabulary: Sequence[str], shape: dict) -> TextEncoder:
    """An untrained encoder that reads whole words; shape: the fields of `Shape` except `vocabulary`."""
    sizes = Shape(vocabulary=len(vocabulary) + UNKNOWN + 1, **shape)
    return TextEncoder(
        "small_text_encoder", transformer(sizes, "small_text_encoder"), word_tokens(vocabulary), sizes.longest
    )


def shipped_record() -> dict:
    """How the small encoder was made: its recipe, accuracies, versions and vocabulary."""
    return _shipped()[0]


@lru_cache(maxsize=1)
def _shipped():
    record = json.loads(read_shipped_text(SHIPPED.with_suffix(".json")))
    data = read_shipped(SHIPPED.with_suffix(".npz"))
    if sha256(data) != record["sha256"]:
        raise ValueError(f"{SHIPPED.name}.npz isn't the file that was shipped: fetch the project again.")
    return record, data


def _rounded(length, most):
    return min(most, -(-max(int(length), 1) // _STEP) * _STEP)
