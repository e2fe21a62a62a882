"""One picture file, whoever wrote it: what it is comes from its content, and what is too large isn't read."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")  # those that keras.utils.image_dataset_from_directory reads
LARGEST_FILE = 50_000_000  # bytes
LARGEST_PICTURE = 25_000_000  # pixels, once unpacked: a small file may unfold to fill the memory
_FORMATS = ("BMP", "GIF", "JPEG", "PNG")  # what the content must be, whatever the ending says: few decoders, few holes
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by channels


def read_picture(source, size: tuple[int, int], channels: int = 3, crop_to_aspect_ratio: bool = False) -> np.ndarray:
    """One picture as uint8 (height, width, channels). source: a path, or an open binary file.

    A ValueError says in a few words why it can't be read.
    """
    try:
        if _bytes_of(source) > LARGEST_FILE:
            raise ValueError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB")
        with warnings.catch_warnings(), Image.open(source, formats=_FORMATS) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture.draft(None, (2 * size[1], 2 * size[0]))  # a large JPEG is unpacked at a half, a quarter, an eighth
            if picture.width * picture.height > LARGEST_PICTURE:
                raise ValueError(f"{picture.width:,} × {picture.height:,} pixels are too many")
            picture = _flattened(_upright(picture)).convert(MODES[channels])
            wanted = size[1], size[0]
            if crop_to_aspect_ratio:
                picture = ImageOps.fit(picture, wanted, Image.Resampling.BILINEAR)
            elif picture.size != wanted:
                picture = picture.resize(wanted, Image.Resampling.BILINEAR)
            return np.asarray(picture, np.uint8).reshape(*size, channels)
    except UnidentifiedImageError:
        raise ValueError("no picture, or a damaged one") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError("too many pixels") from None
    except ValueError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise ValueError(f"damaged: {error}") from None


def _bytes_of(source):
    if isinstance(source, str | Path):
        return Path(source).stat().st_size
    at, end = source.tell(), source.seek(0, 2)
    source.seek(at)
    return end - at


def _upright(picture):
    """Turned as the camera was held, where it says so in a way that can be read."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # an odd tag among the others is no reason to do without the picture
        return picture


def _flattened(picture):
    """Without transparency: what is seen through becomes white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture)
    if picture.mode.startswith("I;16") or picture.mode == "I":  # 16 bits of grey, which Pillow would cut off at 255
        values = np.asarray(picture, np.float32) / 257
        return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))
    return picture
