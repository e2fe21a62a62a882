"""Short texts with labels, in three parts."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from utils.checks import check_kind, check_list, check_names, check_text
from utils.messages import given
from utils.tasks.task import PARTS

LONGEST = 2_000  # characters of one text; a review is a few hundred


@dataclass(frozen=True, eq=False)
class TextTask:
    """A classification of texts, in three parts that share no text.

    Attributes:
        name: Shown with the task.
        texts_train, texts_validation, texts_test: The texts of each part.
        y_train, y_validation, y_test: For each text the position of its class in `class_names`, int32 of shape (N,).
        class_names: The names of the classes.
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
    """Normalize a text: composed Unicode (NFC), single spaces, at most `LONGEST` characters.

    Args:
        text: Any script and any emoji are allowed.

    Returns:
        The normalized text.

    Raises:
        ValueError: For anything that isn't a str, or where nothing is left to read.
    """
    if not isinstance(text, str):
        raise ValueError(f"text={text!r} is not allowed: give a str.")
    normalized = " ".join(unicodedata.normalize("NFC", text).split())
    if not normalized:
        raise ValueError("text='' is not allowed: give at least one character that isn't a space.")
    return normalized[:LONGEST].rstrip()


def check_texts(name: str, value) -> list[str]:
    """The value as a list, if it is a list of texts with something to read in each."""
    texts = check_list(name, value, str, "give a list of texts")
    for number, text in enumerate(texts):
        if not text.strip():
            raise ValueError(f"{name}[{number}]={text!r} is not allowed: give a character that isn't a space.")
    return list(texts)


def text_task(name: str, table: pd.DataFrame, parts: np.ndarray, class_names: tuple[str, ...]) -> TextTask:
    """Make a `TextTask` from a table.

    Args:
        name: The task's name.
        table: N rows with the columns "text" and "label".
        parts: "train", "validation" or "test" for each row, (N,).
        class_names: The labels, in the order of the classes.

    Returns:
        The task.

    Raises:
        ValueError: Where a text occurs twice, or a part lacks a class.
    """
    check_text("name", name)
    check_kind("table", table, pd.DataFrame, "give a table with the columns 'text' and 'label'")
    if missing := {"text", "label"} - set(table.columns):
        raise ValueError(f"table has the columns {list(table.columns)}: {sorted(missing)[0]!r} is missing.")
    class_names = check_names("class_names", class_names, 2, "give the labels, in the order of the classes")
    parts = np.array(check_names("parts", parts, wanted=f"give one of {', '.join(PARTS)} for each row"), object)
    if len(parts) != len(table):
        raise ValueError(f"parts={given(parts)} is not allowed: give one for each of the table's {len(table)} rows.")
    if unknown := sorted(set(table["label"]) - set(class_names), key=str):
        raise ValueError(f"class_names={given(class_names)} is not allowed: {unknown[0]!r} is a label, too.")
    if table["text"].duplicated().any():
        duplicate = table["text"][table["text"].duplicated()].iloc[0]
        raise ValueError(f"{name}: {duplicate!r} occurs twice: keep one of them.")
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
