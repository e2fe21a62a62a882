"""Ready-made experiments: a button that opens them over the picture, a prediction, and the run starts."""

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets

from utils.widgets.experiments import Experiment
from utils.widgets.open_panels import close_widget

_OPEN, _CLOSE = "Experiments ▾", "Close ▴"
_STYLE = """<style>
.fb-menu { position: relative; }
.fb-experiments { position: absolute; left: 0; top: 36px; z-index: 20; box-sizing: border-box; padding: 8px 10px;
  border: 2px solid #0072B2; border-radius: 4px; background: var(--jp-layout-color0, white);
  box-shadow: 0 3px 10px rgba(0, 0, 0, 0.35); }
.fb-experiments .widget-button { text-align: left; overflow: visible; }
</style>"""
_TEXT = "font-size:13px;line-height:18px"
_FIRST = "Choose an experiment."


class ExperimentMenu:
    """A button that unfolds experiments over what is below it, so that nothing moves.

    Args:
        experiments: Those that are offered.
        play: Called with an experiment and the answer that was predicted.

    Attributes:
        widget: The button, with what it unfolds.
    """

    def __init__(self, experiments: Sequence[Experiment], play: Callable[[Experiment, str], None]):
        self._play = play
        self._toggle = widgets.Button(description=_OPEN, layout={"width": "116px"})
        self._toggle.tooltip = "ready-made experiments: predict what will happen, then see it happen"
        self._toggle.on_click(lambda _: self.show(self._toggle.description == _OPEN))
        self._question = widgets.HTML(layout={"min_height": "40px", "margin": "0"})
        self._answers = widgets.VBox(layout={"min_height": "96px"})
        buttons = [self._button(experiment) for experiment in experiments]
        row = widgets.HBox(buttons, layout={"flex_flow": "row wrap"})
        self._menu = widgets.VBox([widgets.HTML(_STYLE), row, self._question, self._answers])
        self._menu.layout.width = "606px"
        self._menu.add_class("fb-experiments")
        self.widget = widgets.VBox([self._toggle, self._menu], layout={"width": "120px", "overflow": "visible"})
        self.widget.add_class("fb-menu")
        self.show(False)

    def show(self, shown: bool) -> None:
        """Open or close the menu."""
        self._menu.layout.display = None if shown else "none"
        self._toggle.description = _CLOSE if shown else _OPEN
        self._ask(_FIRST, [])

    def _button(self, experiment):
        button = widgets.Button(description=experiment.name, tooltip=experiment.question, layout={"width": "auto"})
        button.on_click(lambda _: self._choose(experiment))
        return button

    def _choose(self, experiment):
        answers = []
        for answer in experiment.answers:
            button = widgets.Button(description=answer, tooltip="predict this and start", layout={"width": "auto"})
            button.on_click(lambda _, answer=answer: self._predict(experiment, answer))
            answers.append(button)
        self._ask(f"{experiment.question} Choose a prediction to start the run:", answers)

    def _predict(self, experiment, answer):
        self.show(False)
        self._play(experiment, answer)

    def _ask(self, question, answers):
        before, self._answers.children = self._answers.children, answers
        self._question.value = f'<div role="group" aria-live="polite" style="{_TEXT}">{escape(question)}</div>'
        for button in before:
            close_widget(button)
