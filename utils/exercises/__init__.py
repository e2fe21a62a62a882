"""The checks of the notebooks' exercises: one file a notebook. Each returns a `Verdict` that says why."""

import utils._tensorflow  # noqa: F401  before anything else imports it
