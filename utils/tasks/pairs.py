"""The pairs of tasks by name: what is learnt first, and what is learnt after it."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from .digits import digits
from .drawings import check_unlikeness, drawings
from .fashion import fashion, fashion_needs_network
from .task import Task, TaskPair


@dataclass(frozen=True)
class _Recipe:
    description: str
    old: Callable[[], Task]
    new: Callable[..., Task]
    classes: tuple[int, int]
    # Whether something must still be downloaded before the pair can be made.
    needs_network: Callable[[], bool] = lambda: False


# The first is the default.
_RECIPES = {
    "digits-drawings": _Recipe(
        "handwritten digits, then drawn shapes: as unlike digits as you set them; no download",
        digits,
        drawings,
        (10, 10),
    ),
    "digits-halves": _Recipe(
        "handwritten 0 to 4, then 5 to 9: alike; no download",
        lambda: digits(range(5)),
        lambda: digits(range(5, 10)),
        (5, 5),
    ),
    "digits-fashion": _Recipe(
        "handwritten digits, then pictures of clothes: unlike; one download of 30 MB",
        digits,
        fashion,
        (10, 10),
        fashion_needs_network,
    ),
    "fashion-digits": _Recipe(
        "pictures of clothes, then handwritten digits: unlike; one download of 30 MB",
        fashion,
        digits,
        (10, 10),
        fashion_needs_network,
    ),
}

PAIRS: dict[str, str] = {name: recipe.description for name, recipe in _RECIPES.items()}
DEFAULT_PAIR = next(iter(PAIRS))
WITH_UNLIKENESS = "digits-drawings"


def load_pair(name: str = DEFAULT_PAIR, unlikeness: float | None = None) -> TaskPair:
    """The TaskPair of this name, one of PAIRS; kept in memory, so that asking again costs nothing.

    `unlikeness`, from 0 to 1 (default 1), is for digits-drawings only: how unlike digits the drawings are.

    Raises ValueError for an unknown name or a wrong unlikeness, naming the field, the value and what is
    allowed; DownloadError where the pair needs files that can't be fetched.
    """
    check_pair(name)
    if name == WITH_UNLIKENESS:
        return _load(name, 1.0 if unlikeness is None else check_unlikeness(unlikeness))
    if unlikeness is not None:
        allowed = f"only {WITH_UNLIKENESS!r} has an unlikeness, {name!r} has none"
        raise ValueError(f"unlikeness={unlikeness!r} is not allowed: {allowed}.")
    return _load(name, None)


def needs_network(name: str) -> bool:
    """Whether loading this pair would download something now: False once it's kept on this machine."""
    check_pair(name)
    return _RECIPES[name].needs_network()


def class_counts(name: str) -> tuple[int, int]:
    """How many classes the old and the new task of this pair have; nothing is loaded for it."""
    check_pair(name)
    return _RECIPES[name].classes


def check_pair(name, unlikeness=None) -> None:
    """ValueError unless this is a name in PAIRS, and the unlikeness, where one is given, belongs to it."""
    if isinstance(name, str) and name in PAIRS:
        if unlikeness is not None and name != WITH_UNLIKENESS:
            raise ValueError(
                f"unlikeness={unlikeness!r} is not allowed with {name!r}: only {WITH_UNLIKENESS!r} has it."
            )
        if unlikeness is not None:
            check_unlikeness(unlikeness)
        return
    near = difflib.get_close_matches(str(name), PAIRS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"pair={name!r} is not allowed: it must be one of {', '.join(map(repr, PAIRS))}.{hint}")


# A few only: a reader who tries many settings of unlikeness must not fill the memory, 22 MB each.
@lru_cache(maxsize=6)
def _load(name, unlikeness) -> TaskPair:
    recipe = _RECIPES[name]
    if unlikeness is None:
        return TaskPair(name, recipe.old(), recipe.new(), recipe.description)
    description = f"{recipe.description} (unlikeness {unlikeness:g})"
    return TaskPair(name, recipe.old(), recipe.new(unlikeness), description)
