"""A run written out as a script in plain Keras."""

from .script import keras_code

__all__ = ["keras_code"]
