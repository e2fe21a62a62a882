"""A frozen encoder's vectors of texts: computed once, kept on disk, and read from there afterwards."""

import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from utils.checks import check_function, check_kind
from utils.tasks import read_cached, sha256, write_cached
from utils.text.encoder import TextEncoder
from utils.text.texts import check_texts

_QUIET = 500  # fewer texts than these are encoded without a line


def encode(encoder: TextEncoder, texts: Sequence[str], progress: Callable = iter) -> np.ndarray:
    """The encoder's vectors of the texts, from disk where they were computed before.

    They are kept under a digest of the encoder's weights and of the texts, so that an encoder that has been trained
    since, or another text, gives new ones. Where texts are longer than the encoder reads, a line says how many.

    Args:
        encoder: The encoder.
        texts: N texts.
        progress: Wraps the list of batches while they are computed, such as `print_progress` or `utils.show_progress`.

    Returns:
        float32 of shape (N, width).

    Raises:
        ValueError: For anything that isn't a str or has no character to read.
    """
    check_kind("encoder", encoder, TextEncoder, "give a TextEncoder, as small_text_encoder() does")
    texts = check_texts("texts", texts)
    check_function("progress", progress, 1)
    if cut := encoder.too_long(texts):
        print(f"{cut} of {len(texts):,} texts have more than the {encoder.longest} tokens that the encoder reads.")
    digests = [sha256(text.encode("utf-8", "surrogatepass")) for text in texts]
    content = [encoder.fingerprint(), str(encoder.longest), *digests]
    name = f"text-vectors-{sha256(chr(10).join(content).encode())[:32]}.npy"
    if (data := read_cached(name)) is not None:
        return np.load(io.BytesIO(data), allow_pickle=False)
    vectors = encoder.vectors(texts, progress)
    file = io.BytesIO()
    np.save(file, vectors, allow_pickle=False)
    write_cached(name, file.getvalue())
    return vectors


def print_progress(batches: Sequence[Sequence]) -> Iterator[Sequence]:
    """Each of the batches, with a printed line that counts their texts where these are many."""
    total, done = sum(map(len, batches)), 0
    for batch in batches:
        yield batch
        done += len(batch)
        if total >= _QUIET:
            print(f"\r{done:,} of {total:,} texts encoded", end="\n" if done == total else "", flush=True)


class EncoderFeatures(TransformerMixin, BaseEstimator):
    """A frozen encoder as a scikit-learn transformer: texts to vectors, by `encode`. Nothing in it is fitted.

    Args:
        encoder: The encoder; a copy of this transformer uses the same one.
    """

    def __init__(self, encoder: TextEncoder):
        self.encoder = check_kind("encoder", encoder, TextEncoder, "give a TextEncoder")

    def fit(self, texts: Sequence[str], labels=None) -> "EncoderFeatures":
        """Return the transformer as it is: nothing is learned from the texts."""
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of N texts, float32 of shape (N, width)."""
        return encode(self.encoder, texts)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The names of the columns."""
        return np.array([f"vector {number}" for number in range(self.encoder.width)], dtype=object)

    def __sklearn_is_fitted__(self):
        return True
