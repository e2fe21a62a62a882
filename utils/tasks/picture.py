"""A picture file from any source: its format is taken from its content, and too large a file isn't read."""

import os
import stat
import warnings
from pathlib import Path

import numpy as np

# Those that keras.utils.image_dataset_from_directory reads, and four more of which people have files.
ENDINGS = (".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
LARGEST_FILE = 50_000_000  # bytes
LARGEST_PICTURE = 25_000_000  # pixels, once unpacked: a small file may unfold to fill the memory
# Allowed whatever the file's ending is: few decoders, few vulnerabilities.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by channels


def read_picture(source, size: tuple[int, int], channels: int = 3, crop_to_aspect_ratio: bool = False) -> np.ndarray:
    """Read a picture.

    Args:
        source: A path, or an open binary file.
        size: Height and width.
        channels: 3 for color, 1 for gray.
        crop_to_aspect_ratio: Whether to cut the edges off rather than stretch.

    Returns:
        uint8 (height, width, channels).

    Raises:
        ValueError: Where it can't be read; the message says why in a few words.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # only here: the labels of a task need no Pillow

    try:
        if isinstance(source, str | Path):
            _check_file(Path(source))
        if _file_size(source) > LARGEST_FILE:
            raise ValueError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB")
        with warnings.catch_warnings(), Image.open(source, formats=_FORMATS) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture.draft(None, (2 * size[1], 2 * size[0]))  # a large JPEG is decoded at a half, a quarter, an eighth
            if picture.width * picture.height > LARGEST_PICTURE:
                raise ValueError(f"{picture.width:,} × {picture.height:,} pixels are too many")
            picture = _without_transparency(_upright(picture)).convert(MODES[channels])
            width_and_height = size[1], size[0]
            if crop_to_aspect_ratio:
                picture = ImageOps.fit(picture, width_and_height, Image.Resampling.BILINEAR)
            elif picture.size != width_and_height:
                picture = picture.resize(width_and_height, Image.Resampling.BILINEAR)
            return np.asarray(picture, np.uint8).reshape(*size, channels)
    except UnidentifiedImageError:
        raise ValueError("no picture, or a damaged one") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError("too many pixels") from None
    except ValueError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise ValueError(f"damaged: {error}") from None


def _check_file(path):
    """Raise a ValueError for what is no file: opening a pipe, for one, would wait for what never comes."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(path)!r}") from None
    except (OSError, ValueError) as error:  # no right, too long a name, a character that no name can have
        raise ValueError(f"{str(path)!r} can't be opened: {getattr(error, 'strerror', None) or error}") from None
    if not stat.S_ISREG(mode):
        raise ValueError(f"{str(path)!r} is {'a folder' if stat.S_ISDIR(mode) else 'not an ordinary file'}")
    if not os.access(path, os.R_OK):
        raise ValueError(f"{str(path)!r} can't be opened: you have no permission to read it")


def _file_size(source):
    if isinstance(source, str | Path):
        return Path(source).stat().st_size
    position, end = source.tell(), source.seek(0, 2)
    source.seek(position)
    return end - position


def _upright(picture):
    """The picture turned as the camera was held, where the file says so readably."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a damaged tag is no reason to reject the picture
        return picture


def _without_transparency(picture):
    """The picture with white in place of what is transparent."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture)
    if picture.mode.startswith("I;16") or picture.mode == "I":  # 16 bits of gray, which Pillow would cut off at 255
        values = np.asarray(picture, np.float32) / 257
        return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))
    return picture
