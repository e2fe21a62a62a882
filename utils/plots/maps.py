"""Values as colored pictures, and many of them drawn at once."""

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist

COLORS = colormaps["PRGn"](np.linspace(0, 1, 256))  # which the color-blind can distinguish, too
_PACKED = np.rint(255 * COLORS).astype(np.uint8).view(np.uint32)[:, 0]  # four bytes as one number: quick to look up
_EDGE = np.array([120, 120, 120, 255], np.uint8).view(np.uint32)[0]  # gray: a map's frame


class Maps(Artist):
    """Pictures, dot by dot: far quicker than an image artist for each.

    Attributes:
        pieces: For each picture its left and lower edge in dots, and its bytes, (height, width, 4), lowest row first.
    """

    def __init__(self):
        super().__init__()
        self.pieces = []
        self.set(zorder=3, animated=True)

    def draw(self, renderer):
        """Draw the pictures, as matplotlib asks an artist to do."""
        context = renderer.new_gc()
        for left, bottom, picture in self.pieces:
            renderer.draw_image(context, left, bottom, picture)
        context.restore()


def color_numbers(values: np.ndarray) -> np.ndarray:
    """The positions in `COLORS`, 0 to 255, of values from -1 to 1."""
    return np.rint((np.clip(values, -1, 1) + 1) * 127.5).astype(np.uint8)


def framed_pictures(colors: np.ndarray) -> np.ndarray:
    """Pictures with a gray frame, bytes of shape (N, height, width, 4), from `color_numbers` (N, height, width)."""
    packed = np.ascontiguousarray(_PACKED[colors])
    packed[:, [0, -1]] = packed[:, :, [0, -1]] = _EDGE
    return packed.view(np.uint8).reshape(*colors.shape, 4)
