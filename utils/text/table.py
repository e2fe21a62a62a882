"""A table of texts that the reader brings."""

from pathlib import Path

import pandas as pd

from utils.text.texts import LONGEST, clean

MOST_CLASSES = 20


def read_table(path: str | Path, text: str = "text", label: str = "sentiment") -> pd.DataFrame:
    """Texts and labels from a CSV file of one's own, in UTF-8, with the columns named: a frame "text", "label".

    Labels are words or whole numbers, and come back as str. Texts are cleaned; one that is longer than `LONGEST`
    characters is cut, and the count of those is printed. Exact copies with the same label are dropped.

    Raises ValueError, with the line's number, where a column is missing, a text or label is empty, there is one class
    only or more than `MOST_CLASSES`, or one text has two labels.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{Path(path).name} can't be read as a CSV file in UTF-8: {error}") from None
    for column in (text, label):
        if column not in table:
            raise ValueError(
                f"{Path(path).name} has no column {column!r}, only {list(table.columns)}: say which to take, as in "
                "read_table(path, text=…, label=…)."
            )
    rows = [_row(path, line, *pair) for line, pair in enumerate(zip(table[text], table[label], strict=True), 2)]
    if cut := sum(len(" ".join(one.split())) > LONGEST for one in table[text]):
        print(f"{cut} of {len(table):,} texts are longer than {LONGEST:,} characters: the rest is left out.")
    found = pd.DataFrame(rows, columns=["text", "label"]).drop_duplicates(ignore_index=True)
    twice = found["text"][found["text"].duplicated()]
    if len(twice):
        raise ValueError(f"{Path(path).name} has two labels for {twice.iloc[0]!r}: keep one of them.")
    names = sorted(set(found["label"]))
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"{Path(path).name}: column {label!r} has {len(names)} different values, which is not allowed: give 2 to "
            f"{MOST_CLASSES} classes."
        )
    return found


def _row(path, line, text, label):
    name = label.strip()
    if name.lower() in ("", "nan", "null", "none"):
        raise ValueError(f"{Path(path).name}, line {line}: the label is missing: fill it in or leave the line out.")
    try:
        return clean(text), name
    except ValueError:
        raise ValueError(f"{Path(path).name}, line {line}: the text is empty: leave the line out.") from None
