"""The text panel: choose features and the model on top of them, and try it on your own sentence."""

import base64
import html

import ipywidgets as widgets

from utils.checks import check_kind, check_names, check_one_of, check_text
from utils.plots.page import png
from utils.text.encoder import PADDING, UNKNOWN, TextEncoder, small_text_encoder
from utils.text.figure import plot_text_model
from utils.text.model import FEATURES, MODELS, Prediction, TextModel, fit_text_model
from utils.text.reviews import reviews
from utils.text.texts import LONGEST, TextTask
from utils.widgets.fitted_picture import dots
from utils.widgets.room import Room
from utils.widgets.style import CARD, WRAP, panel, with_class
from utils.widgets.view import view

_WIDTH, _HEIGHT, _STACKED_BELOW = 840, 230, 560  # pixels
_SENTENCE = "I can't say that I was disappointed."


class TextPanel:
    """A panel on a text task: the selected features are fitted at once, and the results appear below.

    `run` and `ask` do in code what the controls do.

    Args:
        task: The task; `reviews()` unless given.
        encoder: The encoder; `small_text_encoder()` unless given.
        features: The features that are selected at first, from `FEATURES`.
        model: The model on top at first, one of `MODELS`.
        sentence: The sentence at first.
    """

    def __init__(
        self,
        task: TextTask | None = None,
        encoder: TextEncoder | None = None,
        features=FEATURES,
        model: str = MODELS[0],
        sentence: str = _SENTENCE,
    ):
        self._task = reviews() if task is None else check_kind("task", task, TextTask, "give a TextTask, or None")
        wanted = "give a TextEncoder, or None"
        encoder = small_text_encoder() if encoder is None else check_kind("encoder", encoder, TextEncoder, wanted)
        self._encoder, features = encoder, check_names("features", features, 1)
        for name in features:
            check_one_of("features", name, FEATURES)
        check_one_of("model", model, MODELS)
        check_text("sentence", sentence)
        self._ticks = {
            name: widgets.Checkbox(
                value=name in features, description=name, indent=False, layout={"width": "158px", "margin": "0 4px"}
            )
            for name in FEATURES
        }
        self._model = widgets.Dropdown(options=MODELS, value=model, description="model on top")
        self._model.style.description_width = "90px"
        self._status = widgets.HTML()
        self._pixels = _WIDTH
        self._image = with_class(widgets.Image(format="png", layout={"width": "840px", "height": "230px"}), CARD)
        picture = widgets.VBox([self._image, Room(self._fit).widget])
        self._sentence = widgets.Text(
            value=sentence, description="a sentence", continuous_update=False, layout={"flex": "0 1 640px"}
        )
        self._sentence.style.description_width = "90px"
        try_it = widgets.Button(description="Try it", layout={"width": "90px"})
        self._answer = widgets.HTML()
        ticks = with_class(widgets.HBox(list(self._ticks.values())), WRAP)
        question = with_class(widgets.HBox([self._sentence, try_it]), WRAP)
        self.widget = panel([ticks, self._model, self._status, picture, question, self._answer])
        self._fitted: TextModel | None = None
        self._is_setting = False
        self.run()
        for control in (*self._ticks.values(), self._model):
            control.observe(self._changed, "value")
        self._sentence.observe(lambda change: self._ask(), "value")
        try_it.on_click(lambda button: self._ask())

    # For code

    @property
    def fitted(self) -> TextModel:
        """The fitted model that is shown."""
        return self._fitted

    def run(self, features=None, model: str | None = None) -> TextModel:
        """Choose features and a model, as by hand.

        Args:
            features: Names from `FEATURES`; None for those that are selected.
            model: One of `MODELS`; None for the one that is chosen.

        Returns:
            The fitted model.

        Raises:
            ValueError: For an unknown feature or model, or no feature.
        """
        selected = self._ticked() if features is None else check_names("features", features)
        model = self._model.value if model is None else model
        fitted = fit_text_model(self._task, self._encoder, selected, model)
        self._is_setting = True
        try:
            for name, tick in self._ticks.items():
                tick.value = name in selected
            self._model.value = model
        finally:
            self._is_setting = False
        self._show(fitted)
        return fitted

    def ask(self, sentence: str) -> Prediction:
        """The predicted class of a sentence, which is shown in the panel, too. ValueError for an empty sentence."""
        self._sentence.value = check_text("sentence", sentence)
        self._ask()
        return self._fitted.predict(sentence)

    def still(self) -> bytes:
        """A picture of the panel's last state, as the bytes of a PNG file."""
        return png(self._page(scale=2))

    def __repr__(self):
        return f"TextPanel({self._fitted.model} on {', '.join(self._fitted.features)}; {self._summary()})"

    def _repr_mimebundle_(self, **options):
        picture = base64.b64encode(self.still()).decode()
        size = {"image/png": {"width": _WIDTH, "height": _HEIGHT}}
        return {**view(self.widget), "image/png": picture, "text/plain": repr(self)}, size

    # What the reader does

    def _changed(self, change):
        if self._is_setting:
            return
        if not self._ticked():
            self._status.value = _status_html(
                "Select at least one feature. The results below are still those of the previous model."
            )
            return
        try:
            self._show(fit_text_model(self._task, self._encoder, self._ticked(), self._model.value))
        except Exception as error:  # raised in a callback, it would be seen by nobody
            self._status.value = _status_html(html.escape(str(error)))

    def _ask(self):
        try:
            self._answer.value = self._answer_to(self._sentence.value)
        except Exception as error:
            self._answer.value = _status_html(html.escape(str(error)))

    # What is shown

    def _ticked(self):
        return tuple(name for name, tick in self._ticks.items() if tick.value)

    def _show(self, fitted):
        self._fitted = fitted
        self._status.value = _status_html(self._summary())
        self._draw()
        self._ask()

    def _fit(self, pixels):
        self._pixels = pixels
        self._draw()

    def _draw(self):
        stacked = self._pixels < _STACKED_BELOW
        width = _STACKED_BELOW if stacked else _WIDTH
        self._image.value = png(self._page(dots(self._pixels) * self._pixels / width, stacked))

    def _summary(self):
        count = len(self._task.y_validation)
        return f"{self._fitted.accuracy:.1%} of the {count:,} validation texts right (a single fit)."

    def _page(self, scale, stacked=False):
        fitted, names = self._fitted, self._task.class_names
        return plot_text_model(fitted.confusion, names, fitted.features, fitted.importances, scale, stacked)

    def _answer_to(self, sentence):
        prediction = self._fitted.predict(sentence)
        neighbors = "".join(
            f"<li>{html.escape(neighbor.text[:160])}{'…' if len(neighbor.text) > 160 else ''} "
            f"<i>({html.escape(neighbor.label)}, cosine {neighbor.cosine:.2f})</i></li>"
            for neighbor in self._fitted.nearest(sentence)
        )
        cut = len(sentence) > LONGEST or self._encoder.too_long([sentence])
        tokens = set(self._encoder.ids([sentence]).flat) - {PADDING}
        unknown = " The encoder knows none of these words." if tokens <= {UNKNOWN} else ""
        note = f" Only its first {self._encoder.longest} tokens are read by the encoder." if cut else ""
        return _status_html(
            f"<b>{html.escape(prediction.label)}</b>, {prediction.probability:.0%}.{note}{unknown} "
            f"Nearest training texts by the encoder's vector:<ul>{neighbors}</ul>"
        )


def _status_html(text):
    return f'<div role="status" aria-live="polite" style="line-height:1.35">{text}</div>'
