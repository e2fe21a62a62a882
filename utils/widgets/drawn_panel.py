"""A panel drawn as a picture, as it is on the page: for a saved notebook that is read where nothing runs.

Pages without widgets, and those that drop scripts and styles, show a PNG alone. So the widgets are drawn from what they
hold: it is no screenshot, which would take a browser.
"""

import io
import re
from collections.abc import Mapping

import ipywidgets as widgets
from PIL import Image

from utils.widgets.drawn_text import pieces
from utils.widgets.pen import Pen
from utils.widgets.style import ABOVE

_WIDTH, _EDGE, _ROW = 856, 8, 32  # of the page, beside it, and of a row of fields or buttons, in pixels
_SCALE, _COLORS = 1.5, 128
_LENGTH = re.compile(r"(?P<pixels>[\d.]+)px|calc\((?P<times>[\d.]+) \* var\(--[\w-]+(?:, ?(?P<each>[\d.]+)px)?\)\)")
_FIELDS = widgets.Text, widgets.Dropdown


def draw_panel(panel: widgets.Widget, note: str, instead: Mapping[widgets.Image, bytes]) -> bytes:
    """The panel as a PNG file.

    Args:
        panel: The widget that has all others in it.
        note: A line above it.
        instead: Pictures that take the place of what some widgets hold.
    """
    pen = Pen(_SCALE)
    below = _EDGE + pen.text(_EDGE, _EDGE, [(note, True)], 13, _WIDTH) + _EDGE
    height = below + _Drawing(pen, instead).place(panel, _EDGE, below, _WIDTH)[1] + _EDGE
    picture = pen.picture(_WIDTH + 2 * _EDGE, height).quantize(_COLORS, method=Image.Quantize.FASTOCTREE, dither=0)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


class _Drawing:
    """Places widgets on the page as the page's boxes do, as far as these panels use them."""

    def __init__(self, pen, instead):
        self._pen, self._instead = pen, instead

    def place(self, widget, x, y, room):
        """Draw a widget at this place in a space this many pixels wide; its width and height."""
        layout = widget.layout
        if layout.display == "none":
            return 0, 0
        width = _pixels(layout.width)
        width = room if layout.width == "100%" else min(width, room) if width else None
        if isinstance(widget, widgets.Box):
            size = (self._row if isinstance(widget, widgets.HBox) else self._column)(widget, x, y, width or room)
        else:
            size = self._leaf(widget, x, y, width, room)
        return width or size[0], max(size[1], _pixels(layout.height), _pixels(layout.min_height))

    def _column(self, box, x, y, room):
        sizes, top = [(0, 0)], y
        for child in box.children:
            sizes.append(self.place(child, x, top, room))
            top += sizes[-1][1] + _margin(child)
        return max(width for width, _ in sizes), top - y

    def _row(self, box, x, y, room):
        left, top, height = x, y, 0
        for number, child in enumerate(box.children):
            fixed = _pixels(child.layout.width) or 0
            if left > x and box.layout.flex_flow == "row wrap" and left + fixed > x + room:
                left, top, height = x, top + height, 0
            after = sum(_pixels(other.layout.width) for other in box.children[number + 1 :])
            width, own = self.place(child, left, top, max(room - (left - x) - after, fixed))
            left, height = left + width + 2 * _margin(child), max(height, own)
        return left - x, top + height - y

    def _leaf(self, widget, x, y, width, room):
        pen = self._pen
        if isinstance(widget, widgets.HTML):
            return self._html(widget, x, y, width or room)
        if isinstance(widget, widgets.Image):
            width, height = width or room, _pixels(widget.layout.height)
            pen.image(x, y, width, height, self._instead.get(widget, widget.value))
            return width, height
        if isinstance(widget, widgets.Checkbox):
            pen.tick(x + 2, y + 9, widget.value)
            return (width or 24 + pen.width(widget.description, 13)), pen.label(x + 20, y + 6, widget.description)
        if isinstance(widget, _FIELDS):
            return width or room, self._field(widget, x, y, width or room)
        if isinstance(widget, widgets.Button | widgets.FileUpload):
            width = width or 20 + pen.width(widget.description, 13)
            pen.button(x, y + 2, width, widget.description)
            return width, _ROW
        return 0, 0

    def _field(self, widget, x, y, width):
        label, down = _pixels(widget.style.description_width) or 84, 0
        if ABOVE in widget.get_state(["_dom_classes"])["_dom_classes"]:
            down, label = self._pen.text(x + 2, y + 3, [(widget.description, False)], 13, width), 0
        else:
            self._pen.right(x + label - 6, y + 7, widget.description, 13)
        is_choice = isinstance(widget, widgets.Dropdown)
        self._pen.field(
            x + label, y + down + 2, width - label, (widget.label or "") if is_choice else widget.value, is_choice
        )
        return _ROW + down

    def _html(self, widget, x, y, width):
        top = y
        for piece in pieces(widget.value):
            top += self._pen.piece(x, top, width, piece)
        return width, top - y


def _pixels(length):
    """A length in pixels, also one that follows from the panel's width, at its usual value."""
    found = _LENGTH.fullmatch(length or "")
    return int(float(found["times"] or 1) * float(found["each"] or found["pixels"] or 1)) if found else 0


def _margin(child):
    return 0 if child.layout.margin in ("0", "0px") or child.layout.display == "none" else 2
