"""Encoders of texts: a text goes in, a vector comes out. One of them is small and comes with the project."""

import io
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import keras
import numpy as np

from utils.tasks import sha256
from utils.text.transformer import PADDING, Shape, transformer

SHIPPED = Path(__file__).parent / "shipped" / "small-text-encoder"
UNKNOWN = 1
_BATCH, _STEP = 32, 32  # texts at once; lengths are rounded up to this, so that few shapes are traced
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


class TextEncoder:
    """Texts to vectors, by a Keras network that can be frozen, and trained, as any other.

    network: a `transformer`. tokens: a text to its token numbers, uncut. head: weights (width, classes) and bias
    (classes,) of the head of the task that it was trained on, where there is one. end: the number of the token that
    has to close a text, also one that is cut.
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
        self.name, self.network, self.longest, self.head = name, network, longest, head
        self._tokens, self._end = tokens, end

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self.network.output_shape[-1]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the layers with weights, from the text upwards."""
        return tuple(layer.name for layer in self.network.layers if layer.weights)

    def ids(self, texts: Sequence[str]) -> np.ndarray:
        """Token numbers, int32 of shape (N, L), padded with 0. What is behind the first `longest` tokens is cut."""
        found = [self._cut(self._tokens(_checked(text))) for text in texts]
        table = np.full((len(found), _rounded(max(map(len, found), default=1), self.longest)), PADDING, np.int32)
        for row, tokens in zip(table, found, strict=True):
            row[: len(tokens)] = tokens
        return table

    def too_long(self, texts: Sequence[str]) -> int:
        """How many of the texts have more tokens than the encoder reads."""
        return sum(len(self._tokens(_checked(text))) > self.longest for text in texts)

    def vectors(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        """One vector a text, float32 of shape (N, width). progress: called with the texts done and those in all."""
        ids = self.ids(texts)
        order = np.argsort(lengths(ids), kind="stable")  # short ones together: less padding to compute
        found = np.empty((len(ids), self.width), np.float32)
        for start in range(0, len(ids), _BATCH):
            rows = order[start : start + _BATCH]
            found[rows] = self.network.predict_on_batch(trimmed(ids[rows]))
            if progress:
                progress(start + len(rows), len(ids))
        return found

    def fingerprint(self) -> str:
        """A digest of all weights: another one as soon as anything has been trained."""
        return sha256("".join(sha256(one.tobytes()) for one in self.network.get_weights()).encode())

    def __sklearn_clone__(self):
        return self  # a pipeline that is copied goes on using the same network

    def __repr__(self):
        return f"TextEncoder({self.name!r}: {self.width} numbers a text, {self.network.count_params():,} parameters)"

    def _cut(self, tokens):
        if len(tokens) <= self.longest:
            return tokens
        return tokens[: self.longest] if self._end is None else [*tokens[: self.longest - 1], self._end]


def lengths(ids: np.ndarray) -> np.ndarray:
    """How many tokens each text has: (N,) of (N, L)."""
    return (ids != PADDING).sum(axis=1)


def trimmed(ids: np.ndarray) -> np.ndarray:
    """The same without most of the columns in which there is padding only."""
    return ids[:, : _rounded(lengths(ids).max(initial=1), ids.shape[1])]


def words(text: str) -> list[str]:
    """The words and signs of a text, in small letters, as the small encoder reads them."""
    return [found.replace("’", "'") for found in _TOKEN.findall(text.lower())]


def word_tokens(vocabulary: Sequence[str]) -> Callable[[str], list[int]]:
    """A function from a text to its words' numbers: 2 and up in the vocabulary's order, `UNKNOWN` for all others."""
    numbers = {word: number for number, word in enumerate(vocabulary, UNKNOWN + 1)}
    # A text without any word or sign (a variation selector alone, say) still is one token, though an unknown one.
    return lambda text: [numbers.get(word, UNKNOWN) for word in words(text)] or [UNKNOWN]


def small_text_encoder() -> TextEncoder:
    """The encoder that ships with the project: it has learnt to tell what is reviewed (`reviews("domain")`).

    Made again by `python -m utils.text.teaching`. Each call gives one of its own, free to be trained.
    Raises ValueError where its files aren't those that were shipped.
    """
    record, data = _shipped()
    encoder = encoder_of_words(record["vocabulary"], record["shape"])
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        encoder.network.set_weights([file[f"network/{i}"] for i in range(len(encoder.network.weights))])
        encoder.head = file["head/0"], file["head/1"]
    return encoder


def encoder_of_words(vocabulary: Sequence[str], shape: dict) -> TextEncoder:
    """An untrained encoder that reads whole words; shape: the fields of `Shape` but for the vocabulary's size."""
    sizes = Shape(vocabulary=len(vocabulary) + UNKNOWN + 1, **shape)
    return TextEncoder(
        "small_text_encoder", transformer(sizes, "small_text_encoder"), word_tokens(vocabulary), sizes.longest
    )


def shipped_record() -> dict:
    """How the small encoder came about: its recipe, accuracies, versions and vocabulary."""
    return _shipped()[0]


@lru_cache(maxsize=1)
def _shipped():
    record = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    data = SHIPPED.with_suffix(".npz").read_bytes()
    if sha256(data) != record["sha256"]:
        raise ValueError(f"{SHIPPED.name}.npz isn't the file that was shipped: fetch the project again.")
    return record, data


def _checked(text):
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text={text!r} is not allowed: give a str with at least one character that isn't a space.")
    return text


def _rounded(length, most):
    return min(most, -(-max(int(length), 1) // _STEP) * _STEP)
