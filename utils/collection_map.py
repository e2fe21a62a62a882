"""The map of the collection: a box for each notebook, which opens it, in rows by what a reader wants.

It's a table in HTML, no wider than a narrow page, whose text and links remain wherever a page's styles are taken away.
"""

from collections.abc import Mapping
from html import escape

# What a reader wants, and the number of the first notebook for it; those up to the next are for it, too.
WAYS = (("Start", 0), ("Understand freezing", 1), ("Keep the old task", 5), ("Use it on your own", 10))
_IN_ORDER = 3  # the ways up to here lead from box to box; those after it are doors of their own
_TABLE = "border-collapse:separate;border-spacing:2px"
_BOX = "border:1px solid #0072b2;border-radius:6px;background:#eaf4fb;padding:0;text-align:left;vertical-align:top"
_LINK = "display:block;padding:5px;color:#0b3d66;text-decoration:none"
_NAME = "text-align:left;padding:4px 0 0"
_ARROW = "padding:0 3px;vertical-align:middle;text-align:center"


def map_html(headings: Mapping[str, tuple[str, str]]) -> str:
    """The map as HTML on lines of its own, for a cell of Markdown.

    Args:
        headings: The file name of each notebook, with its title and what follows that in its heading.
    """
    rows = []
    ends = [first for _, first in WAYS[1:]] + [100]
    for number, ((way, first), end) in enumerate(zip(WAYS, ends, strict=True)):
        names = sorted(name for name in headings if first <= int(name[:2]) < end)
        arrow = f'<td style="{_ARROW}">{"→" if number < _IN_ORDER else "·"}</td>'
        boxes = arrow.join(_box(name, *headings[name]) for name in names)
        rows.append(f'<tr style="background:none"><td colspan="7" style="{_NAME}"><b>{escape(way)}</b></td></tr>')
        rows.append(f'<tr style="background:none">{boxes}</tr>')
    return "\n".join([f'<table aria-label="map of the collection" style="{_TABLE}">', *rows, "</table>"])


def _box(name, title, question):
    words = question.lstrip(": ")
    below = f"<br><small>{escape(words[:1].upper() + words[1:])}</small>" if words else ""
    text = f"<b>{escape(name[:2])} {escape(title)}</b>{below}"
    return f'<td style="{_BOX}"><a href="{escape(name)}" style="{_LINK}">{text}</a></td>'
