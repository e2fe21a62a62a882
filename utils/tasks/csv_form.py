"""The form of a CSV file as spreadsheets write it: its encoding, its separator, and the sign for decimals."""

import codecs
from pathlib import Path

from utils.checks import check_path

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PACKED = (".bz2", ".gz", ".tar", ".xz", ".zip", ".zst")
_CHUNK = 1 << 20  # bytes


def csv_form(path: str | Path) -> dict[str, str]:
    """The arguments with which `pandas.read_csv` reads a file.

    Args:
        path: The file. Its columns are separated by commas, semicolons or tabs, whichever the first line has most of;
            it is in UTF-8, in UTF-16 with a mark at its beginning, or else in Windows-1252.

    Returns:
        `encoding`, `sep` and `decimal`: a comma, where columns aren't separated by commas.

    Raises:
        ValueError: For a packed file.
    """
    if check_path("path", path).suffix.lower() in _PACKED:
        raise ValueError(f"path={str(path)!r} is not allowed: it is packed; unpack it first.")
    with open(path, "rb") as file:
        start = file.read(4)
    encoding = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if encoding is None:
        encoding = "utf-8" if _is_utf8(path) else "cp1252"
    with open(path, encoding=encoding, errors="replace") as file:
        separator = max(",;\t", key=file.readline().count)
    return {"encoding": encoding, "sep": separator, "decimal": "." if separator == "," else ","}


def _is_utf8(path):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
