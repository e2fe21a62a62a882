"""Pictures from a CSV file with a picture per row."""

import itertools
import math
import re
from pathlib import Path

import numpy as np

from utils.checks import check_path, check_sizes, check_whole_number
from utils.messages import given, refusal

from .csv_form import csv_form, csv_problem
from .folder import Pictures, check_room

LARGEST_CSV = 1_600_000_000  # bytes: some four to a pixel
_UNNAMED = re.compile(r"Unnamed: \d+(\.\d+)*")  # pandas's name for a column without one
_DECIMAL_COMMA = r"\s*\d+,(\d\d?|\d{4,})\s*"  # with three digits behind it, it may separate thousands


def pictures_from_csv(
    path: str | Path, shape: tuple[int, ...] | None = None, label: str | int = "label", most: int | None = None
) -> Pictures:
    """Read the pictures in a CSV file: one per row, with a column for the class and columns for the pixels, 0 to 255.

    Columns are separated by commas, semicolons or tabs, whichever the first line has most of (see `csv_form`); those
    without a name before all others, as pandas saves the numbers of the rows, are left out. A row with a pixel that is
    no number from 0 to 255 is skipped, and named in the result.

    Args:
        path: The file.
        shape: (height, width) or (height, width, channels), pixels counted row by row; None for square and gray.
        label: The name of the class's column in the first line, or its position from 0 where no line has names.
        most: The most rows, from the first on; None for all.

    Raises:
        ValueError: Where there is no such file or column, it is too large, no row can be read, the pixels don't make
            that shape or are fractions of 1, or there are fewer than two classes.
    """
    named = isinstance(label, str)
    if not named:
        check_whole_number("label", label, wanted="give the name of a column, or its position")
    most = most if most is None else check_whole_number("most", most, 1, LARGEST_CSV)
    _check_csv(path, most)
    table, first = _read(path, label, most)
    labels = table[label].fillna("").to_numpy(str)
    cells = _without_index(table.drop(columns=label))
    pixels = cells.apply(_as_numbers).to_numpy(np.float32)
    shape = _shape_of(cells, pixels, shape)
    check_room(len(pixels), shape)
    valid = ((pixels >= 0) & (pixels <= 255)).all(axis=1) & (labels != "")  # NaN is in no range
    if not valid.any():
        raise ValueError(f"path={str(path)!r} is not allowed: {_why_none(cells, pixels, labels, first)}.")
    if pixels[valid].max() <= 1 and (pixels[valid] % 1).any():
        raise ValueError(
            f"path={str(path)!r} is not allowed: its pixels are fractions from 0 to 1, and 0 to 255 are expected: "
            "multiply them by 255 in the file."
        )
    skipped = tuple((f"line {row + first}", "a pixel isn't a number from 0 to 255, or the class is missing")
                    for row in np.flatnonzero(~valid))  # fmt: skip
    names, positions = np.unique(_numbers_or_texts(labels[valid]), return_inverse=True)
    if len(names) < 2:
        left_out = f" in the rows that can be read (not in {skipped[0][0]})" if skipped else ""
        raise ValueError(f"label={label!r} is not allowed: its column holds 1 class{left_out}, and two are needed.")
    images = pixels[valid].round().astype(np.uint8).reshape(-1, *shape)
    return Pictures(images, positions.astype(np.int32), tuple(map(_plain, names)), skipped)


def _read(path, label, most):
    """The table, and the number of the line of its first row."""
    import pandas as pd  # only here: it takes a second, and most tasks don't need it

    form = csv_form(path)
    header = 0 if isinstance(label, str) else None
    try:  # without "missing values": NA may be a class, and no pixel is a word
        table = pd.read_csv(
            path, header=header, nrows=most, dtype={label: str}, keep_default_na=False, low_memory=False, **form
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"path={str(path)!r} is not allowed: it isn't a CSV file ({csv_problem(error)}).") from None
    if label not in table.columns:
        columns = ", ".join(map(repr, list(table.columns)[:5]))
        raise ValueError(
            f"label={label!r} is not allowed: the columns are {columns}, …: give the name of the class's column, or "
            "its position, such as label=0, where the first line holds no names."
        )
    if not len(table):
        raise ValueError(f"path={str(path)!r} is not allowed: it has no row below the first line, which has the names.")
    return table, form["skiprows"] + (1 if header is None else 2)


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


def _without_index(cells):
    """Without what pandas saves as an index, and without an empty column behind a separator at the end of each line."""
    unnamed = [column for column in cells if _UNNAMED.fullmatch(str(column))]
    if len(unnamed) == cells.shape[1]:  # no pixel has a name
        return cells
    index = itertools.takewhile(lambda column: column in unnamed, cells)
    empty = (column for column in unnamed if (cells[column] == "").all())
    return cells.drop(columns=[*index, *empty])


def _as_numbers(column):
    """A column's cells as numbers, NaN for others; a decimal comma may stand where a cell is in quotation marks."""
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce")
    if values.isna().any():
        texts = column.astype(str)
        texts = texts.where(~texts.str.fullmatch(_DECIMAL_COMMA), texts.str.replace(",", "."))
        values = pd.to_numeric(texts, errors="coerce")
    return values


def _why_none(cells, pixels, labels, first):
    """Why no row can be read, from the first one."""
    wrong = np.flatnonzero(~((pixels[0] >= 0) & (pixels[0] <= 255)))
    if not len(wrong):
        return f"none of its {len(labels):,} rows can be read: in line {first} the class is missing"
    column, cell = cells.columns[wrong[0]], cells.iloc[0, wrong[0]]
    return (
        f"none of its {len(labels):,} rows can be read: line {first} has {given(cell)} in the column {column!r}, and a "
        "pixel is a number from 0 to 255; remove columns that hold no pixels, and write decimals with a point"
    )


def _numbers_or_texts(texts):
    """Labels as numbers if all of them are numbers, so that 10 comes after 9."""
    import pandas as pd

    values = pd.to_numeric(pd.Series(texts), errors="coerce")
    return texts if values.isna().any() else values.to_numpy()


def _plain(name):
    """A class's name: 3 where the file says 3.0."""
    return str(int(name)) if isinstance(name, float | np.floating) and float(name).is_integer() else str(name)


def _shape_of(cells, pixels, shape):
    count = pixels.shape[1]
    if shape is None:
        if not _is_square(count):
            hint = _hint(cells, pixels, _is_square)
            raise ValueError(f"shape=None is not allowed: {count:,} pixels make no square; give (height, width){hint}.")
        shape = math.isqrt(count), math.isqrt(count)
    wanted = f"give (height, width) or (height, width, channels); a row has {count:,} pixels"
    sizes = check_sizes("shape", shape, wanted, 2, 3)
    if math.prod(sizes) != count:
        raise ValueError(refusal("shape", shape, wanted + _hint(cells, pixels, lambda n: n == math.prod(sizes))))
    return sizes if len(sizes) == 3 else (*sizes, 1)


def _is_square(count):
    return count > 0 and math.isqrt(count) ** 2 == count


def _hint(cells, pixels, fits):
    """Names columns that seem to be no pixels, without which their number fits; else an empty text."""
    texts = [i for i in range(pixels.shape[1]) if np.isnan(pixels[:, i]).all()]
    numbered = [i for i in (0, pixels.shape[1] - 1) if i not in texts and _numbers_the_rows(pixels[:, i])]
    numbered.sort(key=lambda i: np.ptp(pixels[:, i]) >= len(pixels))  # without gaps first
    for found in (texts, *([*texts, i] for i in numbered)):
        if found and fits(pixels.shape[1] - len(found)):
            names = ", ".join(repr(cells.columns[i]) for i in found)
            return f", or remove what is no pixel, such as {names} (pandas saves no index with index=False)"
    return ""


def _numbers_the_rows(values):
    return len(values) > 1 and not (values % 1).any() and len(np.unique(values)) == len(values)
