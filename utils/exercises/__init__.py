"""The checks of the notebooks' exercises: one file a notebook. Each returns a `Verdict` that says why."""
