"""One's own picture: upload it, and see what a classifier takes it for."""

import html
import io

import ipywidgets as widgets
import keras
import numpy as np
from PIL import Image

from utils.measures.agreement import softmax
from utils.tasks.picture import ENDINGS, read_picture
from utils.widgets.view import view

MOST_BYTES = 20_000_000
_SHOWN = 160  # pixels
_TOP = 3


class PictureUpload:
    """An upload button, and what the model says of the picture.

    model: photographs (N, height, width, 1 or 3), 0 to 255, to logits (N, classes). class_names: one for each class.
    What is uploaded isn't trusted: its name, size and content are looked at before it is decoded. `ask` does in code
    what the button does.
    """

    def __init__(self, model: keras.Model, class_names):
        self._model, self._names = model, tuple(class_names)
        *size, channels = model.input_shape[1:]
        if len(size) != 2 or model.output_shape[-1] != len(self._names):
            raise ValueError(
                f"model takes {model.input_shape} and gives {model.output_shape}: pictures and one logit for each of "
                f"the {len(self._names)} class_names are expected."
            )
        self._size, self._channels = tuple(size), channels
        self._upload = widgets.FileUpload(accept=",".join(ENDINGS), multiple=False, description="Your picture")
        self._image = widgets.Image(format="png", layout={"width": f"{_SHOWN}px", "display": "none"})
        self._status = widgets.HTML(_said("No picture yet. It stays on the machine on which this notebook runs."))
        self._upload.observe(self._uploaded, "value")
        beside = widgets.HBox([self._image, self._status])
        self.widget = widgets.VBox([self._upload, beside])

    def ask(self, source) -> dict[str, float]:
        """Class → probability, the most probable first. source: a path, or an open binary file.

        Raises a ValueError that says in a few words why the picture can't be read.
        """
        picture = read_picture(source, self._size, self._channels, crop_to_aspect_ratio=True)
        logits = np.asarray(self._model.predict_on_batch(picture[None].astype(np.float32)))
        shares = softmax(logits)[0]
        said = {self._names[i]: float(shares[i]) for i in np.argsort(-shares)}
        self._show(picture, said)
        return said

    def __repr__(self):
        return f"PictureUpload({', '.join(self._names)})"

    def _repr_mimebundle_(self, **options):
        return {**view(self.widget), "text/plain": f"{self!r}: run this cell to upload a picture of your own."}

    def _uploaded(self, change):
        try:
            if change["new"]:
                self.ask(_content(change["new"]))
        except Exception as error:  # a callback's exception would vanish
            self._image.layout.display = "none"
            self._status.value = _said(html.escape(f"This can't be shown to the network: {error}."))

    def _show(self, picture, said):
        file = io.BytesIO()
        Image.fromarray(picture.squeeze(-1) if picture.shape[-1] == 1 else picture).save(file, "PNG")
        self._image.value, self._image.layout.display = file.getvalue(), None
        rows = "".join(
            f'<div>{html.escape(name)} {share:.0%}<div style="background:#009E73;height:6px;width:{200 * share:.0f}px">'
            "</div></div>"
            for name, share in list(said.items())[:_TOP]
        )
        note = "It knows these classes only, and always names one of them."
        self._status.value = _said(f"{rows}<i>As the network sees it, cut and scaled. {note}</i>")


def _content(value):
    """The file in what an upload button holds: a tuple of dicts, or a dict by name in ipywidgets 7."""
    one = next(iter(value.values())) if isinstance(value, dict) else value[0]
    name = one.get("name") or one.get("metadata", {}).get("name", "")
    content = bytes(one["content"])
    if not str(name).lower().endswith(ENDINGS):
        raise ValueError(f"{name!r} isn't a picture by its name ({', '.join(ENDINGS)})")
    if len(content) > MOST_BYTES:
        raise ValueError(f"{len(content) / 1e6:.0f} MB are more than {MOST_BYTES // 1_000_000}")
    return io.BytesIO(content)


def _said(text):
    return f'<div role="status" aria-live="polite" style="line-height:1.35;margin-left:8px">{text}</div>'
