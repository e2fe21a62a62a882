"""The encoder half of a transformer, as in BERT: token numbers in, one vector per text out.

Devlin et al., "BERT", NAACL 2019; pooled as in Reimers and Gurevych, "Sentence-BERT", EMNLP 2019: the mean over tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from utils.frameworks import keras
from utils.process import check_keras

PADDING = 0  # the number that stands where a shorter text has no token


@dataclass(frozen=True)
class Shape:
    """The sizes of an encoder.

    Attributes:
        vocabulary: The number of different tokens.
        width: The length of a vector.
        blocks: The number of blocks.
        heads: Attention heads in a block.
        inner: The width of the dense layer inside a block.
        longest: The number of tokens of a text that are read.
        dropout: The share that dropout removes during training.
        epsilon: Added to the variance in layer normalization.
        unit: Whether vectors are scaled to length 1.
    """

    vocabulary: int
    width: int
    blocks: int
    heads: int
    inner: int
    longest: int
    dropout: float = 0.1
    epsilon: float = 1e-12
    unit: bool = False


class Embeddings(keras.layers.Layer):
    """Tokens (N, L) as vectors (N, L, width): one for the token, plus one for its position."""

    def __init__(self, shape: Shape, **options):
        super().__init__(**options)
        self.words = keras.layers.Embedding(shape.vocabulary, shape.width, "truncated_normal")
        self.positions = keras.layers.Embedding(shape.longest, shape.width, "truncated_normal")
        self.norm = keras.layers.LayerNormalization(epsilon=shape.epsilon)
        self.dropout = keras.layers.Dropout(shape.dropout)

    def build(self, ids_shape):
        self.words.build(ids_shape)
        self.positions.build(ids_shape)
        self.norm.build((*ids_shape, self.words.output_dim))

    def call(self, ids, training=None):
        places = self.positions(keras.ops.arange(keras.ops.shape(ids)[1]))
        return self.dropout(self.norm(self.words(ids) + places), training=training)


class Block(keras.layers.Layer):
    """Attention between tokens, then a dense layer for each; both added to what came in, and normalized."""

    def __init__(self, shape: Shape, **options):
        super().__init__(**options)
        self.attention = keras.layers.MultiHeadAttention(
            shape.heads, shape.width // shape.heads, dropout=shape.dropout, name="attention"
        )
        self.attention_norm = keras.layers.LayerNormalization(epsilon=shape.epsilon)
        self.inner = keras.layers.Dense(shape.inner)
        self.outer = keras.layers.Dense(shape.width)
        self.norm = keras.layers.LayerNormalization(epsilon=shape.epsilon)
        self.dropout = keras.layers.Dropout(shape.dropout)

    def build(self, x_shape, real_shape):
        self.attention.build(x_shape, x_shape)
        self.attention_norm.build(x_shape)
        self.inner.build(x_shape)
        self.outer.build((*x_shape[:-1], self.inner.units))
        self.norm.build(x_shape)

    def call(self, x, real, training=None):
        attended = self.attention(x, x, attention_mask=real[:, None, :], training=training)
        x = self.attention_norm(x + self.dropout(attended, training=training))
        transformed = self.outer(keras.ops.gelu(self.inner(x), approximate=False))
        return self.norm(x + self.dropout(transformed, training=training))


class Mean(keras.layers.Layer):
    """The mean over the tokens that aren't padding: (N, L, width) to (N, width)."""

    def __init__(self, unit: bool = False, **options):
        super().__init__(**options)
        self.unit = unit

    def call(self, x, real):
        weight = keras.ops.cast(real, x.dtype)[..., None]
        pooled = keras.ops.sum(x * weight, axis=1) / keras.ops.maximum(keras.ops.sum(weight, axis=1), 1e-9)
        return keras.ops.normalize(pooled, axis=-1) if self.unit else pooled


def transformer(shape: Shape, name: str) -> keras.Model:
    """Build an encoder with random weights.

    Args:
        shape: Its sizes.
        name: The network's name.

    Returns:
        A network from int32 (N, L), with L at most `longest`, to float32 (N, width). Its layers are "embeddings",
        "block_1", "block_2" …; `set_trainable` takes these names.
    """
    check_keras(policy=False)
    ids = keras.Input((None,), dtype="int32")
    real = keras.ops.not_equal(ids, PADDING)
    x = Embeddings(shape, name="embeddings")(ids)
    for number in range(shape.blocks):
        x = Block(shape, name=f"block_{number + 1}")(x, real)
    return keras.Model(ids, Mean(shape.unit, name="mean")(x, real), name=name)
