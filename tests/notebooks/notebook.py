"""Runs notebooks, in fresh kernels or in this process, and looks at how they are saved."""

import atexit
import os
import re
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from tests.conftest import PROJECT, loaded
from utils.memory import give_back_memory
from utils.navigation import GLOSSARY

NOTEBOOKS = sorted(path for path in (PROJECT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
RUNNABLE = [path for path in NOTEBOOKS if path.name != GLOSSARY]  # that one has no code, and needs no kernel
NUMBERED = [path for path in RUNNABLE if path.parent.name == "notebooks"]
LARGEST = 1_000_000  # bytes
LONGEST = 30  # lines of a cell
# Folders of the machine on which a notebook was saved. Of a reader's machine nobody needs to know.
PATHS = re.compile(
    r"(?<![\w.])/(?:home|Users|root|tmp|var|opt|private|work|workspace|mnt)/[\w.~-]+"
    r"|\b[A-Za-z]:\\\\?\w+"
    r"|site-packages|\.venv\b|/ipykernel_\d+"
)
# What a thread or a callback raises ends up on stderr and stops nothing; TensorFlow's notices depend on the machine.
COMPLAINT = re.compile(r"^(Traceback|[\w.]+(Error|Warning)\b)", re.MULTILINE)
BASE64 = re.compile(r"base64,[A-Za-z0-9+/=\s]+")  # an embedded picture spells anything


def name(path: Path) -> str:
    """Where the notebook lies below notebooks/."""
    return path.relative_to(PROJECT / "notebooks").as_posix()


# Running


def execute(path: Path, folder: Path, keras_home: Path, timeout: int = 600) -> NotebookNode:
    """Run a copy of the notebook in a fresh kernel and return it with its new outputs.

    `folder` becomes the parent of the copied notebooks/, so that what a notebook writes stays out of the
    checkout. `timeout`: seconds for one cell. A failing cell raises nbclient's CellExecutionError.
    """
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        kernel_name="python3",
        timeout=timeout,
        resources={"metadata": {"path": str(_copied(path, folder))}},
    )
    return client.execute(env=kernel_environment(keras_home))


def execute_here(
    path: Path, folder: Path, inject: str = "", after: str = "", replaced: dict[str, str] | None = None,
    until: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Run a copy of the notebook in this process, where TensorFlow is warm.

    Returns what it printed and showed as text, and what it wrote to stderr.

    The namespace is fresh; what is changed in modules is not. `folder`: as for `execute`. `inject` is code for a
    cell of its own, put behind the first cell that has `after` among its tags or in its source; so a test runs
    a notebook again with other settings. `replaced`: text that stands in exactly one cell, and what a reader puts
    there. `until`: the run ends with the first cell that has this as a tag or in its source. What a failing cell
    raises comes out, and so does, at the end, what a thread or a widget's callback has raised.
    """
    notebook = nbformat.read(path, as_version=4)
    for old, new in (replaced or {}).items():
        (cell,) = (cell for cell in notebook.cells if old in cell.source)
        cell.source = cell.source.replace(old, new)
    if inject:
        notebook.cells.insert(position(notebook, after) + 1, nbformat.v4.new_code_cell(inject))
    cells = notebook.cells[: position(notebook, until) + 1] if until else notebook.cells
    came_from = Path.cwd()
    os.chdir(_copied(path, folder))
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    try:
        with capture_output() as captured, _noticed(shell) as raised:
            try:
                for cell in cells:
                    if cell.cell_type == "code":
                        shell.run_cell(cell.source).raise_error()
                        plt.close("all")
            finally:
                _clear(shell)
    finally:
        InteractiveShell.clear_instance()
        os.chdir(came_from)
    if raised:
        raise raised[0]
    shown = [output.data.get("text/plain", "") for output in captured.outputs]
    return "\n".join([captured.stdout, *shown]), captured.stderr


@contextmanager
def _noticed(shell):
    """What is raised where no cell would fail by it: in threads, and in callbacks, whose errors ipywidgets shows."""
    raised, hook = [], threading.excepthook
    shell.showtraceback = lambda exc_tuple=None, *_, **__: raised.append((exc_tuple or sys.exc_info())[1])
    threading.excepthook = lambda thread: raised.append(thread.exc_value)
    try:
        yield raised
    finally:
        threading.excepthook = hook


def _clear(shell):
    """End what the notebook leaves going, and let go of all that it made: this process runs others after it."""
    if live := loaded("utils.training.live"):
        for training in list(live._all):
            training.abandon()
            assert training.join(60)
    ipywidgets.Widget.close_all()
    shell.restore_sys_module_state()
    shell.reset(new_session=False)
    atexit.unregister(shell.atexit_operations)
    give_back_memory()


def _copied(path, folder):
    notebooks = folder / "notebooks"
    if not notebooks.exists():
        shutil.copytree(path.parent, notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return notebooks


def kernel_environment(keras_home: Path) -> dict[str, str]:
    """As on a reader's machine: nothing of what the tests set for themselves, but the Keras home and few threads."""
    ours = "MPLBACKEND", "TF_CPP_MIN_LOG_LEVEL", "PYTEST_CURRENT_TEST"
    theirs = {name: value for name, value in os.environ.items() if name not in ours}
    return {**theirs, "KERAS_HOME": str(keras_home)}


def position(notebook: NotebookNode, text: str) -> int:
    """The number of the first cell that has `text` as a tag or in its source."""
    for number, cell in enumerate(notebook.cells):
        if text in cell.metadata.get("tags", ()) or text in cell.source:
            return number
    raise LookupError(f"no cell has {text!r} as a tag or in its source")


def output_text(cell: NotebookNode) -> str:
    """What a code cell printed and showed as plain text."""
    parts = [
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
        for output in cell.get("outputs", ())
    ]
    return "\n".join(parts)


# As it is saved


def complaints(path: Path) -> list[str]:
    """What is wrong with a saved notebook; an empty list if nothing is."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = []
    if path.stat().st_size >= LARGEST:
        found.append(f"{path.stat().st_size / 1e6:.1f} MB")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append(f"its kernel is {notebook.metadata.get('kernelspec', {}).get('name')}")
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append(f"not run once from top to bottom: {counts}")
    if code and not any(cell.outputs for cell in code):
        found.append("saved without outputs")
    for number, cell in enumerate(notebook.cells):
        if len(cell.source.splitlines()) > LONGEST:
            found.append(f"cell {number} has {len(cell.source.splitlines())} lines")
        if not cell.source.strip():
            found.append(f"cell {number} is empty")
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                found.append(f"cell {number} was saved with {output.ename}")
            path_found = PATHS.search(BASE64.sub("", "\n".join(strings(output))))
            if path_found:
                found.append(f"cell {number} shows a path of a machine: {path_found.group()}")
    state = notebook.metadata.get("widgets", {})
    path_found = PATHS.search(BASE64.sub("", "\n".join(strings(state))))
    if path_found:
        found.append(f"the widgets' state holds a path of a machine: {path_found.group()}")
    return found


def strings(value: object, key: str = "") -> list[str]:
    """All strings in a nested value, without pictures."""
    if isinstance(value, str):
        return [] if key.startswith("image/") and key != "image/svg+xml" else [value]
    if isinstance(value, dict):
        encoded = value.get("encoding") == "base64"
        return [] if encoded else [text for key, item in value.items() for text in strings(item, key)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings(item, key)]
    return []
