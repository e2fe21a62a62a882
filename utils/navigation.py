"""What all notebooks share: the bars of links at both ends, how a cell is run, and the map of the collection in 00.

`python -m utils.navigation` writes them into all notebooks. The order is that of the file names, the titles and
questions are those of the notebooks' first headings; the map's ways are listed in `utils/collection_map.py`.
"""

import re
from pathlib import Path

import nbformat

from utils.collection_map import map_html

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
TOP, MAP, HINT, END = "navigation-top", "navigation-map", "navigation-hint", "navigation"  # ids of the cells
GLOSSARY = "glossary.ipynb"
_CONTENTS = "00_start_here.ipynb"
_HINT = "**Shift+Enter** runs the selected cell and moves on to the next. Run the cells in order, starting here."


def cells(folder: Path = NOTEBOOKS) -> dict[Path, dict[str, str]]:
    """What each notebook gets, by its path: the id of each cell with its Markdown. Solutions lead back to theirs.

    The glossary, which has no number and no code, gets a bar at both ends.

    Args:
        folder: Where the notebooks are, and below it a folder `solutions`.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))  # readers may put others beside them
    headings = {path.name: _heading(path) for path in paths}
    found = {}
    for number, path in enumerate(paths):
        links = [_link("← {}", other.name, headings) for other in paths[max(0, number - 1) : number]]
        links += ["contents" if path.name == _CONTENTS else f"[contents]({_CONTENTS})", f"[glossary]({GLOSSARY})"]
        links += [_link("{} →", other.name, headings) for other in paths[number + 1 : number + 2]]
        bar = " · ".join(links)
        found[path] = {TOP: bar, HINT: _HINT, END: f"---\n{bar}"}
        if path.name == _CONTENTS:
            found[path] |= {MAP: map_html(headings), END: _contents(headings)}
        solutions = folder / "solutions" / path.name
        if solutions.exists():
            back = _link("← {}", path.name, headings, "../")
            bar = f"{back} · [contents](../{_CONTENTS}) · [glossary](../{GLOSSARY})"
            found[solutions] = {TOP: bar, HINT: _HINT, END: f"---\n{bar}"}
    if (folder / GLOSSARY).exists():
        bar = f"[contents]({_CONTENTS}) · glossary"
        found[folder / GLOSSARY] = {TOP: bar, END: f"---\n{bar}"}
    return found


def write(path: Path, sources: dict[str, str]) -> None:
    """Put these cells into a notebook, in the place of those that are there.

    The top and the end are where they are called so, the map follows the title, and the hint precedes the first code.
    """
    notebook = nbformat.read(path, as_version=4)
    rest = [cell for cell in notebook.cells if cell.id not in (TOP, MAP, HINT, END)]
    new = {name: nbformat.v4.new_markdown_cell(source, id=name) for name, source in sources.items()}
    first_code = next((i for i, cell in enumerate(rest) if cell.cell_type == "code"), len(rest))
    parts = [[TOP], rest[:1], [MAP], rest[1:first_code], [HINT], rest[first_code:], [END]]
    flat = [part for several in parts for part in several]
    notebook.cells = [new.get(part) if isinstance(part, str) else part for part in flat]
    notebook.cells = [cell for cell in notebook.cells if cell is not None]
    nbformat.write(notebook, path)


def _link(text, name, headings, folder=""):
    return f"[{text.format(headings[name][0])}]({folder}{name})"


def _contents(headings):
    rows = [(name, *heading) for name, heading in headings.items() if name != _CONTENTS]
    items = [f"- [{title}]({name}){question}" for name, title, question in rows]
    return "\n".join(["## All notebooks", "", *items, f"- [Glossary]({GLOSSARY}): what the terms mean"])


def _heading(path):
    """The first heading: its title, and what follows it with the colon."""
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    heading = next(source for source in sources if source.startswith("# ")).splitlines()[0].removeprefix("# ")
    title = re.sub(r":.*", "", heading)
    return title, heading.removeprefix(title)


if __name__ == "__main__":
    for each, written in cells().items():
        write(each, written)
