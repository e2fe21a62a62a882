"""The page of all figures: without pyplot, so that threads may draw, and shown by every notebook as PNG."""

import base64
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from utils.checks import check_kind
from utils.messages import refusal
from utils.plots.arguments import check_scale
from utils.plots.style import DOTS_PER_INCH


class Page(Figure):
    """A figure that shows itself in a notebook, with a background of its own for dark themes.

    Args:
        pixels: Width and height on the screen.
        scale: Dots per pixel; 2 for a sharp picture, 1 for a quick one.

    Attributes:
        description: What there is to see, for readers who can't see the picture.
    """

    def __init__(self, pixels: tuple[int, int], scale: float = 2):
        scale = check_scale(scale)
        size = (pixels[0] / DOTS_PER_INCH, pixels[1] / DOTS_PER_INCH)
        super().__init__(figsize=size, dpi=DOTS_PER_INCH * scale, facecolor="white")
        FigureCanvasAgg(self)
        self._pixels = pixels
        self.description = ""

    def add_axes(self, box, **options):
        """Add axes in a box.

        Args:
            box: Left, bottom, width and height, as fractions of the page.
            **options: As for any figure.

        Raises:
            ValueError: Where names and labels leave no room for them on so small a page.
        """
        if isinstance(box, tuple) and min(box[2:]) <= 0:
            wanted = "give more, since names and labels leave no room for the curves"
            raise ValueError(refusal("pixels", self._pixels, wanted))
        return super().add_axes(box, **options)

    def draw(self, renderer) -> None:
        """Draw it, with names and labels as they are written: two dollar signs in a name make no formula."""
        for text in self.findobj(Text):
            text.set_parse_math(False)
        super().draw(renderer)

    def _repr_mimebundle_(self, **options):
        width, height = self._pixels
        picture = base64.b64encode(png(self)).decode()
        bundle = {"image/png": picture, "text/plain": self.description or repr(self)}
        return bundle, {"image/png": {"width": width, "height": height}}


def png(figure: Figure) -> bytes:
    """The whole figure as a PNG file."""
    check_kind("figure", figure, Figure, "give a figure")
    figure.canvas.draw()
    return encode(figure.canvas, colors=256, effort=9)


def stand_still(figure) -> None:
    """Draw the moving artists of a live figure with everything else, for a picture that doesn't change."""
    for artist in figure.moving:
        artist.set_animated(False)


def encode_jpeg(canvas: FigureCanvasAgg) -> bytes:
    """The content of a canvas as a JPEG file: for pictures full of shades it takes a tenth of the time."""
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=82)
    return file.getvalue()


def encode(canvas: FigureCanvasAgg, colors: int, effort: int = 4) -> bytes:
    """The content of a canvas as a PNG file.

    Args:
        canvas: A canvas that has been drawn.
        colors: The most colors; fewer make the file smaller.
        effort: From 1 to 9; more takes longer and makes the file smaller.
    """
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    picture = picture.convert("RGB").quantize(colors, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=effort)
    return file.getvalue()
