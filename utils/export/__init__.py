"""Settings and timeline as a script in plain Keras."""

from utils.export.script import Result, keras_code

__all__ = ["Result", "keras_code"]
