"""Lets Keras be imported, or says what keeps it from that; in a notebook without TensorFlow's notices."""

from utils.comfort import importing_tensorflow
from utils.process import check_imports

check_imports()
with importing_tensorflow():
    import tensorflow  # noqa: F401
