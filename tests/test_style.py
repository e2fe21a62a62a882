"""The code keeps to the rules in pyproject.toml; notebooks import from rooms, and each room from those below it."""

import re
import subprocess
import sys

import nbformat
import pytest

IMPORTED = re.compile(r"^\s*(?:from|import) (utils[\w.]*)", re.MULTILINE)


def test_ruff_has_no_complaint(project):
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_each_room_imports_from_rooms_below_it_only(project):
    code = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_notebooks_import_from_rooms(project):
    """From `utils` and `utils.<room>`; the checks of the exercises have a file for each notebook."""
    deep = [
        f"{path.name}: {name}"
        for path in sorted((project / "notebooks").rglob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for name in IMPORTED.findall(cell.source)
        if name.count(".") > 1 and not re.fullmatch(r"utils\.exercises\.\w+", name)
    ]
    assert deep == []


@pytest.mark.parametrize(
    ("room", "heavy"),
    [
        ("tasks", {"keras", "tensorflow", "mlxtend", "matplotlib", "pandas", "scipy"}),
        ("measures", {"keras", "tensorflow", "matplotlib", "pandas", "sklearn"}),
        ("environment", {"keras", "tensorflow", "matplotlib", "pandas"}),
    ],
)
def test_a_room_that_is_light_stays_so(room, heavy):
    code = f"import sys, utils.{room}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert f"utils.{room}" in loaded and not heavy & loaded
