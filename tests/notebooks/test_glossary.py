"""The glossary, and the notebooks' links to its entries."""

import re

import nbformat
import pytest

from tests.notebooks.notebook import NOTEBOOKS, RUNNABLE, name
from utils.navigation import GLOSSARY

(PATH,) = (path for path in NOTEBOOKS if path.name == GLOSSARY)


def markdown(path):
    return "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")


def anchors(path):
    """The fragments by which JupyterLab, nbviewer and nbconvert find a heading: its text, with hyphens for spaces."""
    return {heading.replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", markdown(path), re.MULTILINE)}


def test_it_has_markdown_only():
    assert {cell.cell_type for cell in nbformat.read(PATH, as_version=4).cells} == {"markdown"}
    assert PATH not in RUNNABLE


def test_terms_are_in_alphabetical_order_below_their_letters():
    headings = re.findall(r"^(##+) (.+)$", markdown(PATH), re.MULTILINE)
    terms = [text for level, text in headings if level == "###"]
    assert terms == sorted(terms, key=str.casefold) and len(set(terms)) == len(terms) >= 35
    assert "".join(terms).isascii()  # JupyterLab doesn't find a heading by a dash that isn't
    letter = None
    for level, text in headings:
        if level == "##":
            letter = text
        assert text[0].upper() == letter


def test_each_entry_names_a_notebook():
    for entry in markdown(PATH).split("\n### ")[1:]:
        assert re.search(r"→ \[notebook (\d\d)\]\(\1_\w+\.ipynb\)", entry), entry


def test_each_term_has_a_cell_of_its_own_that_is_called_like_it():
    """A link to a cell's id finds it in JupyterLab even where the glossary isn't open yet."""
    for cell in nbformat.read(PATH, as_version=4).cells:
        if terms := re.findall(r"^### (.+)$", cell.source, re.MULTILINE):
            (term,) = terms
            assert cell.id == re.sub(r"[^a-z0-9]+", "-", term.lower())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_links_to_entries_find_them(path):
    text, ids = markdown(path), {f"cell-id={cell.id}" for cell in nbformat.read(PATH, as_version=4).cells}
    assert set(re.findall(rf"\]\((?:\.\./)?{re.escape(GLOSSARY)}#([^)]+)\)", text)) <= ids
    if path == PATH:
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors(PATH)
