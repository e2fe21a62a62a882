"""The form of a CSV file as spreadsheets write it: its encoding, its separator, and the sign for decimals."""

import codecs
import re
from pathlib import Path

from utils.checks import check_path
from utils.messages import reason

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PACKED = (".bz2", ".gz", ".tar", ".xz", ".zip", ".zst")
_CHUNK = 1 << 20  # bytes
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|:])"?\1*', re.IGNORECASE)  # the first line of a file for Excel
_TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


def csv_form(path: str | Path) -> dict[str, str | int]:
    """The arguments with which `pandas.read_csv` reads a file.

    Args:
        path: The file. Its columns are separated by commas, semicolons or tabs, whichever the first line has most of,
            or by what Excel's line `sep=;` says; it is in UTF-8, in UTF-16 with a mark at its beginning, or else in
            Windows-1252.

    Returns:
        `encoding`, `sep`, `decimal` (a comma, where columns aren't separated by commas), and `skiprows`: 1 where the
        first line names the separator, else 0.

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
        line = file.readline()
    said = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
    separator = said[1] if said else max(",;\t", key=line.count)
    decimal = "." if separator == "," else ","
    return {"encoding": encoding, "sep": separator, "decimal": decimal, "skiprows": int(said is not None)}


def csv_problem(error: Exception) -> str:
    """What pandas says of a file that it can't read, in one line."""
    if found := _TOO_MANY.search(str(error)):
        expected, line, seen = found.groups()
        return f"line {line} has {seen} cells, and {expected} are expected"
    return reason(error)


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
