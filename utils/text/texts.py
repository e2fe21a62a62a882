"""Short texts with a label each, in three parts; and how a table of them is read."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from utils.tasks.task import PARTS

LONGEST = 2_000  # characters of one text; a review is a few hundred
MOST_CLASSES = 20


@dataclass(frozen=True, eq=False)
class TextTask:
    """A classification of texts, in three parts that share no text.

    `texts_*` are tuples of str; `y_*` are int32 of shape (N,), the position of the class in `class_names`.
    """

    name: str
    texts_train: tuple[str, ...]
    y_train: np.ndarray
    texts_validation: tuple[str, ...]
    y_validation: np.ndarray
    texts_test: tuple[str, ...]
    y_test: np.ndarray
    class_names: tuple[str, ...]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def __repr__(self):
        sizes = " / ".join(f"{len(getattr(self, f'texts_{part}')):,}" for part in PARTS)
        return f"TextTask({self.name!r}: {', '.join(self.class_names)}, {sizes} {'/'.join(PARTS)})"


def clean(text: str) -> str:
    """A text as every reader of it gets it: composed Unicode, single spaces, at most `LONGEST` characters.

    Any script and any emoji may stand in it. Raises ValueError where nothing is left to read.
    """
    if not isinstance(text, str):
        raise ValueError(f"text={text!r} is not allowed: give a str.")
    found = " ".join(unicodedata.normalize("NFC", text).split())
    if not found:
        raise ValueError("text='' is not allowed: give at least one character that isn't a space.")
    return found[:LONGEST].rstrip()


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


def text_task(name: str, table: pd.DataFrame, parts: np.ndarray, class_names: tuple[str, ...]) -> TextTask:
    """A `TextTask` of a frame with the columns "text" and "label"; parts: for each row one of train, validation, test.

    Raises ValueError where a text stands in two parts, or a part lacks a class.
    """
    if table["text"].duplicated().any():
        again = table["text"][table["text"].duplicated()].iloc[0]
        raise ValueError(f"{name}: {again!r} stands there twice: keep one of them.")
    fields = {}
    for part in PARTS:
        rows = table[np.asarray(parts) == part]
        if missing := set(class_names) - set(rows["label"]):
            raise ValueError(f"{name}: there is no {sorted(missing)[0]!r} to {part} on: give more texts.")
        fields[f"texts_{part}"] = tuple(rows["text"])
        labels = np.array([class_names.index(label) for label in rows["label"]], np.int32)
        labels.setflags(write=False)
        fields[f"y_{part}"] = labels
    return TextTask(name=name, class_names=tuple(class_names), **fields)


def _row(path, line, text, label):
    name = label.strip()
    if name.lower() in ("", "nan", "null", "none"):
        raise ValueError(f"{Path(path).name}, line {line}: the label is missing: fill it in or leave the line out.")
    try:
        return clean(text), name
    except ValueError:
        raise ValueError(f"{Path(path).name}, line {line}: the text is empty: leave the line out.") from None
