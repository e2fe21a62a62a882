"""The bar at the end of each notebook: previous, contents, next. `python -m utils.navigation` writes all of them.

The first notebook has the contents in its place. The order is that of the file names, the titles and questions are
those of the notebooks' first headings.
"""

import re
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
_CONTENTS, _ID = "00_start_here.ipynb", "navigation"


def bars(folder: Path = NOTEBOOKS) -> dict[Path, str]:
    """The last cell of each notebook, as Markdown, by its path; those of solutions lead back to their notebooks.

    Args:
        folder: Where the notebooks are, and below it a folder `solutions`.
    """
    paths = sorted(folder.glob("*.ipynb"))
    found = {}
    for number, path in enumerate(paths):
        links = [f"[← {_title(other)}]({other.name})" for other in paths[max(0, number - 1) : number]]
        links += [f"[contents]({_CONTENTS})"]
        links += [f"[{_title(other)} →]({other.name})" for other in paths[number + 1 : number + 2]]
        found[path] = _contents(paths) if path.name == _CONTENTS else _bar(links)
        solutions = folder / "solutions" / path.name
        if solutions.exists():
            found[solutions] = _bar([f"[← {_title(path)}](../{path.name})", f"[contents](../{_CONTENTS})"])
    return found


def write(path: Path, bar: str) -> None:
    """Put the bar at the end of a notebook, in the place of the one that is there."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != _ID]
    notebook.cells.append(nbformat.v4.new_markdown_cell(bar, id=_ID))
    nbformat.write(notebook, path)


def _bar(links):
    return f"---\n{' · '.join(links)}"


def _contents(paths):
    rows = [(path.name, *_heading(path)) for path in paths if path.name != _CONTENTS]
    return "\n".join(["## All notebooks", "", *(f"- [{title}]({name}){question}" for name, title, question in rows)])


def _title(path):
    return _heading(path)[0]


def _heading(path):
    """The first heading: its title, and what follows it with the colon."""
    heading = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")
    title = re.sub(r":.*", "", heading)
    return title, heading.removeprefix(title)


if __name__ == "__main__":
    for each, text in bars().items():
        write(each, text)
