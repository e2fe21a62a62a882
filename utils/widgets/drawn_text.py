"""The texts of a panel's HTML widgets, read for a picture: lines, rows of a table, boxes and buttons."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BREAKS = ("div", "p", "tr", "li", "br", "button")
_LOOK = re.compile(r"fb-(frozen|trained|input|arrow|name)\b")


@dataclass
class Piece:
    """A line of text, or some that belong together.

    Attributes:
        looks: "line", "row" (of a table), "button", or what the classes of a network's drawing say: "frozen",
            "trained", "input", "arrow", "name".
        texts: For each cell of a row, or each line of a box, pairs (text, whether it is bold); else one such list.
        size: Of the letters, in pixels.
        columns: The widths of a row's columns as CSS has them.
        indent: The pixels to its left.
    """

    looks: str = "line"
    texts: list[list[tuple[str, bool]]] = field(default_factory=lambda: [[]])
    size: float = 13
    columns: str = ""
    indent: int = 0

    def plain(self) -> str:
        """Its text."""
        return " ".join(text for part in self.texts for text, _ in part)


def pieces(markup: str) -> list[Piece]:
    """What there is to read in the HTML of a widget, from top to bottom."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return [piece for piece in reader.pieces if piece.plain().strip()]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pieces = [Piece()]
        self._open: list[tuple[str, Piece, bool]] = []  # tags, what their text looks like, and whether it is bold
        self._hidden = 0  # inside <style>

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        before, bold = self._open[-1][1:] if self._open else (Piece(), False)
        looks = self._looks(tag, given, before)
        bold = bold or tag == "b" or "font-weight:bold" in given.get("style", "")
        self._hidden += tag == "style"
        if tag == "br" and before.looks in ("frozen", "trained", "input"):
            self.pieces[-1].texts.append([])
            return
        if tag == "span" and before.columns and self.pieces[-1].texts != [[]]:
            self.pieces[-1].texts.append([])
        if tag in _BREAKS:
            self._begin(looks)
        if tag not in ("br", "img", "input", "hr"):
            self._open.append((tag, looks, bold))

    def handle_endtag(self, tag):
        self._hidden -= tag == "style"
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in _BREAKS:
            self._begin(self._open[-1][1] if self._open else Piece())

    def handle_data(self, text):
        bold = self._open[-1][2] if self._open else False
        if not self._hidden and text.strip():
            self.pieces[-1].texts[-1].append((" ".join(text.split()), bold))

    def _begin(self, like):
        self.pieces.append(Piece(like.looks, [[]], like.size, like.columns, like.indent))

    @staticmethod
    def _looks(tag, given, before):
        style, found = given.get("style", ""), _LOOK.search(given.get("class", ""))
        looks = "button" if tag == "button" else found[1] if found else before.looks
        columns = re.search(r"grid-template-columns:([^;]*)", style)
        size, indent = (
            re.search(r"font-size:(?:var\([^,]*,)?([\d.]+)px", style),
            re.search(r"margin-left:(\d+)px", style),
        )
        return Piece(
            "row" if columns else looks,
            size=10.5 if found else float(size[1]) if size else before.size,
            columns=columns[1] if columns else before.columns if tag == "span" else "",
            indent=before.indent + int(indent[1]) if indent else before.indent,
        )
