"""A picture of the reader's own: upload it, or give its path, and see how a classifier classifies it."""

import html
import io
import os
import threading
from collections.abc import Sequence

import ipywidgets as widgets
import keras
import numpy as np
import traitlets
from PIL import Image

from utils.checks import check_kind, check_names, check_path
from utils.measures.agreement import softmax
from utils.tasks.picture import ENDINGS, read_picture
from utils.widgets.view import view

MOST_BYTES = 10_000_000  # of an upload: Jupyter's server refuses larger messages, and tells neither side
_MOST = f"{MOST_BYTES // 1_000_000} MB"
_NOTHING = f"No picture yet. It stays on the machine on which this notebook runs. An upload has at most {_MOST}."
_INSTEAD = "Put it beside the notebook, and give its path in the field above."
_PATIENCE = 30  # seconds between a file's being chosen and its arrival
_SHOWN = 160  # pixels
_TOP = 3


class PictureUpload:
    """An upload button, and the model's predictions for the picture.

    An upload isn't trusted: its name, size and content are checked before it is decoded. A file on the kernel's machine
    can be named in the field beside the button; `ask` does the same in code.

    Args:
        model: From photographs (N, height, width, 1 or 3), 0 to 255, to logits (N, classes).
        class_names: The names of the classes.

    Raises:
        ValueError: For a model with other inputs, or another number of outputs.
    """

    def __init__(self, model: keras.Model, class_names: Sequence[str]):
        check_kind("model", model, keras.Model, "give a keras.Model")
        self._model, self._names = model, check_names("class_names", class_names, 1)
        *size, channels = model.input_shape[1:]
        if len(size) != 2 or model.output_shape[-1] != len(self._names):
            raise ValueError(
                f"model takes {model.input_shape} and gives {model.output_shape}: pictures and one logit for each of "
                f"the {len(self._names)} class_names are expected."
            )
        self._size, self._channels = tuple(size), channels
        self._upload = widgets.FileUpload(accept=",".join(ENDINGS), multiple=False, description="Your picture")
        self._announced, self._awaited = announcement(self._upload), None
        self._path = widgets.Text(
            description="or its path", placeholder="pictures/cat.jpg, then Enter", continuous_update=False,
            layout={"width": "420px"},
        )  # fmt: skip
        self._image = widgets.Image(format="png", layout={"width": f"{_SHOWN}px", "display": "none"})
        self._status = widgets.HTML()
        self._reset(_NOTHING)
        self._announced.observe(self._chosen, "value")
        self._upload.observe(self._uploaded, "value")
        self._path.observe(self._typed, "value")
        choices = widgets.HBox([self._upload, self._path], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([choices, widgets.HBox([self._image, self._status])])

    def ask(self, source) -> dict[str, float]:
        """Predict the class of a picture, and show it.

        Args:
            source: A path, or an open binary file.

        Returns:
            Class → probability, the most probable first.

        Raises:
            ValueError: Where the picture can't be read.
        """
        self._awaited = None
        self._reset(_NOTHING)  # the verdict on the one before isn't that on this one
        if not hasattr(source, "read"):
            source = check_path("source", source)
            if not source.is_file():
                raise ValueError(f"source={str(source)!r} is not allowed: there is no such file.")
        picture = read_picture(source, self._size, self._channels, crop_to_aspect_ratio=True)
        logits = np.asarray(self._model.predict_on_batch(picture[None].astype(np.float32)))
        probabilities = softmax(logits)[0]
        predictions = {self._names[i]: float(probabilities[i]) for i in np.argsort(-probabilities)}
        self._show(picture, predictions)
        return predictions

    def __repr__(self):
        return f"PictureUpload({', '.join(self._names)})"

    def _repr_mimebundle_(self, **options):
        return {**view(self.widget), "text/plain": f"{self!r}: run this cell to upload a picture of your own."}

    def _chosen(self, change):
        """A file has been chosen, says the browser before it sends it; or none any more."""
        self._awaited = None
        try:
            files = [(str(file["name"]), int(file["size"])) for file in change["new"]]
        except (TypeError, KeyError, ValueError):  # of another front end
            return
        if not files:
            self._reset(_NOTHING)
            return
        (name, size), *_ = files
        if size > MOST_BYTES:
            self._reset(html.escape(f"{_size(name, size)} is larger than {_MOST}. {_INSTEAD}"))
            return
        self._awaited = files[0]
        self._reset(html.escape(f"Waiting for {_size(name, size)} …"))
        timer = threading.Timer(_PATIENCE, self._give_up, [files[0]])
        timer.daemon = True
        timer.start()

    def _give_up(self, awaited):
        """Say what may be wrong where a file that was announced hasn't come."""
        if self._awaited is awaited:
            self._reset(html.escape(f"{_size(*awaited)} hasn't arrived: the server may not let it through. {_INSTEAD}"))

    def _uploaded(self, change):
        self._awaited = None
        if change["new"]:
            self._try(lambda: _content(change["new"]))
        else:
            self._reset(_NOTHING)

    def _typed(self, change):
        self._awaited = None
        path = change["new"].strip().strip("\"'")  # a copied path may have quotes around it
        if path:
            self._try(lambda: os.path.expanduser(path))
        else:
            self._reset(_NOTHING)

    def _try(self, source):
        try:
            self.ask(source())
        except Exception as error:  # a callback's exception would vanish
            self._reset(html.escape(f"This can't be shown to the network: {error}."))

    def _reset(self, text):
        """Show no picture, and this text in place of the verdict."""
        self._image.layout.display = "none"
        self._status.value = _status_html(text)

    def _show(self, picture, predictions):
        file = io.BytesIO()
        Image.fromarray(picture.squeeze(-1) if picture.shape[-1] == 1 else picture).save(file, "PNG")
        self._image.value, self._image.layout.display = file.getvalue(), None
        rows = "".join(
            f'<div>{html.escape(name)} {share:.0%}<div style="background:#009E73;height:6px;width:{200 * share:.0f}px">'
            "</div></div>"
            for name, share in list(predictions.items())[:_TOP]
        )
        note = "It knows these classes only, and always names one of them."
        self._status.value = _status_html(f"{rows}<i>As the network sees it, cut and scaled. {note}</i>")


def announcement(upload: widgets.FileUpload) -> widgets.Widget:
    """A widget whose `value` becomes the list of chosen files, without their content, as soon as they are chosen.

    The content comes in a message of its own, which a server refuses without a word where it is too large. The browser
    itself links the two; what it can't write as JSON, the content, becomes {}.
    """
    chosen = _Announcement()
    source = "value" if upload.trait_metadata("value", "sync") else "metadata"  # in ipywidgets 7
    chosen.link = widgets.jsdlink((upload, source), (chosen, "value"))
    return chosen


class _Announcement(widgets.Label):
    value = traitlets.Any(()).tag(sync=True)


def _size(name, size):
    short = name if len(name) <= 60 else f"{name[:28]}…{name[-28:]}"
    return f"{short!r} ({size / 1e6:.1f} MB)"


def _content(value):
    """The file in the value of an upload button: a tuple of dicts, or a dict by name in ipywidgets 7."""
    upload = next(iter(value.values())) if isinstance(value, dict) else value[0]
    name = upload.get("name") or upload.get("metadata", {}).get("name", "")
    content = bytes(upload["content"])
    if not str(name).lower().endswith(ENDINGS):
        raise ValueError(f"{name!r} isn't a picture by its name ({', '.join(ENDINGS)})")
    if len(content) > MOST_BYTES:
        raise ValueError(f"{len(content) / 1e6:.0f} MB are more than {MOST_BYTES // 1_000_000}. {_INSTEAD}")
    return io.BytesIO(content)


def _status_html(text):
    return f'<div role="status" aria-live="polite" style="line-height:1.35;margin-left:8px">{text}</div>'
