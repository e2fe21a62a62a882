"""The sheet that all figures are drawn on: no pyplot, so that threads may draw, and shown by every notebook as PNG."""

import base64
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from utils.plots.style import DOTS_PER_INCH


class Page(Figure):
    """A figure that shows itself in a notebook, with a background of its own for dark themes.

    pixels: width and height on the screen. scale: how many dots make a pixel; 2 for sharp, 1 for quick.
    description: what there is to see, in words; stands in for the picture where it can't be seen.
    """

    def __init__(self, pixels: tuple[int, int], scale: float = 2):
        size = (pixels[0] / DOTS_PER_INCH, pixels[1] / DOTS_PER_INCH)
        super().__init__(figsize=size, dpi=DOTS_PER_INCH * scale, facecolor="white")
        FigureCanvasAgg(self)
        self._pixels = pixels
        self.description = ""

    def _repr_mimebundle_(self, **options):
        width, height = self._pixels
        picture = base64.b64encode(png(self)).decode()
        shown = {"image/png": picture, "text/plain": self.description or repr(self)}
        return shown, {"image/png": {"width": width, "height": height}}


def png(figure: Figure) -> bytes:
    """The whole figure as a PNG file."""
    figure.canvas.draw()
    return encode(figure.canvas, colours=256, effort=9)


def encode_jpeg(canvas: FigureCanvasAgg) -> bytes:
    """What was drawn on a canvas as a JPEG file: for pictures full of shades it's made in a tenth of the time."""
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=82)
    return file.getvalue()


def encode(canvas: FigureCanvasAgg, colours: int, effort: int = 4) -> bytes:
    """What was drawn on a canvas as a PNG file of so many colours at most: fewer make it smaller.

    effort: from 1 to 9; more takes longer and makes it smaller.
    """
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    picture = picture.convert("RGB").quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=effort)
    return file.getvalue()
