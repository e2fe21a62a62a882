"""What became of something that the reader did, said beside it: in color, with a sign and a word, and read aloud."""

from html import escape

import ipywidgets as widgets

_LINE, _LETTER = 16, 7  # pixels, unless letters are larger
_ROW = f"var(--fb-row,{_LINE}px)"
# White on these has a contrast of more than 4.5, and they stand out from light and dark pages alike.
_KINDS = {"error": ("✗", "Error", "#b3261e"), "note": ("ℹ", "Note", "#3a5f8f"), "done": ("✓", "Done", "#00795a")}
_BOX = (
    "position:absolute;left:0;right:0;z-index:5;box-sizing:border-box;padding:0 2px;"
    "background:var(--jp-layout-color0, white);font-size:var(--fb-text,12px);overflow-wrap:anywhere"
)
_BADGE = "color:white;border-radius:3px;padding:0 5px;margin-right:3px;white-space:nowrap"


class Message:
    """A place for one message at a time. Its room is always kept; a longer text lies over what is around it.

    Args:
        width: Of the place, as in a layout.
        lines: The lines for which room is kept.

    Attributes:
        above: Pixels above the place that a longer text may cover, so that it covers less below.
        widget: The place.
        kind: "error", "note" or "done"; empty where nothing is said.
        text: What is said.
    """

    def __init__(self, width: str, lines: int = 1):
        self.above, self._lines = 0, lines
        self._letters = int(width.removesuffix("px")) // _LETTER  # in a line
        self._height = f"calc({lines} * {_ROW})"
        layout = {"width": width, "max_width": "100%", "height": self._height, "margin": "0", "overflow": "visible"}
        self.widget = widgets.HTML(layout=layout)
        self.kind, self.text = "", ""
        self.clear()

    def error(self, text: str) -> None:
        """Say what isn't possible; screen readers interrupt what they are reading."""
        self._show("error", text)

    def note(self, text: str) -> None:
        """Say what is worth knowing."""
        self._show("note", text)

    def done(self, text: str) -> None:
        """Say what has been done."""
        self._show("done", text)

    def clear(self) -> None:
        """Say nothing."""
        self._show("", "")

    def _show(self, kind, text):
        self.kind, self.text = kind, text
        inside = ""
        if kind:
            sign, word, color = _KINDS[kind]
            badge = f'<b style="background:{color};{_BADGE}"><span aria-hidden="true">{sign}</span> {word}</b>'
            inside = f'<div style="{_BOX};{self._edge(text)};line-height:{_ROW}">{badge} {escape(text)}</div>'
        spoken = 'role="alert"' if kind == "error" else 'aria-live="polite"'
        html = f'<div class="fb-message" {spoken} style="position:relative;height:{self._height}">{inside}</div>'
        if self.widget.value != html:
            self.widget.value = html

    def _edge(self, text):
        """The edge that stays where it is: a text that finds room above grows upwards."""
        lines = 1 + (len(text) + len("x Error ")) // self._letters
        fits = self.above and lines * _LINE <= self._lines * _LINE + self.above
        return "bottom:0" if fits else f"top:{-self.above}px"
