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
_SHORT = "from utils import Settings, run; run(Settings(updates=20))"


def rows() -> Iterator[Row]:
    """Every notebook in a fresh kernel, and beside it what a kernel takes that has only made one short run."""
    least = _executed(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_SHORT)]))[1]
    for name in sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")):
        most_seconds = _SECONDS[name in _SMALL]
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        seconds, megabytes = _executed(notebook)
        yield Row(f"notebook {name}, fresh kernel, top to bottom", f"{seconds:.0f} s",
                  f"at most {most_seconds} s", seconds <= most_seconds)  # fmt: skip
        memory = f"{megabytes:.0f} MB (after a single short run: {least:.0f} MB)"
        yield Row(f"resident memory of the kernel that ran {name}", memory,
                  f"at most {_MEGABYTES} MB", megabytes <= _MEGABYTES)  # fmt: skip


def _executed(notebook):
    """Run it in a fresh kernel: seconds, and the kernel's resident megabytes at the end."""
    notebook.cells.append(nbformat.v4.new_code_cell(_MEMORY))
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}})
    began = time.perf_counter()
    client.execute()
    return time.perf_counter() - began, int(notebook.cells[-1].outputs[0].text) / 1e6
