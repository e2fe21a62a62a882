"""The same as `utils._keras`, for the rooms that need Keras to compute with TensorFlow."""

import utils._keras  # noqa: F401
from utils.process import check_backend

check_backend()
