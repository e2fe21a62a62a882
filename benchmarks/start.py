"""A fresh Python up to the board: what a reader waits for after the first cell is run."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.row import Row

_BOARD = "import utils; utils.FreezeBoard()"


def rows() -> Iterator[Row]:
    """The least of three, each in a process of its own."""
    seconds = min(_seconds(_BOARD) for _ in range(3))
    yield Row("`import utils` and building the board, cold process", f"{seconds:.1f} s", "at most 6 s", seconds <= 6)


def _seconds(code):
    """Up to the end of the code; ending the process, and what the board prepares meanwhile, isn't counted."""
    began = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport time; print(time.time())"], capture_output=True, text=True, check=True
    )
    return float(ended.stdout.split()[-1]) - began
