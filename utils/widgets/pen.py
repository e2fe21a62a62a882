"""Draws the parts of panels with Pillow: letters, boxes, buttons, fields and pictures, in pixels of the page."""

import io
import re
from functools import cache
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from utils.plots.style import FROZEN, FROZEN_PALE, INK, TRAINED, TRAINED_PALE
from utils.widgets.drawn_text import Piece

_FILL = {"frozen": (FROZEN, FROZEN_PALE), "trained": (TRAINED, TRAINED_PALE), "input": ("#999999", "#f4f4f4")}
_NARROWER = 0.92  # DejaVu's letters are wider than those of a page
_LINE, _BUTTON, _RIM = 1.3, "#eeeeee", "#bdbdbd"
_COLUMN, _GAP = re.compile(r"(\d+)px|minmax\([^)]*\)"), 4  # between two


class Pen:
    """Notes what is drawn, and then draws it on a picture that is as large as it takes.

    Args:
        scale: Dots per pixel of the page.
    """

    def __init__(self, scale: float):
        self._scale, self._strokes = scale, []

    def picture(self, width: int, height: int) -> Image.Image:
        """All that was drawn, on white."""
        picture = Image.new("RGB", (round(width * self._scale), round(height * self._scale)), "white")
        canvas = ImageDraw.Draw(picture)
        for stroke in self._strokes:
            stroke(picture, canvas)
        return picture

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Of a text, in pixels."""
        return _font(size * self._scale, bold).getlength(text) / self._scale

    def text(self, x: float, y: float, parts: list[tuple[str, bool]], size: float, room: float) -> float:
        """Write pairs (text, whether it is bold) in lines no longer than the room; the height."""
        left, top, space = x, y, self.width(" ", size)
        for text, bold in parts:
            for word in text.split():
                long = self.width(word, size, bold)
                if left > x and left + long > x + room:
                    left, top = x, top + size * _LINE
                self._write(left, top, word, size, bold)
                left += long + space
        return top - y + size * _LINE

    def label(self, x: float, y: float, text: str) -> float:
        """Write the label of a switch; the height of its row."""
        self._write(x, y, text, 13)
        return 28

    def right(self, x: float, y: float, text: str, size: float) -> None:
        """Write a text that ends at x."""
        self._write(x - self.width(text, size), y, text, size)

    def centered(self, x: float, y: float, width: float, text: str, size: float) -> None:
        """Write a text in the middle of a width."""
        self._write(x + (width - self.width(text, size)) / 2, y, text, size)

    def tick(self, x: float, y: float, on: bool) -> None:
        """Draw a box that is ticked or not."""
        self._box(x, y, 12, 12, "#777777", FROZEN if on else "white")
        if on:
            self._line([(x + 2.5, y + 6), (x + 5, y + 9), (x + 9.5, y + 3)], "white", 2)

    def button(self, x: float, y: float, width: float, text: str) -> None:
        """Draw a button."""
        self._box(x, y, width, 28, _BUTTON, _BUTTON)
        self.centered(x, y + 6, width, text, 13)

    def field(self, x: float, y: float, width: float, text: str, is_choice: bool) -> None:
        """Draw a field with what it holds."""
        self._box(x, y, width, 28, _RIM, "white")
        room, shown = width - (26 if is_choice else 12), text
        size = 13 if self.width(text, 13) <= room else 11.5
        while self.width(shown, size) > room:
            text, shown = text[:-1], f"{text[:-1]}…"
        self._write(x + 7, y + 6 + (13 - size) / 2, shown, size)
        if is_choice:
            middle = x + width - 12
            self._line([(middle - 4, y + 12), (middle, y + 16), (middle + 4, y + 12)], INK, 1.5)

    def image(self, x: float, y: float, width: float, height: float, content: bytes) -> None:
        """Paste a picture."""
        if content:
            size = round(width * self._scale), round(height * self._scale)
            shown = Image.open(io.BytesIO(content)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
            self._strokes.append(lambda picture, canvas: picture.paste(shown, self._at(x, y)))

    def piece(self, x: float, y: float, width: float, piece: Piece) -> float:
        """Draw what an HTML widget has at one place; the height."""
        if piece.looks in _FILL:
            return self._network_box(x, y, width, piece)
        if piece.looks == "arrow":
            self.centered(x, y + 40, width, piece.plain(), 13)
            return 60
        if piece.looks == "name":
            self.centered(x, y + 6, width, piece.plain(), 13)
            return 28
        if piece.looks == "button":
            self.button(x, y + 2, width or 90, piece.plain())
            return 32
        if piece.looks == "row":
            return self._cells(x + piece.indent, y, width - piece.indent, piece)
        return self.text(x + 2 + piece.indent, y, piece.texts[0], piece.size, width - 4 - piece.indent)

    def _cells(self, x, y, width, piece):
        fixed = [int(found) if found else 0 for found in _COLUMN.findall(piece.columns)]
        rest = width - sum(fixed) - _GAP * (len(fixed) - 1)  # of the column that takes what is left
        left, heights = x, [0]
        for parts, own in zip(piece.texts, fixed, strict=False):
            heights.append(self.text(left, y, parts, piece.size, own or rest))
            left += (own or rest) + _GAP
        return max(heights)

    def _network_box(self, x, y, width, piece):
        rim, fill = _FILL[piece.looks]
        height = 10 + 14 * len(piece.texts)
        self._box(x, y, width, height, rim, "white" if piece.looks == "frozen" else fill, 2)
        if piece.looks == "frozen":
            for start in range(4, int(width + height), 11):
                ends = [(x + min(start, width - 2), y + max(2, start - width)),
                        (x + max(2, start - height), y + min(start, height - 2))]  # fmt: skip
                self._line(ends, fill, 4)
        for number, parts in enumerate(piece.texts):
            self.centered(x, y + 5 + 14 * number, width, " ".join(text for text, _ in parts), piece.size)
        return height

    def _write(self, x, y, text, size, bold=False):
        font, at = _font(size * self._scale, bold), self._at(x, y)
        self._strokes.append(lambda picture, canvas: canvas.text(at, text, INK, font))

    def _box(self, x, y, width, height, rim, fill, thick=1.0):
        corners, line = [self._at(x, y), self._at(x + width, y + height)], round(thick * self._scale)
        self._strokes.append(lambda picture, canvas: canvas.rounded_rectangle(corners, 3 * line, fill, rim, line))

    def _line(self, points, color, thick):
        ends = [self._at(*point) for point in points]
        self._strokes.append(lambda picture, canvas: canvas.line(ends, color, round(thick * self._scale)))

    def _at(self, x, y):
        return round(x * self._scale), round(y * self._scale)


@cache
def _font(size, bold):
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), _NARROWER * size)
