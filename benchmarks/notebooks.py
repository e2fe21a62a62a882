"""What a reader's kernel needs: seconds from top to bottom, and memory at the end."""

import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from benchmarks.row import Row

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
MOST_SECONDS, MOST_MEGABYTES = 45, 900
_MEMORY = "import psutil; print(psutil.Process().memory_info().rss)"


def rows() -> Iterator[Row]:
    """Notebooks 00 and 05 in fresh kernels."""
    for name in ("00_start_here", "05_freeze_board"):
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(_MEMORY))
        client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}})
        began = time.perf_counter()
        client.execute()
        seconds = time.perf_counter() - began
        megabytes = int(notebook.cells[-1].outputs[0].text) / 1e6
        yield Row(f"notebook {name}, fresh kernel, top to bottom", f"{seconds:.0f} s",
                  f"at most {MOST_SECONDS} s", seconds <= MOST_SECONDS)  # fmt: skip
        yield Row(f"resident memory of the kernel that ran {name}", f"{megabytes:.0f} MB",
                  f"at most {MOST_MEGABYTES} MB", megabytes <= MOST_MEGABYTES)  # fmt: skip
