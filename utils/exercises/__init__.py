"""The checks of the notebooks' exercises: a file for each notebook. Each check returns a `Verdict` that says why."""

import utils._tensorflow  # noqa: F401  before anything else imports it
