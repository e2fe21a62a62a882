"""Imports TensorFlow, in a notebook without the notices that it writes to every kernel's standard error."""

from utils.comfort import importing_tensorflow

with importing_tensorflow():
    import tensorflow  # noqa: F401
