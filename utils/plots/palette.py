"""Few colours for a stream of pictures: chosen for one of them, and kept as long as they suit the next."""

import numpy as np
from PIL import Image

_BITS = 5  # of each of red, green and blue that tell colours apart
_FAR = 40.0  # from a colour to the nearest that was chosen, of 255 in each of red, green and blue
_UNKNOWN = 255  # in the table


class Palette:
    """Colours that were chosen for a picture, and a table of which of them is nearest to each colour met since.

    Choosing takes several milliseconds, looking up one. Colours are chosen again where a picture has one that is far
    from all of them.

    Args:
        colours: The most colours, up to 255.
    """

    def __init__(self, colours: int):
        self._colours, self._chosen = colours, np.zeros((0, 3), np.float32)
        self._table = np.full(1 << 3 * _BITS, _UNKNOWN, np.uint8)

    def apply(self, pixels: np.ndarray) -> Image.Image:
        """The picture in few colours.

        Args:
            pixels: (height, width, 4), red, green, blue and an alpha that is left out, from 0 to 255.
        """
        keys = _keys(pixels)
        numbers = self._table[keys]
        if numbers.max() == _UNKNOWN:
            unknown = _distinct(keys[numbers == _UNKNOWN])
            if not self._learn(unknown, _FAR):
                self._choose(pixels)
                self._learn(_distinct(keys), np.inf)
            numbers = self._table[keys]
        picture = Image.fromarray(numbers)
        picture.putpalette(self._chosen.astype(np.uint8).tobytes())
        return picture

    def _choose(self, pixels):
        picture = Image.fromarray(pixels).convert("RGB")
        chosen = picture.quantize(self._colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        self._chosen = np.array(chosen.getpalette(), np.float32).reshape(-1, 3)
        self._table[:] = _UNKNOWN

    def _learn(self, keys, furthest):
        """Enter the nearest of the chosen colours for these keys; whether none is further away than this."""
        if not len(self._chosen):
            return False
        colours = np.stack([keys >> 10 & 31, keys >> 5 & 31, keys & 31], axis=1) * 8.0 + 4  # the middle of each
        distances = np.linalg.norm(colours[:, None] - self._chosen, axis=2)
        self._table[keys] = distances.argmin(axis=1)
        return bool(distances.min(axis=1).max() <= furthest)


def _keys(pixels):
    """The colour of each pixel as a number, without the last bits of each part."""
    whole = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    return (whole & 0xF8) << 7 | whole >> 6 & 0x3E0 | whole >> 19 & 0x1F


def _distinct(keys):
    """The keys, each once; sorting them would take longer."""
    met = np.zeros(1 << 3 * _BITS, bool)
    met[keys] = True
    return np.flatnonzero(met)
