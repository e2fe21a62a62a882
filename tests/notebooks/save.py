"""`python -m tests.notebooks.save [NAME ...]` runs notebooks, each in a fresh kernel, and saves them with outputs.

Without names, all of them and the solutions. A notebook with an error is left as it was.
"""

import argparse
import os
import re
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.notebooks.notebook import RUNNABLE, kernel_environment, name

_LONGEST = 900  # seconds for a cell
_BY_DEFAULT = re.compile(r"_(model|view)_(module|module_version|name)$")  # what the model's own class has, too
_TEMPORARY = re.compile(r"^\S*/ipykernel_\d+/\d+\.py:\d+: ", re.MULTILINE)


def main() -> None:
    """Run and save the notebooks that are named, such as 06_joint_training.ipynb."""
    ask = argparse.ArgumentParser(prog="python -m tests.notebooks.save", description=__doc__.splitlines()[0])
    ask.add_argument("names", nargs="*", metavar="NAME", help=", ".join(map(name, RUNNABLE)))
    chosen = ask.parse_args().names or [name(path) for path in RUNNABLE]
    paths = {name(path): path for path in RUNNABLE}
    for each in chosen:
        if each not in paths:
            ask.error(f"NAME={each!r} is not allowed: it must be one of {', '.join(paths)}")
    for each in chosen:
        began = time.perf_counter()
        save(paths[each])
        print(f"{each}: {time.perf_counter() - began:.0f} s, {paths[each].stat().st_size / 1e3:.0f} kB", flush=True)


def save(path: Path) -> None:
    """Run a notebook where it lies, and save it: without times, and without what widgets have by default."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)  # of the last time
    folder = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=_LONGEST, kernel_name="python3", record_timing=False, resources=folder)
    client.execute(env=kernel_environment(Path(os.environ["KERAS_HOME"])))  # else pyplot's figures would be lost
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":  # warnings begin with a temporary file's path
                output.text = _TEMPORARY.sub("", output.text)
    for states in notebook.metadata.get("widgets", {}).values():
        for widget in states["state"].values():
            state = {key: value for key, value in widget["state"].items() if value is not None}
            widget["state"] = {key: value for key, value in state.items() if not _BY_DEFAULT.match(key)}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
