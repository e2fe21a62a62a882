"""Settings and timeline as a script in plain Keras."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.export.script import Result, keras_code

__all__ = ["Result", "keras_code"]
