"""What a frozen encoder makes of texts: computed once, kept on disk, and taken from there ever after."""

import io
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from utils.tasks import read_cached, sha256, write_cached
from utils.text.encoder import TextEncoder


def encode(
    encoder: TextEncoder, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> np.ndarray:
    """The encoder's vectors of the texts, float32 of shape (N, width).

    They are kept under a digest of the encoder's weights and of the texts: an encoder that has been trained since, or
    another text, gives new ones. Where texts are longer than the encoder reads, a line says how many.
    progress: called with the texts done and those in all, while they are computed.
    """
    texts = list(texts)
    if cut := encoder.too_long(texts):
        print(f"{cut} of {len(texts):,} texts have more than the {encoder.longest} tokens that the encoder reads.")
    digests = [sha256(text.encode("utf-8", "surrogatepass")) for text in texts]
    content = [encoder.fingerprint(), str(encoder.longest), *digests]
    name = f"text-vectors-{sha256(chr(10).join(content).encode())[:32]}.npy"
    if (kept := read_cached(name)) is not None:
        return np.load(io.BytesIO(kept), allow_pickle=False)
    found = encoder.vectors(texts, progress)
    file = io.BytesIO()
    np.save(file, found, allow_pickle=False)
    write_cached(name, file.getvalue())
    return found


def print_progress(done: int, total: int) -> None:
    """A line that counts the texts; it stands still where there are only a few."""
    if total >= 500:
        print(f"\r{done:,} of {total:,} texts encoded", end="\n" if done == total else "", flush=True)


class EncoderFeatures(TransformerMixin, BaseEstimator):
    """A frozen encoder as a scikit-learn transformer: texts to vectors, by `encode`. Nothing in it is fitted."""

    def __init__(self, encoder: TextEncoder):
        self.encoder = encoder

    def fit(self, texts: Sequence[str], labels=None) -> "EncoderFeatures":
        """Nothing is learnt from the texts."""
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """One vector a text, float32 of shape (N, width)."""
        return encode(self.encoder, texts)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The names of the columns."""
        return np.array([f"vector {number}" for number in range(self.encoder.width)], dtype=object)

    def __sklearn_is_fitted__(self):
        return True
