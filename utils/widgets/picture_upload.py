"""A picture of the reader's own: upload it, or give its path, and see how a classifier classifies it."""

from __future__ import annotations

import html
import io
import os
import threading
from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from PIL import Image

from utils.checks import check_kind, check_names, check_path
from utils.frameworks import keras
from utils.measures.agreement import softmax
from utils.messages import refusal
from utils.tasks.picture import ENDINGS, read_picture
from utils.widgets.style import panel
from utils.widgets.upload import MOST_BYTES, announced_files, announcement, uploaded_files, with_size
from utils.widgets.view import view

_MOST = f"{MOST_BYTES // 1_000_000} MB"
_NOTHING = f"No picture yet. Yours stays on the machine that runs this notebook. An upload can have up to {_MOST}."
_INSTEAD = "Put it next to the notebook and type its path into the field above."
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
        takes, gives = (_shape(model, name) for name in ("input_shape", "output_shape"))
        fits = takes and len(takes) == 4 and None not in takes[1:] and takes[-1] in (1, 3)
        if not fits or not gives or gives[-1] != len(self._names):
            raise ValueError(
                f"model takes {takes} and gives {gives}: pictures (None, height, width, 1 or 3) and one logit for each "
                f"of the {len(self._names)} class_names are expected."
            )
        self._size, self._channels = takes[1:3], takes[3]
        self._upload = widgets.FileUpload(accept=",".join(ENDINGS), multiple=False, description="Your picture")
        self._announced, self._link = announcement(self._upload)
        self._awaited = None
        self._is_clearing = False  # while the other of button and field is emptied, that is no wish of the reader's
        self._lock = threading.RLock()  # messages of two widgets may be handled in two threads at once
        self._path = widgets.Text(
            description="or its path", placeholder="pictures/cat.jpg, then Enter", continuous_update=False,
            layout={"flex": "0 1 420px"},
        )  # fmt: skip
        self._image = widgets.Image(format="png", layout={"width": f"{_SHOWN}px", "margin": "0", "display": "none"})
        self._status = widgets.HTML()
        self._reset(_NOTHING)
        self._announced.observe(self._chosen, "value")
        self._upload.observe(self._uploaded, "value")
        self._path.observe(self._typed, "value")
        choices = widgets.HBox([self._upload, self._path], layout={"flex_flow": "row wrap"})
        side = f"{_SHOWN + 2}px"
        frame = {"width": side, "height": side, "min_width": side, "border": "1px dashed #888888"}  # nothing may jump
        place = widgets.Box([self._image], layout=frame)
        self.widget = panel([choices, widgets.HBox([place, self._status])])

    def ask(self, source) -> dict[str, float]:
        """Predict the class of a picture, and show it.

        Args:
            source: A path, or an open binary file.

        Returns:
            Class → probability, the most probable first.

        Raises:
            ValueError: Where the picture can't be read.
        """
        if not hasattr(source, "read"):
            source = check_path("source", source).expanduser()
            if not os.path.exists(source):
                raise ValueError(refusal("source", str(source), "there is no such file"))
        with self._lock:
            return self._ask(source)

    def _ask(self, source):
        self._awaited = None
        self._reset(_NOTHING)  # the verdict on the one before isn't that on this one
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
        """The browser says that a file has been chosen, or none any longer; its content may have come already."""
        files = announced_files(change["new"])
        if files is None:
            return
        with self._lock:
            if files == [(name, len(content)) for name, content in uploaded_files(self._upload.value)]:
                return
            self._awaited = files[0] if files and files[0][1] <= MOST_BYTES else None
            if not files:
                self._reset(_NOTHING)
            elif self._awaited is None:
                self._reset(html.escape(f"{with_size(*files[0])} is larger than {_MOST}. {_INSTEAD}"))
            else:
                self._reset(html.escape(f"Waiting for {with_size(*files[0])} …"))
                timer = threading.Timer(_PATIENCE, self._give_up, [self._awaited])
                timer.daemon = True
                timer.start()

    def _give_up(self, awaited):
        """Say what may be wrong where a file that was announced hasn't come."""
        with self._lock:
            if self._awaited is awaited:
                lost = f"{with_size(*awaited)} hasn't arrived; the server may have refused it."
                self._reset(html.escape(f"{lost} {_INSTEAD}"))

    def _uploaded(self, change):
        with self._lock:
            if not self._is_clearing:
                if change["new"]:
                    self._clear(self._path, "")
                self._try(lambda: _content(change["new"]) if change["new"] else None)

    def _typed(self, change):
        path = change["new"].strip().strip("\"'")  # a copied path may have quotes around it
        with self._lock:
            if not self._is_clearing:
                if path:
                    self._clear(self._upload, ())
                self._try(lambda: os.path.expanduser(path) if path else None)

    def _clear(self, widget, nothing):
        """Empty the button or the field whose picture isn't the one shown any longer."""
        self._is_clearing = True
        try:
            widget.value = nothing
        finally:
            self._is_clearing = False

    def _try(self, source):
        """Ask about a source, if there is one."""
        with self._lock:
            self._awaited = None
            try:
                found = source()
                self._ask(found) if found else self._reset(_NOTHING)
            except Exception as error:  # a callback's exception would vanish
                self._reset(html.escape(f"The network can't classify this: {str(error).rstrip('.')}."))

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
        note = "It knows only these classes and always chooses one of them."
        self._status.value = _status_html(f"{rows}<i>As the network sees it, cut and scaled. {note}</i>")


def _shape(model, name):
    """The shape of a model's inputs or outputs; None where it isn't built, or has several."""
    try:
        shape = getattr(model, name)
    except AttributeError:
        return None
    return shape if isinstance(shape, tuple) else None


def _content(value):
    """The first file in the value of an upload button."""
    name, content = next(uploaded_files(value))
    if not name.lower().endswith(ENDINGS):
        raise ValueError(f"{name!r} isn't a picture by its name ({', '.join(ENDINGS)})")
    if len(content) > MOST_BYTES:
        raise ValueError(f"{with_size(name, len(content))} is larger than {_MOST}. {_INSTEAD}")
    return io.BytesIO(content)


def _status_html(text):
    return f'<div role="status" aria-live="polite" style="line-height:1.35;margin-left:8px">{text}</div>'
