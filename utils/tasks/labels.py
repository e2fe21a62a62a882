"""Labels: numbers, one-hot rows or texts become the columns of a head."""

import numbers

import numpy as np

_LEAST_PER_CLASS = 3  # one for each part


def labels_of(
    y: np.ndarray, name: str, columns: int | None, class_names: tuple[str, ...] | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels as int32 (N,), and the classes' names. The arguments are those of `task_from`."""
    if y.dtype.kind == "O":
        y = from_objects(y, name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2:
        if not is_one_hot(y):
            raise ValueError(f"{name}: y has rows of {y.shape[1]} that aren't one-hot (a single 1 each, else 0).")
        return _numbers(y.argmax(axis=1), name, columns or y.shape[1], class_names)
    if y.ndim != 1:
        raise ValueError(f"{name}: y has the shape {y.shape}; (N,) labels or (N, classes) one-hot rows are expected.")
    if y.dtype.kind in "SUO":
        return _texts(y, name, columns, class_names)
    if y.dtype.kind not in "fiub":
        raise ValueError(f"{name}: y holds {y.dtype}, and whole numbers or texts are expected.")
    if (invalid := y[(y != np.round(y)) | ~np.isfinite(y)] if y.dtype.kind == "f" else y[:0]).size:
        raise ValueError(f"{name}: y holds {invalid[0]:g}, which is no class: whole numbers are expected.")
    return _numbers(y.astype(np.int64), name, columns, class_names)


def is_one_hot(rows: np.ndarray) -> bool:
    """Whether each of the rows, (N, classes), has a single 1 and is 0 elsewhere."""
    return rows.dtype.kind in "fiub" and bool(np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all())


def from_objects(y: np.ndarray, name: str) -> np.ndarray:
    """Labels from an array of Python objects: numbers become an array of numbers, texts stay as they are."""
    import pandas as pd  # only here, so that tasks without such labels load quickly

    if (missing := pd.isna(y)).any():
        raise ValueError(
            f"{name}: y holds {y[missing][0]!r}, a missing label: leave such examples out, or give them a class."
        )
    if all(isinstance(value, numbers.Real | np.bool_) for value in y.flat):
        return np.array(y.tolist())
    return y


def _texts(y, name, columns, class_names):
    texts = [value.decode() if isinstance(value, bytes) else str(value) for value in y]
    known = sorted(set(texts)) if class_names is None else list(class_names)
    if unknown := sorted(set(texts) - set(known)):
        raise ValueError(f"{name}: y holds {unknown[0]!r}, which isn't in class_names={tuple(known)}.")
    if columns is not None and len(known) != columns:
        raise ValueError(
            f"{name}: y holds {len(known)} texts, and the head has {columns} columns: give class_names, one text for "
            "each column in its order."
        )
    positions = {text: i for i, text in enumerate(known)}
    return np.array([positions[text] for text in texts], np.int32), tuple(known)


def _numbers(y, name, columns, class_names):
    if columns is None:
        if class_names is None:
            values, positions = np.unique(y, return_inverse=True)
            return positions.astype(np.int32), tuple(map(str, values))
        columns = len(class_names)
    if class_names is not None and len(class_names) != columns:
        raise ValueError(f"{name}: {len(class_names)} class_names, and {columns} classes: give a name to each.")
    if y.min() < 0 or y.max() >= columns:
        invalid = y.max() if y.max() >= columns else y.min()
        hint = " Do they begin with 1? Then give y - 1." if y.min() == 1 and y.max() == columns else ""
        raise ValueError(f"{name}: y holds {invalid}, which is out of range: 0 to {columns - 1} are the classes.{hint}")
    names = range(columns) if class_names is None else class_names
    return y.astype(np.int32), tuple(map(str, names))


def check_classes(labels: np.ndarray, class_names: tuple[str, ...], name: str, note: str = "") -> None:
    """Check that there are two classes or more, each with an example for every part; `note` says what was left out."""
    left_out = f" ({note})" if note else ""
    counts = np.bincount(labels, minlength=len(class_names))
    present = np.flatnonzero(counts)
    if len(present) < 2:
        one = class_names[present[0]]
        raise ValueError(f"{name}: y holds one class ({one!r}){left_out}; at least two are needed.")
    if few := [class_names[i] for i in present if counts[i] < _LEAST_PER_CLASS]:
        raise ValueError(
            f"{name}: class {few[0]!r} has fewer than {_LEAST_PER_CLASS} different examples{left_out}, too few for "
            "train, validation and test: give more of them, or leave the class out."
        )
