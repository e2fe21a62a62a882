"""What a reader's kernel needs: seconds from top to bottom, and memory at the end."""

import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from benchmarks.row import Row

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
_SMALL = ("00_start_here", "05_freeze_board")  # the first ones that anybody opens
_SECONDS = {True: 45, False: 60}  # at most, of a small one and of others
_MEGABYTES = 900
_MEMORY = "import psutil; print(psutil.Process().memory_info().rss)"


def rows() -> Iterator[Row]:
    """Every notebook in a fresh kernel."""
    for name in sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")):
        most_seconds = _SECONDS[name in _SMALL]
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(_MEMORY))
        client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}})
        began = time.perf_counter()
        client.execute()
        seconds = time.perf_counter() - began
        megabytes = int(notebook.cells[-1].outputs[0].text) / 1e6
        yield Row(f"notebook {name}, fresh kernel, top to bottom", f"{seconds:.0f} s",
                  f"at most {most_seconds} s", seconds <= most_seconds)  # fmt: skip
        yield Row(f"resident memory of the kernel that ran {name}", f"{megabytes:.0f} MB",
                  f"at most {_MEGABYTES} MB", megabytes <= _MEGABYTES)  # fmt: skip
