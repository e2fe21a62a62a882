"""Each notebook as a reader finds it, before running anything."""

import re

import nbformat
import pytest

from tests.notebooks.notebook import NOTEBOOKS, NUMBERED, RUNNABLE, complaints, name
from utils.navigation import END, TOP, cells

SHARED = cells()


def test_there_are_notebooks():
    assert "00_start_here.ipynb" in map(name, NOTEBOOKS)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_saved_notebook(path):
    assert complaints(path) == []


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_first_code_cell_is_the_one_for_colab(path, project):
    text = (project / "CONTRIBUTING.md").read_text("utf-8")
    wanted = re.search(r"^```python\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL).group(1)
    found = nbformat.read(path, as_version=4).cells
    assert next(cell.source for cell in found if cell.cell_type == "code") == wanted


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_links_lead_somewhere(path):
    found = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in found if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r"(?:src|href)=\"([^\"#]+)", text)
    local = [link for link in links if not re.match(r"\w+:", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_it_begins_and_ends_in_the_links_to_its_neighbors(path):
    """What fails here is put right by `python -m utils.navigation`."""
    found = nbformat.read(path, as_version=4).cells
    assert (found[0].id, found[-1].id) == (TOP, END)
    assert {cell.id: cell.source for cell in found if cell.id in SHARED[path]} == SHARED[path]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_plumbing_and_answers_are_folded_away(path):
    """What is for Colab alone, and quizzes, whose answers stand in their code; nothing else."""
    found = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    hidden = [cell.source for cell in found if cell.metadata.get("jupyter", {}).get("source_hidden")]
    due = re.compile(r"google\.colab|^Quiz\(", re.MULTILINE)
    assert hidden == [cell.source for cell in found if due.search(cell.source)]


@pytest.mark.parametrize("path", NUMBERED, ids=name)
def test_each_objective_is_reached_by_a_cell(path):
    """For bullet 2 of "After this notebook you can", for example, a cell has the tag `objective-2`."""
    found = nbformat.read(path, as_version=4).cells
    promise = re.compile(r"^\*\*After this notebook you can\*\*\n\n((?:[-*] .*\n?)+)", re.MULTILINE)
    (bullets,) = (match[1].strip().splitlines() for cell in found if (match := promise.search(cell.source)))
    tags = {tag for cell in found for tag in cell.metadata.get("tags", ()) if tag.startswith("objective-")}
    assert len(bullets) > 1 and tags == {f"objective-{number}" for number in range(1, len(bullets) + 1)}
