"""The run shown as a script in plain Keras, folded away until the reader asks for it."""

import html
import json
import os
from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
from IPython import get_ipython
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from utils.training import Run
from utils.widgets.style import WRAP, with_class

_SHOW, _HIDE = "Show the Keras code", "Hide the Keras code"
_NO_RUN = "No run yet: press Start, and the code of that run can be shown here."
# As in settings_text: the page can use the clipboard. Where it may not, the code is selected instead.
_COPY = """<button class="jupyter-button widget-button" style="width:116px" aria-live="polite" onclick="
const say = text => { this.textContent = text; setTimeout(() => { this.textContent = 'Copy the code'; }, 2000); };
const code = this.closest('.fb-keras-code').querySelector('pre');
const refused = () => { getSelection().selectAllChildren(code); say('press Ctrl+C'); };
navigator.clipboard ? navigator.clipboard.writeText(%s).then(() => say('Copied'), refused) : refused();
">Copy the code</button>"""


class KerasCode:
    """A button that unfolds the code of a run, and one that copies it; of several runs, the reader selects one.

    Args:
        runs: Gives the runs whose code can be shown, by name.
        panel: The panel of these runs: a hint names its `insert_code`, with the variable that holds the panel.
        before: What is in the same row, before the button.
        after: What is in the same row, at its end.

    Attributes:
        shown: The run whose code is unfolded, or None.
    """

    def __init__(
        self,
        runs: Callable[[], Mapping[str, Run]],
        panel,
        before: Sequence[widgets.Widget] = (),
        after: Sequence[widgets.Widget] = (),
    ):
        self._runs, self._panel = runs, panel
        self.shown: Run | None = None
        self._button = widgets.Button(description=_SHOW, layout={"width": "170px"})
        self._button.on_click(lambda _: self._toggle())
        self._choice = widgets.Dropdown(description="of", layout={"width": "270px", "display": "none"})
        self._choice.style.description_width = "16px"
        self._choice.observe(lambda change: self.unfolded and self._show(), "value")
        self._copy, self._hint = widgets.HTML(layout={"width": "120px"}), widgets.HTML()
        self._code = widgets.HTML(layout={"width": "100%", "margin": "0"})  # a margin besides would be too wide
        row = with_class(widgets.HBox([*before, self._button, self._choice, self._copy, *after]), WRAP)
        self.widget = widgets.VBox([row, self._hint, self._code], layout={"width": "100%"})
        self.widget.add_class("fb-keras-code")

    @property
    def unfolded(self) -> bool:
        """Whether the code is shown."""
        return bool(self._code.value)

    def fold(self) -> None:
        """Hide the code, which is no longer that of the run shown."""
        self._button.description, self._code.value, self._copy.value, self._hint.value = _SHOW, "", "", ""
        self._choice.layout.display, self.shown = "none", None

    def refresh(self) -> None:
        """Show the code of the run that is shown by now, where code is unfolded."""
        if self.unfolded:
            self._show()

    def insert(self) -> None:
        """Put the code into a new cell below the one that is being run.

        A front end takes it with the reply to that cell; a button gets no such reply.

        Raises:
            RuntimeError: Outside of a notebook, and where there is no run yet.
        """
        shell, run = get_ipython(), self._selected_run()
        if shell is None:
            raise RuntimeError("insert_code: there is no notebook here; print(run.to_keras_code()) shows the code")
        if run is None:
            raise RuntimeError(f"insert_code: {_NO_RUN[0].lower()}{_NO_RUN[1:]}")
        shell.set_next_input(run.to_keras_code())

    def _selected_run(self):
        """The run selected in the list or, where it isn't there anymore, the first."""
        runs = {name: run for name, run in self._runs().items() if run.updates}
        if tuple(runs) != self._choice.options:
            self._choice.options = tuple(runs)
            self._choice.index = 0 if runs else None
        return runs.get(self._choice.value)

    def _toggle(self):
        if self.unfolded:
            self.fold()
        else:
            self._show()

    def _show(self):
        self.shown = run = self._selected_run()
        self._copy.value = self._hint.value = ""
        if run is None:
            self._code.value = f'<div role="status">{_NO_RUN}</div>'
        else:
            try:
                code = run.to_keras_code()
            except (OSError, ValueError) as error:  # a task that can't be loaded, a layer that can't be written
                self._code.value = f'<div role="status">{html.escape(str(error))}</div>'
            else:
                self._copy.value = _COPY % html.escape(json.dumps(code), quote=True)
                self._hint.value = _hint(self._panel)
                self._code.value = _highlighted(code)
        self._choice.layout.display = None if len(self._choice.options) > 1 else "none"
        self._button.description = _HIDE


def _hint(panel):
    """How to get the code as a cell; empty where there are no cells."""
    shell = get_ipython()
    if shell is None or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return ""
    names = [name for name, value in shell.user_ns.items() if value is panel and not name.startswith("_")]
    if names:
        hint = f"To get it as a cell: run <code>{names[0]}.insert_code()</code>"
    else:
        assignment = f"<code>panel = {type(panel).__name__}(…)</code>"
        hint = f"To get it as a cell: give the panel a name, {assignment}; then run <code>panel.insert_code()</code>"
    return f'<div style="font-size:var(--fb-text,12px);padding-left:8px">{hint}</div>'


def _highlighted(code):
    """The code in colors, which are those of the style sheet."""
    lines = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<div class="fb-code" tabindex="0" role="region" aria-label="Keras code"><pre>{lines}</pre></div>'
