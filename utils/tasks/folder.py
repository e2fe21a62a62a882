"""Pictures from the reader's own disk: a folder with a folder for each class, or a CSV file with a picture per row."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.checks import check_flag, check_path, check_sizes, check_whole_number, refusal, wrapped

from .csv_form import csv_form
from .picture import ENDINGS, MODES, read_picture
from .picture_files import files_of, folders, spread, unread
from .task_form import MOST_BYTES

LARGEST_CSV = 1_600_000_000  # bytes: some four to a pixel
MOST_SIDE = 10_000  # pixels of a picture, each way
_NAMED = 5  # files named in a sentence
_PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")
_UNREAD = "pictures of this kind aren't read; save it as jpg or png"


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures with their classes.

    Attributes:
        images: uint8 (N, height, width, channels), 0 to 255.
        labels: int32 (N,), positions in class_names.
        class_names: The names of the classes.
        skipped: For each file (or row) that couldn't be read, its name and why.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self):
        return len(self.images)

    def __repr__(self):
        """One or two sentences about what was read, and what wasn't."""
        height, width, channels = self.images.shape[1:]
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        each = ", ".join(f"{name} {count:,}" for name, count in zip(self.class_names, counts, strict=True))
        text = f"{len(self):,} pictures of {height} × {width} × {channels}: {each}."
        if self.skipped:
            named = "; ".join(f"{name} ({why})" for name, why in self.skipped[:_NAMED])
            more = len(self.skipped) - _NAMED
            text += f" {len(self.skipped):,} skipped: {named}{f'; and {more:,} more' if more > 0 else ''}."
        return text


def pictures_from_folder(
    folder: str | Path,
    size: tuple[int, int] = (96, 96),
    channels: int = 3,
    crop_to_aspect_ratio: bool = False,
    most_per_class: int | None = None,
    progress: Callable = iter,
) -> Pictures:
    """Read the pictures in a folder with one folder per class, as for `keras.utils.image_dataset_from_directory`.

    Classes are the folders' names in alphabetical order; deeper folders belong to their class. Files are bmp, gif
    (the first picture), jfif, jpeg, jpg, png, tif, tiff and webp; hidden files and others are ignored. Pictures that
    can't be read, such as heic, are skipped, and named in the result.

    Args:
        folder: The folder.
        size: Height and width to which every picture is scaled.
        channels: 3 for colour, 1 for grey. A grey picture is repeated, a coloured one turned grey; what is transparent
            becomes white.
        crop_to_aspect_ratio: Whether to cut the edges off rather than stretch.
        most_per_class: The most pictures of each class, spread evenly over its files; None for all.
        progress: Wraps the list of files while they are read, such as `utils.show_progress`.

    Raises:
        ValueError: Where there is no such folder, fewer than two classes, a class without a picture, or more pictures
            than fit into memory.
    """
    root = check_path("folder", folder)
    size, most_per_class = _check_form(size, channels, most_per_class)
    check_flag("crop_to_aspect_ratio", crop_to_aspect_ratio)
    if not root.is_dir():
        raise ValueError(f"folder={str(folder)!r} is not allowed: there is no such folder.")
    classes = sorted(folders(root))
    if len(classes) < 2:
        found = f"only {classes[0].name!r}" if classes else "none"
        raise ValueError(
            f"folder={str(folder)!r} is not allowed: it must hold a folder for each class, two or more, named like "
            f"the class; here is {found}."
        )
    if all(path.name.lower() in _PARTS for path in classes) and any(folders(path) for path in classes):
        raise ValueError(
            f"folder={str(folder)!r} is not allowed: {', '.join(path.name for path in classes)} are parts rather than "
            f"classes. Give one of them, such as {str(classes[0])!r}."
        )
    files = {path.name: spread(files_of(path), most_per_class) for path in classes}
    _check_room(sum(map(len, files.values())), (*size, channels))
    images, labels = [], []
    skipped = [(path.relative_to(root).as_posix(), _UNREAD) for of_class in classes for path in unread(of_class)]
    of_all = [(label, path) for label, paths in enumerate(files.values()) for path in paths]
    for label, path in wrapped(progress, of_all):
        try:
            images.append(read_picture(path, size, channels, crop_to_aspect_ratio))
            labels.append(label)
        except ValueError as error:
            skipped.append((path.relative_to(root).as_posix(), str(error)))
    if empty := [name for label, name in enumerate(files) if label not in labels]:
        failed = [f"{file} ({why})" for file, why in skipped if file.startswith(f"{empty[0]}/")]
        why = f"; {len(failed):,} couldn't be read, {failed[-1]}" if failed else ""
        raise ValueError(
            f"class {empty[0]!r} has no picture ({', '.join(ENDINGS)}){why}: put some into its folder, or remove it."
        )
    return Pictures(np.stack(images), np.array(labels, np.int32), tuple(files), tuple(skipped))


def pictures_from_csv(
    path: str | Path, shape: tuple[int, ...] | None = None, label: str | int = "label", most: int | None = None
) -> Pictures:
    """Read the pictures in a CSV file: one per row, with a column for the class and columns for the pixels, 0 to 255.

    Columns are separated by commas, semicolons or tabs, whichever the first line has most of (see `csv_form`); one that
    only numbers the rows is left out. A row with a pixel that is no number from 0 to 255 is skipped, and named in the
    result.

    Args:
        path: The file.
        shape: (height, width) or (height, width, channels), pixels counted row by row; None for square and grey.
        label: The name of the class's column in the first line, or its position from 0 where no line has names.
        most: The most rows, from the first on; None for all.

    Raises:
        ValueError: Where there is no such file or column, it is too large, the pixels don't make that shape or are
            fractions of 1, or there are fewer than two classes.
    """
    named = isinstance(label, str)
    if not named:
        check_whole_number("label", label, wanted="give the name of a column, or its position")
    most = most if most is None else check_whole_number("most", most, 1, LARGEST_CSV)
    _check_csv(path, most)
    import pandas as pd  # only here: it takes a second, and most tasks don't need it

    try:  # without "missing values": NA may be a class, and no pixel is a word
        table = pd.read_csv(
            path, header=0 if named else None, nrows=most, dtype={label: str}, keep_default_na=False,
            low_memory=False, **csv_form(path),
        )  # fmt: skip
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"path={str(path)!r} is not allowed: it's no CSV file ({error}).") from None
    if label not in table.columns:
        columns = ", ".join(map(repr, list(table.columns)[:5]))
        raise ValueError(
            f"label={label!r} is not allowed: the columns are {columns}, …: give the name of the class's column, or "
            "its position, such as label=0, where the first line holds no names."
        )
    first_column = table.columns[0]
    if str(first_column) == "Unnamed: 0" and (table[first_column] == np.arange(len(table))).all():
        table = table.drop(columns=first_column)  # the numbers of the rows, which pandas saves as an index
    pixels = table.drop(columns=label).apply(pd.to_numeric, errors="coerce").to_numpy(np.float32)
    shape = _shape_of(pixels.shape[1], shape)
    _check_room(len(pixels), shape)
    texts = table[label].fillna("").to_numpy(str)
    valid = ((pixels >= 0) & (pixels <= 255)).all(axis=1) & (texts != "")  # NaN is in no range
    if valid.any() and pixels[valid].max() <= 1 and (pixels[valid] % 1).any():
        raise ValueError(
            f"path={str(path)!r} is not allowed: its pixels are fractions from 0 to 1, and 0 to 255 are expected: "
            "multiply them by 255 in the file."
        )
    first = 2 if named else 1
    skipped = tuple((f"line {row + first}", "a pixel is no number from 0 to 255, or the class is missing")
                    for row in np.flatnonzero(~valid))  # fmt: skip
    names, labels = np.unique(_numbers_or_texts(texts[valid]), return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"label={label!r} is not allowed: its column holds {len(names)} class, and two are needed.")
    images = pixels[valid].round().astype(np.uint8).reshape(-1, *shape)
    return Pictures(images, labels.astype(np.int32), tuple(map(_plain, names)), skipped)


def _check_csv(path, most):
    file = check_path("path", path)
    if file.is_dir():
        raise ValueError(
            f"path={str(path)!r} is not allowed: it's a folder, and a CSV file is expected; `pictures_from_folder` "
            "reads a folder of pictures."
        )
    if not file.is_file():
        raise ValueError(f"path={str(path)!r} is not allowed: there is no such file.")
    if most is None and file.stat().st_size > LARGEST_CSV:
        raise ValueError(
            f"path={str(path)!r} is not allowed: the file is larger than {LARGEST_CSV // 1_000_000:,} MB; give most=…, "
            "the number of rows to read."
        )


def _numbers_or_texts(texts):
    """Labels as numbers if all of them are numbers, so that 10 comes after 9."""
    import pandas as pd

    values = pd.to_numeric(pd.Series(texts), errors="coerce")
    return texts if values.isna().any() else values.to_numpy()


def _plain(name):
    """A class's name: 3 where the file says 3.0."""
    return str(int(name)) if isinstance(name, float | np.floating) and float(name).is_integer() else str(name)


def _check_form(size, channels, most):
    wanted = "it must be 1 (grey) or 3 (colour)"
    if check_whole_number("channels", channels, wanted=wanted) not in MODES:
        raise ValueError(refusal("channels", channels, wanted))
    if most is not None:
        most = check_whole_number("most_per_class", most, 1, wanted="it must be a whole number from 1, or None")
    return check_sizes("size", size, "give height and width, such as (96, 96)", 2, most=MOST_SIDE), most


def _check_room(count, shape):
    size = count * math.prod(shape)
    if size > MOST_BYTES:
        raise ValueError(
            f"{count:,} pictures of {' × '.join(map(str, shape))} are {size / 1e6:,.0f} MB, more than "
            f"{MOST_BYTES / 1e6:,.0f}: make them smaller, or take fewer."
        )


def _shape_of(pixels, shape):
    if shape is None:
        side = round(pixels**0.5)
        if side * side != pixels:
            raise ValueError(f"shape=None is not allowed: {pixels:,} pixels make no square; give (height, width).")
        shape = side, side
    wanted = f"give (height, width) or (height, width, channels); a row has {pixels:,} pixels"
    sizes = check_sizes("shape", shape, wanted, 2, 3)
    if math.prod(sizes) != pixels:
        raise ValueError(refusal("shape", shape, wanted))
    return sizes if len(sizes) == 3 else (*sizes, 1)
