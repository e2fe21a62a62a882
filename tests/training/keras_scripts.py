"""Runs scripts one after another in this process, and keeps what each printed and the weights that it ended with.

python -m tests.training.keras_scripts FOLDER: for each FOLDER/NAME.py a NAME.txt and a NAME.npz.
"""

import contextlib
import io
import runpy
import sys
from pathlib import Path

import keras
import numpy as np


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*.py")):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            left = runpy.run_path(str(path), run_name="__main__")
        weights = {
            f"{name}/{i}": weight.numpy()
            for name, layer in left["network"].items()
            for i, weight in enumerate(layer.weights)
        }
        np.savez(path.with_suffix(".npz"), **weights)
        path.with_suffix(".txt").write_text(said.getvalue(), encoding="utf-8")
        keras.backend.clear_session()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
