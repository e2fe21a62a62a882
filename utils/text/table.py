"""A table of the reader's own texts."""

from pathlib import Path

import pandas as pd

from utils.checks import check_text
from utils.tasks.csv_form import csv_form, csv_problem
from utils.text.texts import LONGEST, clean

MOST_CLASSES = 20


def read_table(path: str | Path, text: str = "text", label: str = "sentiment") -> pd.DataFrame:
    """Read texts and labels from a CSV file whose first line names the columns.

    It can be separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252, as spreadsheets write it.

    Texts are cleaned; one that is longer than `LONGEST` characters is cut, and the number of those is printed. Exact
    copies with the same label are dropped.

    Args:
        path: The file.
        text: The name of the column of texts.
        label: The name of the column of labels, which are words or whole numbers.

    Returns:
        A table with the columns "text" and "label", both str.

    Raises:
        ValueError: Where a column is missing, a text or label is empty (with the line's number), there is only one
            class or more than `MOST_CLASSES`, or a text has two labels.
    """
    check_text("text", text)
    check_text("label", label)
    form = csv_form(path)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, **form)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{Path(path).name} can't be read as a CSV file: {csv_problem(error)}.") from None
    for column in (text, label):
        if column not in table:
            raise ValueError(
                f"{Path(path).name} has no column {column!r}, only {list(table.columns)}: say which to take, as in "
                "read_table(path, text=…, label=…)."
            )
    pairs = enumerate(zip(table[text], table[label], strict=True), 2 + form["skiprows"])
    rows = [_row(path, line, *pair) for line, pair in pairs]
    if cut := sum(len(" ".join(value.split())) > LONGEST for value in table[text]):
        print(f"{cut} of {len(table):,} texts are longer than {LONGEST:,} characters: the rest is left out.")
    texts = pd.DataFrame(rows, columns=["text", "label"]).drop_duplicates(ignore_index=True)
    duplicates = texts["text"][texts["text"].duplicated()]
    if len(duplicates):
        raise ValueError(f"{Path(path).name} has two labels for {duplicates.iloc[0]!r}: keep one of them.")
    names = sorted(set(texts["label"]))
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"{Path(path).name}: column {label!r} has {len(names)} different values, which is not allowed: give 2 to "
            f"{MOST_CLASSES} classes."
        )
    return texts


def _row(path, line, text, label):
    name = label.strip()
    if name.lower() in ("", "nan", "null", "none"):
        raise ValueError(f"{Path(path).name}, line {line}: the label is missing: fill it in or remove the line.")
    try:
        return clean(text), name
    except ValueError:
        raise ValueError(f"{Path(path).name}, line {line}: the text is empty: remove the line.") from None
