"""The settings as a line of text, to copy out and to paste in."""

import html
from collections.abc import Callable

import ipywidgets as widgets

from utils.strategies import Settings
from utils.widgets.message import Message
from utils.widgets.style import WRAP, with_class

# The kernel can't use the reader's clipboard; the page can, unless it comes from another machine without https.
_COPY = """<button class="jupyter-button widget-button" style="width:96px" aria-live="polite" onclick="
const say = text => { this.textContent = text; setTimeout(() => { this.textContent = 'Copy'; }, 2000); };
const refused = () => { this.closest('.widget-hbox').querySelector('input').select(); say('press Ctrl+C'); };
navigator.clipboard ? navigator.clipboard.writeText(%s).then(() => say('Copied'), refused) : refused();
">Copy</button>"""


class SettingsText:
    """A field with the next run's settings as text, a button that copies it, and one that uses it.

    Args:
        used: Called when the reader wants to use the text in the field.

    Attributes:
        message: What became of that, below the field.
    """

    def __init__(self, used: Callable[[], None]):
        field = widgets.Text(description="next run as text", continuous_update=False, layout={"width": "560px"})
        self._field = with_class(field, "fb-long")
        self._field.style.description_width = "104px"
        self._copy = widgets.HTML()
        use = widgets.Button(description="Use these settings", layout={"width": "156px"})
        use.on_click(lambda _: used())
        self.message = Message("816px")
        row = with_class(widgets.HBox([self._field, self._copy, use]), WRAP)
        self.widget = widgets.VBox([row, self.message.widget])

    def show(self, settings: Settings) -> None:
        """Show the text of these settings."""
        text = settings.to_text()
        if text != self._field.value:
            self._field.value = text
            self.message.clear()
        self._copy.value = _COPY % html.escape(repr(text), quote=True)

    def settings(self) -> Settings:
        """The settings in the text; a `SettingsError` where it is wrong."""
        return Settings.from_text(self._field.value)
