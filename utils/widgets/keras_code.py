"""The run that is shown as a script in plain Keras, unfolded on demand."""

import html
import json
from collections.abc import Callable

import ipywidgets as widgets
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from utils.training import Run

_SHOW, _HIDE = "Show the Keras code", "Hide the Keras code"
_NOTHING_YET = "Nothing was run yet: press Start, and the code of that run can be shown here."
# As in settings_text: the page has a hand on the clipboard. Where it may not use it, the code is marked instead.
_COPY = """<button class="jupyter-button widget-button" style="width:96px" aria-live="polite" onclick="
const say = text => { this.textContent = text; setTimeout(() => { this.textContent = 'Copy'; }, 2000); };
const code = this.closest('.fb-keras-code').querySelector('pre');
const refused = () => { getSelection().selectAllChildren(code); say('press Ctrl+C'); };
navigator.clipboard ? navigator.clipboard.writeText(%s).then(() => say('Copied'), refused) : refused();
">Copy</button>"""


class KerasCode:
    """A button that unfolds the code of a run, with one that copies it.

    shown: gives the run whose code is wanted, or None where there is none yet.
    """

    def __init__(self, shown: Callable[[], Run | None]):
        self._shown = shown
        self._button = widgets.Button(description=_SHOW, layout={"width": "170px"})
        self._button.on_click(lambda _: self._fold())
        self._copy = widgets.HTML()
        self._code = widgets.HTML(layout={"width": "100%", "margin": "0"})  # a margin besides would be too wide
        self.widget = widgets.VBox([widgets.HBox([self._button, self._copy]), self._code], layout={"width": "100%"})
        self.widget.add_class("fb-keras-code")

    @property
    def unfolded(self) -> bool:
        """Whether there is something to be read."""
        return bool(self._code.value)

    def fold(self) -> None:
        """Hide the code: it's no longer that of the run which is shown."""
        self._button.description, self._code.value, self._copy.value = _SHOW, "", ""

    def _fold(self):
        if self.unfolded:
            self.fold()
            return
        run = self._shown()
        if run is None or not run.updates:
            self._code.value = f'<div role="status">{_NOTHING_YET}</div>'
        else:
            try:
                code = run.to_keras_code()
            except (OSError, ValueError) as error:  # a task that can't be loaded, a layer that can't be written
                self._code.value = f'<div role="status">{html.escape(str(error))}</div>'
            else:
                self._copy.value = _COPY % html.escape(json.dumps(code), quote=True)
                self._code.value = _highlighted(code)
        self._button.description = _HIDE


def _highlighted(code):
    """Coloured by styles in the tags, so that nothing on the page is changed."""
    box = (
        "box-sizing:border-box;max-height:420px;overflow:auto;padding:8px;border:1px solid #bbb;"
        "font-size:12px;background:#fff;color:#222"
    )
    return highlight(code, PythonLexer(), HtmlFormatter(noclasses=True, cssstyles=box, prestyles="line-height:16px"))
