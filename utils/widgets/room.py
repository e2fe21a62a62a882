"""How much room a picture has, which only the page knows: it's measured there, and sent to the kernel."""

from collections.abc import Callable

import ipywidgets as widgets

from utils.widgets.in_page import once_there
from utils.widgets.style import CARD_FRAME

_LEAST, _MOST, _STEP = 240, 2400, 20  # pixels
_MEASURE = once_there(
    ".fb-room",
    """const field = box.querySelector('input'), place = box.parentElement;
      let told, timer;
      const tell = () => {
        if (place.clientWidth && place.clientWidth !== told) {
          field.value = told = place.clientWidth;
          field.dispatchEvent(new Event('change', { bubbles: true }));
        }
      };
      new ResizeObserver(() => { clearTimeout(timer); timer = setTimeout(tell, 150); }).observe(place);""",
)


class Room:
    """Measures the box of widgets that it's put into; without a page there is no measure.

    Args:
        changed: Called with the pixels that a picture has there, in steps, when these have become others.

    Attributes:
        widget: What measures, invisible.
    """

    def __init__(self, changed: Callable[[int], None]):
        self._changed, self._pixels = changed, None
        self._field = widgets.Text(continuous_update=False)
        self._field.observe(self._measured, "value")
        self.widget = widgets.HBox([self._field, widgets.HTML(_MEASURE)], layout={"display": "none"})
        self.widget.add_class("fb-room")

    def _measured(self, change):
        text = change["new"]
        if not text.isdecimal() or not text.isascii():
            return
        pixels = min(max(int(text[:6]) - CARD_FRAME, _LEAST), _MOST) // _STEP * _STEP
        if pixels != self._pixels:
            self._pixels = pixels
            self._changed(pixels)
