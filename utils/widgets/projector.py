"""A button that switches a panel to large letters, thick lines and the essentials, for a class, and back."""

from collections.abc import Callable

import ipywidgets as widgets

from utils.widgets.style import PROJECTED, with_class

_ON, _OFF = "Projector mode", "Leave projector mode"


class Projector:
    """Switches a panel's projector mode, at any moment.

    Args:
        switched: Called with whether it's on, to draw the panel's picture for it.

    Attributes:
        button: The button.
    """

    def __init__(self, switched: Callable[[bool], None]):
        self._switched, self._panel = switched, None
        self.button = with_class(widgets.Button(description=_ON, layout={"width": "126px"}), "fb-slim")
        self.button.tooltip = "large letters, thick lines, and only the essentials"
        self.button.on_click(lambda _: self._switch(self.button.description == _ON))

    def on(self, panel: widgets.DOMWidget) -> widgets.DOMWidget:
        """The panel, which the button switches from now on."""
        self._panel = panel
        return panel

    def _switch(self, projected):
        self.button.description = _OFF if projected else _ON
        (self._panel.add_class if projected else self._panel.remove_class)(PROJECTED)
        self._switched(projected)
